// `coffre add`: a folder that is backed up from now on.

import { realpathSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { usage } from "../command-end.ts";
import { type RunCommand, showTrouble, showWork } from "../command-run.ts";
import { locatorOf } from "../host/names.ts";
import { NO_PASSPHRASE } from "../host/passphrase-source.ts";
import { showName } from "../printable.ts";
import { withSession } from "../session.ts";

interface AddOptions {
  readonly name?: string;
  readonly exclude: readonly string[];
}

/** Adds the command to the program. */
export function addAdd(program: Command, run: RunCommand): void {
  const command = program
    .command("add")
    .argument("<path>", "the folder")
    .description("Back up a folder from now on.")
    .option("--name <root>", "what to call it in the vault (default: the folder's name)")
    .option("--exclude <glob>", "leave out what matches, as in .gitignore; may be given many times", collect, [])
    .addHelpText(
      "after",
      `
Patterns are those of .gitignore: '*.tmp' anywhere, '/cache/' only at the top, '!keep.tmp' takes back.

Examples:
  coffre add ~/Photos
  coffre add ~/work --name work --exclude node_modules/ --exclude '*.tmp'`,
    )
    .action(async (path: string, options: AddOptions) => {
      await run(command, async (frame) => {
        const folder = findFolder(path);
        const name = options.name ?? basename(resolve(path));
        if (name === "") throw usage("Choose a name with --name.");
        const onView = (view: Parameters<typeof showWork>[1]): void => showWork(frame, view);
        const onTrouble = (message: string): void => showTrouble(frame, message);
        const parts = { home: frame.home, role: "backup", passphrases: NO_PASSPHRASE, onView, onTrouble } as const;
        await withSession(parts, async (session) => {
          await session.must({ kind: "add-root", name, locator: folder, excludes: options.exclude });
        });
        frame.output.line(`Added ${showName(name)} (${showName(folder)}). The next \`coffre backup\` begins with it.`);
        return { exitCode: 0, fields: { outcome: "ok", name, locator: folder } };
      });
    });
}

/** The locator of a folder that is there. */
function findFolder(path: string): string {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch {
    throw usage(`There is no folder at ${showName(path)}, or it may not be read.`);
  }
  if (!isFolder) throw usage(`${showName(path)} is not a folder.`);
  return locatorOf(realpathSync(path, "buffer"));
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
