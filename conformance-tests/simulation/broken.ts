// A promise that did not hold. Rule: thrown where it is seen, caught where the story is played; nothing in between may
// swallow it.

/** The invariants, by the names that reports and docs/reliability.md use. */
export const INVARIANTS = {
  restorable: "what is called synced can be given back by the server, as a version that existed",
  nonces: "no key and nonce seal two messages",
  secrecy: "no plaintext, name or key leaves",
  "one-version": "a file that changed while it was read is never recorded as one version",
  absence: "absence is recorded only of what was absent",
  gone: "what is gone is not given back as if it were there",
  repeatable: "a request that is repeated changes nothing more",
  named: "whatever is not synced has a state and a reason, and everything is synced once faults have stopped",
  "hot-loop": "calls and requests in an hour are bounded",
  "forbidden-network": "nothing is sent over a network that the owner did not allow",
  "kill-cost": "a kill costs at most the blobs in flight",
  memory: "what a phone holds at once is bounded",
  "honest-counts": "what is shown is what there is",
  tables: "the engine's tables keep their guarantees",
  "no-fault": "the engine never fails by itself",
  "same-everywhere": "one seed gives one trace, whichever engine runs the script",
  damage: "a server that lies is found out, and nothing wrong is restored",
} as const;
export type Invariant = keyof typeof INVARIANTS;

export class Broken extends Error {
  override readonly name = "Broken";
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(detail);
    this.invariant = invariant;
  }
}
