// A failure that a person can act on. Rule: its message is one sentence, and nothing else is printed about it.

export class Sentence extends Error {
  override readonly name = "Sentence";
}

/** What to print about an error: the sentence, or for an error of another kind its first line. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof Sentence ? message : (message.split("\n")[0] ?? message);
}

/** The last line that a failed command said, without its name in front. */
export function lastLine(stderr: string): string {
  return (stderr.trim().split("\n").at(-1) ?? "").replace(/^coffre(?:-server)?: /, "");
}
