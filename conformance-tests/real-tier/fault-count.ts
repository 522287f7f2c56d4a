// How often each fault was injected, and how much passed. Rule: only what really happened is counted, not what was drawn.

/** One number for each kind, in the order in which they are printed. */
export const FAULT_KINDS = [
  "client killed",
  "server killed",
  "server killed while it started",
  "restore killed",
  "connection refused",
  "connection cut",
  "connection delayed",
  "connection throttled",
  "connection black-holed",
  "disk full",
  "tree changed between",
  "tree changed during",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export class FaultCount {
  readonly #counts = new Map<FaultKind, number>();
  /** Through the proxy, both ways. */
  linkBytes = 0;
  restoredBytes = 0;

  add(kind: FaultKind): void {
    this.#counts.set(kind, this.of(kind) + 1);
  }

  of(kind: FaultKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  addAll(other: FaultCount): void {
    for (const kind of FAULT_KINDS) this.#counts.set(kind, this.of(kind) + other.of(kind));
    this.linkBytes += other.linkBytes;
    this.restoredBytes += other.restoredBytes;
  }

  /** Kinds with their numbers, those that happened. */
  format(): string {
    const kinds = FAULT_KINDS.filter((kind) => this.of(kind) > 0).map((kind) => `${kind} ${this.of(kind)}`);
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    return [...kinds, `${megabytes(this.linkBytes)} passed`, `${megabytes(this.restoredBytes)} restored`].join(", ");
  }
}
