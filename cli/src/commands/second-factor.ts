// `coffre second-factor on|off`: whether a login needs a code beside the passphrase or the words.

import type { Command } from "commander";
import encodeQR from "qr";
import { CommandFailed } from "../command-end.ts";
import type { CommandFrame, CommandResult, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { say } from "../language.ts";
import { withOwnVault } from "../owner-session.ts";
import { askLine } from "../questions.ts";
import { ACCEPT_OLDER, type VaultOptions } from "../restore-session.ts";
import { addServerOptions, addWordsOptions } from "../server-options.ts";
import { failedWith, type Session } from "../session.ts";

const TRIES = 3;
/** Modules of quiet around a code (ISO/IEC 18004 §9.1). */
const QUIET_MODULES = 4;

interface OnOptions extends VaultOptions {
  readonly confirm?: string;
}

/** Adds the command to the program. */
export function addSecondFactor(program: Command, run: RunCommand): void {
  const factor = program
    .command("second-factor")
    .description("Ask for a code at every login to the vault, or no more.");
  const on = factor
    .command("on")
    .description("Enrol an authenticator (TOTP): a picture to scan, and recovery codes that are shown once.")
    .option("--confirm <code>", "only confirm what an earlier run began, with a code of the authenticator")
    .option("--accept-older", ACCEPT_OLDER);
  addServerOptions(addWordsOptions(on), "from-home")
    .addHelpText(
      "after",
      helpText(`
Afterwards a login, with the passphrase or with the words, needs a code of the authenticator or one of the recovery codes.
Whoever loses both needs the server's operator, even with the words. Backups go on without codes.`),
    )
    .action(async (options: OnOptions) => {
      await run(on, (frame) => withOwnVault(frame, options, (session) => enrol(frame, session, options.confirm)));
    });
  const off = factor
    .command("off")
    .description("Ask for no code any more. Needs a code, or a recovery code, this last time.")
    .option("--accept-older", ACCEPT_OLDER);
  addServerOptions(addWordsOptions(off), "from-home").action(async (options: VaultOptions) => {
    await run(off, (frame) =>
      withOwnVault(frame, options, async (session) => {
        await session.must({ kind: "remove-second-factor" });
        frame.output.line(say("factor", "off"));
        return { exitCode: 0, fields: { outcome: "ok", active: false } };
      }),
    );
  });
}

async function enrol(frame: CommandFrame, session: Session, confirm: string | undefined): Promise<CommandResult> {
  const { output } = frame;
  if (confirm !== undefined) return await activate(frame, session, confirm);
  output.note(say("factor", "beware"));
  const begun = await session.must({ kind: "begin-second-factor" });
  if (begun.kind !== "result" || begun.ask !== "begin-second-factor") throw failedWith(null);
  const { secret = "", uri = "", recoveryCodes = [] } = begun;
  const lines = [say("factor", "scan"), "", drawCode(uri), "", say("factor", "secret", { secret }), ""];
  const codes = [say("factor", "codes"), "", ...recoveryCodes.map((code) => `  ${code}`), ""];
  output.item("second-factor", { secret, uri, recoveryCodes });
  for (const line of [...lines, ...codes]) output.line(line);
  if (!(await output.terminal.printSurely(""))) throw new CommandFailed("user-stopped", say("owner", "stopped"));
  if (!output.terminal.canAsk) {
    output.note(say("factor", "unconfirmed"));
    return { exitCode: 3, fields: { outcome: "waiting", active: false, secret, uri, recoveryCodes } };
  }
  await askBack(frame, recoveryCodes);
  for (let tries = 1; ; tries++) {
    try {
      return await activate(frame, session, await askLine(frame, say("factor", "first-code")));
    } catch (error) {
      const isWrong = error instanceof CommandFailed && error.code === "user-code-refused";
      if (!isWrong || tries === TRIES) throw error;
      output.note(error.message);
    }
  }
}

async function activate({ output }: CommandFrame, session: Session, code: string): Promise<CommandResult> {
  await session.must({ kind: "confirm-second-factor", code: code.replace(/\s/g, "") });
  output.line(say("factor", "on"));
  return { exitCode: 0, fields: { outcome: "ok", active: true } };
}

/** Goes on once the last code was typed: it was written down. */
async function askBack(frame: CommandFrame, codes: readonly string[]): Promise<void> {
  const wanted = codes.at(-1) ?? "";
  for (let tries = 1; ; tries++) {
    const typed = await askLine(frame, say("factor", "code-back", { position: `${codes.length}` }));
    if (plain(typed) === plain(wanted)) return;
    if (tries === TRIES) throw new CommandFailed("user-stopped", say("owner", "stopped"));
  }
}

function plain(code: string): string {
  return code.replace(/[\s-]/g, "").toLowerCase();
}

/** A QR code of the text, two modules to a character: light modules are what is printed. */
function drawCode(text: string): string {
  const modules = encodeQR(text, "raw", { ecc: "medium", border: QUIET_MODULES });
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const upper = modules[row] ?? [];
    const lower = modules[row + 1] ?? upper.map(() => true);
    lines.push(upper.map((isDark, column) => drawCell(!isDark, lower[column] !== true)).join(""));
  }
  return lines.join("\n");
}

function drawCell(isUpper: boolean, isLower: boolean): string {
  if (isUpper && isLower) return "█";
  if (isUpper) return "▀";
  return isLower ? "▄" : " ";
}
