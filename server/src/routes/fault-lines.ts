// What a log line says about an error that nobody expected (P-8). Rule: codes and places in our code; never an error's own
// words, since those of the system name files, and with them vaults.

export type Fault = {
  readonly type: string;
  readonly code?: string | number;
  readonly syscall?: string;
  /** Only of our own invariants, whose words are fixed. */
  readonly message?: string;
  readonly stack: readonly string[];
};

/** The loggable part of an error. */
export function describeFault(error: unknown): Fault {
  if (!(error instanceof Error)) return { type: typeof error, stack: [] };
  const { code = "errcode" in error ? error.errcode : undefined, syscall } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(typeof syscall === "string" ? { syscall } : {}),
    ...(error.message.startsWith("invariant broken: ") ? { message: error.message } : {}),
    stack: readFrames(error.stack ?? ""),
  };
}

/** The frames with the names of files, without their folders. */
function readFrames(stack: string): string[] {
  return stack
    .split("\n")
    .filter((line) => /^ {4}at /.test(line))
    .map((line) => line.trim().replaceAll(/(?:file:\/\/)?\/[^\s()]*\//g, ""));
}
