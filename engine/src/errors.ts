// The two ways in which the engine refuses. Rule: a CoffreError is someone else's fault and its code says whose; an
// InvariantError is ours.

/** Whose fault an error is, then what is wrong: `peer-malformed`, `host-malformed`, … */
export type ErrorCode = `peer-${string}` | `file-${string}` | `host-${string}` | `user-${string}`;

/**
 * Bad input. `code` begins with whose fault it is: `peer-` (bytes from a server, a vault or another device), `file-`,
 * `host-` or `user-`. Who retries asks the code, never the message; the message holds no names, paths, keys or tokens.
 */
export class CoffreError extends Error {
  readonly code: string;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = "CoffreError";
    this.code = code;
  }
}

/** A fault of the engine itself. The step that meets one is thrown away with its transaction. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvariantError";
  }
}

/** Throws an InvariantError with `message` unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
