// The frame around every command. Rule: whatever happens inside, programs get a summary, people get a sentence, and the
// process gets one of the exit codes.

import type { View } from "coffre-engine";
import type { Command } from "commander";
import { CommandFailed, type ExitCode, USAGE_CODES } from "./command-end.ts";
import { describeFailure } from "./failure-text.ts";
import { findHome, Home } from "./home.ts";
import { say } from "./language.ts";
import { Output } from "./output.ts";
import { showPlace } from "./place-text.ts";
import { showName } from "./printable.ts";
import { ProgressDisplay } from "./progress-display.ts";
import type { Streams, Terminal } from "./terminal.ts";
import { noticeWords } from "./words.ts";

/** What the process gives a command. */
export interface Shell extends Streams {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Options that every command has, or that mean the same wherever they are. */
interface FrameOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
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

/** As a shell has it: 128 and the number of SIGPIPE, and of SIGINT. */
const READER_GONE = 141;
const INTERRUPTED = 130;

/** The frame for one process; `exit` is told each command's exit code. */
export function makeRunner(shell: Shell, terminal: Terminal, exit: (code: ExitCode) => void): RunCommand {
  return async (command, work) => {
    const options = command.optsWithGlobals<FrameOptions>();
    const output = new Output(terminal, options);
    const progress = new ProgressDisplay(output);
    let exitCode: ExitCode;
    try {
      const result = await work({ shell, output, home: new Home(findHome(options.home, shell.env)), progress });
      exitCode = result.exitCode;
      output.summary(command.name(), exitCode, result.fields ?? {});
    } catch (error) {
      const failed = output.isInterrupted
        ? new CommandFailed("user-stopped", say("trouble", "stopped"), INTERRUPTED)
        : describeFailure(error);
      output.failure(failed.message);
      exitCode = USAGE_CODES.has(failed.code) ? 2 : failed.exitCode;
      output.summary(command.name(), exitCode, { outcome: "failed", code: failed.code, message: failed.message });
    }
    await terminal.settle();
    if (terminal.delivery === "failed" && exitCode === 0) {
      output.failure(say("trouble", "output-lost"));
      exitCode = 1;
    }
    exit(exitCode);
  };
}

/** For commands that do nothing else than print: they end when nobody reads that any more, and not with 0. */
export function endWithReader({ output }: CommandFrame): void {
  output.terminal.onReaderGone(() => process.exit(READER_GONE));
}

/** Shows progress and notices; the other views are the command's own. */
export function showWork(frame: CommandFrame, view: View): void {
  if (view.kind === "progress") frame.progress.show(view);
  if (view.kind !== "notice") return;
  const { kind: _kind, ...fields } = view;
  frame.output.item("notice", fields);
  const about = view.root === undefined ? showName(view.device ?? "") : showPlace(view.root, view.path ?? "");
  const words = noticeWords(view.code, view.count, view.reason, view.untilMs);
  frame.output.note(about === "" ? words : say("form", "about", { place: about, words }));
}

/** Tells of trouble inside, which may lead to a bug report. */
export function showTrouble(frame: CommandFrame, message: string): void {
  frame.output.item("trouble", { message });
  frame.output.note(say("trouble", "inside", { message }));
}
