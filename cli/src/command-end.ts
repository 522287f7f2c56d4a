// How a command ends. Rule: one of a few exit codes, and when it failed, one sentence that says what to do.

/**
 * 0: all done. 1: failed. 2: usage. 3: done, and some files wait or were not restored, each for a named reason. 130: Ctrl-C at a
 * question, as shells have it.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** A command that cannot go on. The message is for the person; `code` is for programs. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, exitCode: ExitCode = 1) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** A command line that says something impossible. */
export function usage(message: string): CommandFailed {
  return new CommandFailed("user-usage", message, 2);
}

/** Codes of the engine that speak of the command line. */
export const USAGE_CODES: ReadonlySet<string> = new Set([
  "user-login-malformed",
  "user-root-name-malformed",
  "user-pattern-malformed",
]);
