// `coffre roots`: the folders that are backed up.

import type { RootView } from "coffre-engine";
import type { Command } from "commander";
import { endWithReader, type RunCommand } from "../command-run.ts";
import { say } from "../language.ts";
import { showName } from "../printable.ts";
import { failedWith, readHome } from "../session.ts";

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
        if (result.roots.length === 0) frame.output.line(say("status", "no-folders"));
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
  for (const pattern of root.excludes) lines.push(say("status", "without", { pattern: showName(pattern) }));
  if (root.unwatched) lines.push(say("status", "unwatched"));
  if (root.unavailable !== null) lines.push(`  ${say("root", root.unavailable)}`);
  return lines;
}
