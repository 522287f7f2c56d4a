// `coffre add`: a folder that is backed up from now on.

import { realpathSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import type { Ended } from "../../../host-loop/src/index.ts";
import { CommandFailed, usage } from "../command-end.ts";
import type { CommandFrame, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { withHome } from "../home-session.ts";
import { locate, locatorOf } from "../host/names.ts";
import { findOwnFolder } from "../host/own-folders.ts";
import { say } from "../language.ts";
import { collect } from "../option-values.ts";
import { showName } from "../printable.ts";
import { failedWith, type Session } from "../session.ts";
import { findRoot, sayPatterns } from "./exclude.ts";

interface AddOptions {
  readonly name?: string;
  readonly exclude?: readonly string[];
}

/** Adds the command to the program. */
export function addAdd(program: Command, run: RunCommand): void {
  const command = program
    .command("add")
    .argument("<path>", "the folder")
    .description("Back up a folder from now on.")
    .option("--name <root>", "what to call it in the vault (default: the folder's name)")
    .option("--exclude <glob>", "leave out what matches, as in .gitignore; may be given many times", collect)
    .addHelpText(
      "after",
      helpText(`
Patterns are those of .gitignore: '*.tmp' anywhere, '/cache/' only at the top, '!keep.tmp' takes back. Added again with other
patterns, a folder has these alone; 'coffre exclude' adds some.

Examples:
  coffre add ~/Photos
  coffre add ~/work --name work --exclude node_modules/ --exclude '*.tmp'`),
    )
    .action(async (path: string, options: AddOptions) => {
      await run(command, async (frame) => {
        const folder = findFolder(path);
        const name = options.name ?? basename(resolve(path));
        if (name === "") throw usage(say("folder", "name-needed"));
        const before = await withHome(frame, async (session) => {
          refuseOwn(frame, folder);
          const known = await findRoot(session, (root) => root.name === name && root.locator === folder);
          // Without patterns the folder's own stay: who adds it again wants it backed up, not more of it.
          const excludes = options.exclude ?? known?.excludes ?? [];
          const result = await session.ask({ kind: "add-root", name, locator: folder, excludes });
          if (result.kind !== "result" || result.outcome === "failed")
            throw await describeRefusal(session, result, folder);
          return known;
        });
        if (before !== null) {
          frame.output.line(say("folder", "known", { name: showName(name), folder: showName(folder) }));
          sayPatterns(frame, name, before.excludes, options.exclude ?? before.excludes);
        } else {
          frame.output.line(
            say("folder", "added", { name: showName(name), folder: showName(folder), next: sayNext(frame) }),
          );
        }
        const leftOut = [homeLocator(frame)].filter((home) => isBelow(home, folder));
        for (const home of leftOut) frame.output.line(say("folder", "home-left-out", { home: showName(home) }));
        return { exitCode: 0, fields: { outcome: "ok", name, locator: folder, isNew: before === null, leftOut } };
      });
    });
}

function sayNext({ home }: CommandFrame): string {
  if (home.readPairing() !== null) return say("folder", "next-backup");
  return say("folder", "next-vault");
}

/** Why the engine took no folder, with the other folder where there is one. */
async function describeRefusal(session: Session, result: Ended, folder: string): Promise<CommandFailed> {
  const failed = failedWith(result.kind === "result" ? result.code : null);
  if (failed.code !== "user-root-overlaps") return failed;
  const other = await findRoot(session, ({ locator }) => isBelow(folder, locator) || isBelow(locator, folder));
  if (other === null) return failed;
  const key = isBelow(folder, other.locator) ? "lies-in" : "holds";
  const words = say("folder", key, { other: showName(other.locator), name: showName(other.name) });
  return new CommandFailed(failed.code, words);
}

function isBelow(inner: string, outer: string): boolean {
  return `${inner}/`.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}

/** Coffre's own files change with every backup: a folder of them would grow for ever. */
function refuseOwn(frame: CommandFrame, folder: string): void {
  const own = folder === homeLocator(frame) ? folder : findOwnFolder(locate(folder, ""));
  if (own === null) return;
  const words = own === folder ? say("folder", "own") : say("folder", "in-own", { own: showName(own) });
  throw new CommandFailed("user-root-own", words);
}

function homeLocator({ home }: CommandFrame): string {
  return locatorOf(realpathSync(home.folder, "buffer"));
}

/** The locator of a folder that is there. */
function findFolder(path: string): string {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    throw usage(say("folder", "not-there", { path: showName(path) }));
  }
  if (!isFolder) throw usage(say("folder", "not-a-folder", { path: showName(path) }));
  return locatorOf(realpathSync(path, "buffer"));
}
