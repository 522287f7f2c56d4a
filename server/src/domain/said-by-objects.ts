// What the whole objects of an account say, gathered while they are looked at. Rule: the last one counts, as when rows are
// made from them.

import type { AccountChange } from "./changes.ts";
import { hashId, type Id } from "./encodings.ts";

export type Factor = { readonly secret: string | null; readonly codes: ReadonlySet<Id> };
export type AccountTerms = { readonly isDisabled: boolean; readonly quotaBytes: number | null };

export class SaidByObjects {
  /** Where the object of a vault object, roster or envelope stands, by the SHA-256 of its bytes. */
  readonly structures = new Map<Id, number>();
  factor: Factor = { secret: null, codes: new Set() };
  terms: AccountTerms = { isDisabled: false, quotaBytes: null };

  take(sequence: number, change: AccountChange): void {
    switch (change.kind) {
      case "account":
        this.structures.set(hashId(change.vaultObject), sequence);
        this.structures.set(hashId(change.roster), sequence);
        break;
      case "vault-object":
        this.structures.set(hashId(change.vaultObject), sequence);
        break;
      case "roster":
        this.structures.set(hashId(change.roster), sequence);
        break;
      case "epoch":
        this.structures.set(hashId(change.envelope), sequence);
        break;
      case "second-factor":
        this.factor = { secret: change.secret, codes: new Set(change.codes) };
        break;
      case "recovery-code":
        this.factor = { ...this.factor, codes: new Set([...this.factor.codes].filter((code) => code !== change.code)) };
        break;
      case "terms":
        this.terms = { isDisabled: change.isDisabled, quotaBytes: change.quotaBytes };
        break;
      case "record":
      case "base":
      case "empty":
      case "removed":
        break;
    }
  }
}
