// `coffre roots`: the folders that are backed up.

import type { RootView } from "coffre-engine";
import type { Command } from "commander";
import { endWithReader, type RunCommand } from "../command-run.ts";
import { showName } from "../printable.ts";
import { failedWith, readHome } from "../session.ts";

const UNAVAILABLE: Record<NonNullable<RootView["unavailable"]>, string> = {
  permission: "may not be read by this user",
  io: "cannot be read from the disk",
  vanished: "is not there now",
  "not-a-folder": "is no folder any more",
  "too-long": "has a path that is too long for this system",
  replaced: "is another folder than before: `coffre gone` says that what was in it is gone, if that is right",
};

/** Adds the command to the program. */
export function addRoots(program: Command, run: RunCommand): void {
  const command = program
    .command("roots")
    .description("List the folders that are backed up.")
    .action(async () => {
      await run(command, async (frame) => {
        endWithReader(frame);
        const result = await readHome(frame.home, { kind: "roots" });
        if (result === null || result.kind !== "result" || result.ask !== "roots") throw failedWith("user-not-paired");
        if (result.roots.length === 0) frame.output.line("No folders yet: `coffre add PATH` adds one.");
        for (const root of result.roots) {
          frame.output.item("root", root);
          for (const line of sayRoot(root)) frame.output.line(line);
        }
        return { exitCode: 0, fields: { outcome: "ok", roots: result.roots.length } };
      });
    });
}

/** A root in words: where it is, what is left out, and what is wrong with it. */
export function sayRoot(root: RootView): string[] {
  const lines = [`${showName(root.name)}  ${showName(root.locator)}`];
  for (const pattern of root.excludes) lines.push(`  without ${showName(pattern)}`);
  if (root.unwatched) lines.push("  not every change is noticed at once; the next look at everything finds the rest");
  if (root.unavailable !== null) lines.push(`  ${UNAVAILABLE[root.unavailable]}`);
  return lines;
}
