// `coffre drill`: whether what the server has can be restored, tried on a sample without writing anything.

import type { View } from "coffre-engine";
import type { Command } from "commander";
import type { CommandFrame, CommandResult, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { withHome } from "../home-session.ts";
import { say } from "../language.ts";
import { withOwnVault } from "../owner-session.ts";
import { showPlace } from "../place-text.ts";
import { showCount } from "../printable.ts";
import type { VaultOptions } from "../restore-session.ts";
import { addServerOptions, addWordsOptions } from "../server-options.ts";
import { describeUnpaired, failedWith, readHome } from "../session.ts";
import { ownDevice } from "./device-changes.ts";
import { sendAnew } from "./verify.ts";

type DrillResult = Extract<View, { kind: "result"; ask: "drill" }>;

/** Adds the command to the program. */
export function addDrill(program: Command, run: RunCommand): void {
  const command = program
    .command("drill")
    .description(
      "Try a restore: fetch and open a sample of this machine's files, and compare them. Needs the passphrase.",
    );
  addServerOptions(addWordsOptions(command), "from-home")
    .addHelpText(
      "after",
      helpText(`
Up to 50 files, chosen at random, are fetched as a restore fetches them, opened, and compared with those on this machine;
nothing is written. It finds what verify cannot: bytes that were altered anywhere, and keys that do not open. What could not
be had is named, and sent anew.

Exit code 0: all that was tried is whole. 3: some was not, and was sent anew.`),
    )
    .action(async (options: VaultOptions) => {
      await run(command, async (frame) => {
        const device = await ownDevice(frame);
        if (device === null) throw await describeUnpaired(frame.home);
        const roots = await readHome(frame.home, { kind: "roots" });
        const known = roots?.kind === "result" && roots.ask === "roots" ? roots.roots : [];
        let found: DrillResult | null = null;
        await withOwnVault(frame, options, async (session) => {
          const places = known.map(({ name, locator }) => ({ name, locator }));
          const result = await session.must({ kind: "drill", device, roots: places });
          if (result.kind === "result" && result.ask === "drill") found = result;
          return { exitCode: 0 };
        });
        if (found === null) throw failedWith(null);
        return await finish(frame, found);
      });
    });
}

async function finish(frame: CommandFrame, result: DrillResult): Promise<CommandResult> {
  const { output } = frame;
  const { checked, of, bad, differing, files, blobs, outcome } = result;
  const about = { checked: `${checked}`, of: showCount(of, "file"), bad: `${bad}` };
  output.line(say("verify", of === 0 ? "drilled-nothing" : bad === 0 ? "drilled" : "drilled-bad", about));
  if (differing > 0) output.line(say("verify", "drilled-differing", { files: showCount(differing, "file") }));
  for (const file of files) {
    output.item("file", file);
    output.line(say("verify", "file", { place: showPlace(file.root, file.path) }));
  }
  const fields = { outcome, checked, of, bad, differing };
  return await withHome(frame, async (session) => {
    if (checked > 0) await session.must({ kind: "drilled", checked, of, bad, blobs });
    if (bad === 0) return { exitCode: 0, fields };
    return { exitCode: 3, fields: { ...fields, healed: await sendAnew(frame, session) } };
  });
}
