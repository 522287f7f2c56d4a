// Where a passphrase comes from (docs/host-api.md H-26). Rule: never from the command line, never shown, never kept.

import { readFileSync } from "node:fs";
import { type HiddenInput, readHidden } from "./hidden-input.ts";
import { findWeakness, type Weakness } from "./passphrase-rule.ts";

/** What asking gave. `utf8` is NFKD (docs/format.md F-10), and the taker overwrites it. */
export type GivenPassphrase =
  | { readonly kind: "given"; readonly utf8: Buffer }
  | { readonly kind: "weak"; readonly reason: Weakness }
  | { readonly kind: "none" };

/** Gives a passphrase: a new one, which must not be weak, or one that a vault has already. */
export interface PassphraseSource {
  ask(which: "new" | "existing"): Promise<GivenPassphrase>;
}

const TRIES = 3;

const WEAK: Record<Weakness, string> = {
  "too-short": "That is too short: take at least 10 characters.",
  "too-few-different": "That has too few different characters: take at least 5.",
  "too-common": "That is one of the first that someone would try. Several words that do not belong together are good.",
};

/** A passphrase from a file; one newline at its end does not belong to it. */
export class PassphraseFile implements PassphraseSource {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async ask(which: "new" | "existing"): Promise<GivenPassphrase> {
    const text = readFileSync(this.#file, "utf8").replace(/\r?\n$/, "");
    return text === "" ? { kind: "none" } : judge(text, which);
  }
}

/** A passphrase from a person at a terminal: a new one is typed twice, and a weak one may be typed anew. */
export class PassphrasePrompt implements PassphraseSource {
  readonly #terminal: HiddenInput;

  constructor(terminal: HiddenInput) {
    this.#terminal = terminal;
  }

  async ask(which: "new" | "existing"): Promise<GivenPassphrase> {
    if (which === "existing") {
      const text = await readHidden(this.#terminal, "Passphrase: ");
      return text === null || text === "" ? { kind: "none" } : judge(text, which);
    }
    let last: GivenPassphrase = { kind: "none" };
    for (let tries = 0; tries < TRIES; tries++) {
      const text = await readHidden(this.#terminal, "New passphrase: ");
      if (text === null || text === "") return { kind: "none" };
      last = judge(text, which);
      if (last.kind === "weak") {
        this.#terminal.output.write(`${WEAK[last.reason]}\n`);
        continue;
      }
      const again = await readHidden(this.#terminal, "The same again: ");
      if (again === null) return { kind: "none" };
      if (again.normalize("NFKD") === text.normalize("NFKD")) return last;
      this.#terminal.output.write("The two are not the same.\n");
      last = { kind: "none" };
    }
    return last;
  }
}

/** There is nobody to ask. */
export const NO_PASSPHRASE: PassphraseSource = { ask: async () => ({ kind: "none" }) };

function judge(text: string, which: "new" | "existing"): GivenPassphrase {
  const weakness = which === "new" ? findWeakness(text) : null;
  if (weakness !== null) return { kind: "weak", reason: weakness };
  return { kind: "given", utf8: Buffer.from(text.normalize("NFKD"), "utf8") };
}
