// The frame around every command. Rule: whatever happens inside, programs get a summary, people get a sentence, and the
// process gets one of the exit codes.

import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import type { View } from "coffre-engine";
import type { Command } from "commander";
import { CommandFailed, type ExitCode, USAGE_CODES, usage } from "./command-end.ts";
import { findHome, Home } from "./home.ts";
import { NO_PASSPHRASE, PassphraseFile, PassphrasePrompt, type PassphraseSource } from "./host/passphrase-source.ts";
import { Output, type Streams } from "./output.ts";
import { showName } from "./printable.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { noticeWords } from "./words.ts";

/** What the process gives a command. */
export interface Shell extends Streams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Options that every command has. */
export interface GlobalOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** Options of commands that may ask for a passphrase. */
export interface PassphraseOptions {
  readonly passphraseFile?: string;
}

/** What a command works with. */
export interface CommandFrame {
  readonly shell: Shell;
  readonly output: Output;
  readonly home: Home;
  readonly progress: ProgressDisplay;
}

/** What a command did, for the summary. */
export interface CommandResult {
  readonly exitCode: ExitCode;
  readonly fields?: object;
}

export type RunCommand = (command: Command, work: (frame: CommandFrame) => Promise<CommandResult>) => Promise<void>;

/** The frame for one process; `exit` is told each command's exit code. */
export function makeRunner(shell: Shell, exit: (code: ExitCode) => void): RunCommand {
  return async (command, work) => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const output = new Output(shell, options.json === true);
    const progress = new ProgressDisplay(output);
    try {
      const { exitCode, fields = {} } = await work({ shell, output, home: new Home(findHome(options.home)), progress });
      progress.close();
      output.summary(command.name(), exitCode, fields);
      exit(exitCode);
    } catch (error) {
      progress.close();
      const failed = describeFailure(error);
      output.failure(failed.message);
      const exitCode = USAGE_CODES.has(failed.code) ? 2 : failed.exitCode;
      output.summary(command.name(), exitCode, { outcome: "failed", code: failed.code, message: failed.message });
      exit(exitCode);
    }
  };
}

/** Where this command's passphrase comes from: a file, or the terminal. */
export function choosePassphrases(shell: Shell, options: PassphraseOptions): PassphraseSource {
  const file = options.passphraseFile ?? shell.env["COFFRE_PASSPHRASE_FILE"];
  if (file !== undefined && file !== "") {
    readGiven(file, "The passphrase file cannot be read.");
    return new PassphraseFile(file);
  }
  return shell.input.isTTY === true ? new PassphrasePrompt({ input: shell.input, output: shell.error }) : NO_PASSPHRASE;
}

/** The text of a file that the command line names; a usage error when it cannot be read. */
export function readGiven(file: string, message: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw usage(message);
  }
}

/** Shows progress and notices; the other views are the command's own. */
export function showWork(frame: CommandFrame, view: View): void {
  if (view.kind === "progress") frame.progress.show(view);
  if (view.kind !== "notice") return;
  const { kind: _kind, ...fields } = view;
  frame.progress.close();
  frame.output.item("notice", fields);
  const place = view.root === undefined ? "" : `${showName([view.root, view.path ?? ""].filter(Boolean).join("/"))}: `;
  frame.output.note(`${place}${noticeWords(view.code, view.count)}`);
}

/** Tells of trouble inside, which may lead to a bug report. */
export function showTrouble(frame: CommandFrame, message: string): void {
  frame.progress.close();
  frame.output.item("trouble", { message });
  frame.output.note(`coffre: a fault inside, the work goes on if it can: ${message}`);
}

function describeFailure(error: unknown): CommandFailed {
  if (error instanceof CommandFailed) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailed("host-error", `Something unexpected happened: ${showName(message)}`);
}
