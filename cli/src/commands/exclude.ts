// `coffre exclude`: the patterns of a folder that is backed up.

import type { RootView } from "coffre-engine";
import type { Command } from "commander";
import { CommandFailed } from "../command-end.ts";
import type { CommandFrame, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { withHome } from "../home-session.ts";
import { say } from "../language.ts";
import { collect } from "../option-values.ts";
import { showName } from "../printable.ts";
import { failedWith, type Session } from "../session.ts";

interface ExcludeOptions {
  readonly remove?: readonly string[];
}

/** Adds the command to the program. */
export function addExclude(program: Command, run: RunCommand): void {
  const command = program
    .command("exclude")
    .argument("<root>", "the folder's name in the vault, as `coffre roots` lists it")
    .argument("[patterns...]", "what to leave out besides, as in .gitignore")
    .description("Leave out more of a folder, or less. Without patterns, say what is left out.")
    .option("--remove <glob>", "no longer leave out what this pattern matches; may be given many times", collect)
    .addHelpText(
      "after",
      helpText(`
What is left out from now on stays in the vault as it was backed up before.

Examples:
  coffre exclude work '*.log' 'cache/'
  coffre exclude work --remove '*.log'`),
    )
    .action(async (name: string, patterns: readonly string[], options: ExcludeOptions) => {
      await run(command, async (frame) => {
        const excludes = await withHome(frame, async (session) => {
          const root = await findRoot(session, (each) => each.name === name);
          if (root === null) throw failedWith("user-root-unknown");
          const unknown = options.remove?.find((pattern) => !root.excludes.includes(pattern));
          if (unknown !== undefined) {
            throw new CommandFailed(
              "user-pattern-unknown",
              say("folder", "pattern-unknown", { name: showName(name), pattern: showName(unknown) }),
            );
          }
          const known = patterns.filter((pattern) => root.excludes.includes(pattern));
          if (known.length > 0) frame.output.line(say("folder", "patterns-known", { patterns: listPatterns(known) }));
          const kept = root.excludes.filter((pattern) => options.remove?.includes(pattern) !== true);
          const next = [...kept, ...patterns.filter((pattern) => !kept.includes(pattern))];
          await session.must({ kind: "add-root", name, locator: root.locator, excludes: next });
          sayPatterns(frame, name, root.excludes, next);
          return next;
        });
        return { exitCode: 0, fields: { outcome: "ok", name, excludes } };
      });
    });
}

/** The first folder that is backed up and fits, or null. */
export async function findRoot(session: Session, fits: (root: RootView) => boolean): Promise<RootView | null> {
  return (await session.roots()).find(fits) ?? null;
}

/** Says what a folder's patterns are now, and which of them are new or gone. */
export function sayPatterns(
  { output }: CommandFrame,
  name: string,
  before: readonly string[],
  now: readonly string[],
): void {
  const came = now.filter((pattern) => !before.includes(pattern));
  const went = before.filter((pattern) => !now.includes(pattern));
  if (came.length > 0) output.line(say("folder", "patterns-new", { patterns: listPatterns(came) }));
  if (went.length > 0) output.line(say("folder", "patterns-gone", { patterns: listPatterns(went) }));
  output.line(
    now.length === 0
      ? say("folder", "patterns-none", { name: showName(name) })
      : say("folder", "patterns-now", { name: showName(name), patterns: listPatterns(now) }),
  );
}

function listPatterns(patterns: readonly string[]): string {
  return patterns.map((pattern) => showName(pattern)).join("  ");
}
