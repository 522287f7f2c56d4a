// What went wrong on the host's side of the border. Rule: messages carry no names, paths, keys or tokens.

/** The engine asked for something that no host can do, such as a malformed path or a context outside the table. */
export class RefusedEffect extends Error {
  override readonly name = "RefusedEffect";
}

/** The work was cancelled by a `cancel` effect, or because the engine was made anew. */
export class CancelledEffect extends Error {
  override readonly name = "CancelledEffect";
}

/** Throws CancelledEffect once `signal` was aborted. */
export function checkCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new CancelledEffect("cancelled");
}
