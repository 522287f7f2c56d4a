// `coffre verify`: whether the server can still prove that it has what it confirmed. What it lost is sent anew at once.

import type { View } from "coffre-engine";
import type { Command } from "commander";
import type { CommandFrame, CommandResult, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { withHome } from "../home-session.ts";
import { say } from "../language.ts";
import { showPlace } from "../place-text.ts";
import { showCount } from "../printable.ts";
import { failedWith, type Session } from "../session.ts";

type VerifyResult = Extract<View, { kind: "result"; ask: "verify" }>;

/** Adds the command to the program. */
export function addVerify(program: Command, run: RunCommand): void {
  const command = program
    .command("verify")
    .description("Have the server prove that it still has what this machine stored there.")
    .option("--all", "ask about every blob, and not about a sample")
    .addHelpText(
      "after",
      helpText(`
For every blob that it sends Coffre keeps a few questions that only who has its bytes can answer. A sample of 299 shows the
loss of one in a hundred in 95 of 100 cases. It needs no passphrase and downloads nothing. A backup asks by itself, once a
day. What was lost is named and sent anew. What a server lost and this machine lacks, only a restore or a drill can tell.

Exit code 0: all that was asked about is there. 3: some was not, and was sent anew.`),
    )
    .action(async (options: { all?: boolean }) => {
      await run(command, async (frame) => {
        return await withHome(frame, (session) => verify(frame, session, options.all === true));
      });
    });
}

async function verify(frame: CommandFrame, session: Session, all: boolean): Promise<CommandResult> {
  const { output } = frame;
  const result = await session.must({ kind: "verify", ...(all ? { all } : {}) });
  if (result.kind !== "result" || result.ask !== "verify") throw failedWith(null);
  for (const line of sayVerified(result)) output.line(line);
  for (const file of result.files) output.item("file", file);
  const { kind: _kind, ask: _ask, files: _files, ...fields } = result;
  if (result.bad === 0) return { exitCode: 0, fields };
  return { exitCode: 3, fields: { ...fields, healed: await sendAnew(frame, session) } };
}

/** Sends anew what was found to be lost or bad, and says so; true when all of it is synced again. */
export async function sendAnew({ output }: CommandFrame, session: Session): Promise<boolean> {
  output.note(say("verify", "healing"));
  const healed = await session.must({ kind: "backup", mode: "once" });
  const isHealed = healed.kind === "result" && healed.outcome === "ok";
  if (isHealed) output.line(say("verify", "healed"));
  return isHealed;
}

function sayVerified({ checked, of, bad, seenPermille, files }: VerifyResult): string[] {
  if (checked === 0) return [say("verify", "nothing")];
  const about = { checked: `${checked}`, of: showCount(of, "blob") };
  const percent = `${Math.floor(seenPermille / 10)}`;
  const head = bad === 0 ? say("verify", "checked", about) : say("verify", "bad", { ...about, bad: `${bad}` });
  const named = files.map(({ root, path }) => say("verify", "file", { place: showPlace(root, path) }));
  return [
    head,
    say("verify", "chance", { percent }),
    ...(named.length === 0 ? [] : [say("verify", "files"), ...named]),
  ];
}
