// Where a passphrase comes from (docs/host-api.md H-26). Rule: never from the command line, never shown, and kept no longer
// than the command runs.

import { say } from "../language.ts";
import { findWeakness, type Weakness } from "./passphrase-rule.ts";
import { type Prompt, readTypedLine } from "./typed-line.ts";

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

/** A passphrase that was read from a file; one newline at its end does not belong to it. */
export class PassphraseText implements PassphraseSource {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text.replace(/\r?\n$/, "");
  }

  async ask(which: "new" | "existing"): Promise<GivenPassphrase> {
    return this.#text === "" ? { kind: "none" } : judge(this.#text, which);
  }
}

/** A passphrase from a person at a terminal: a new one is typed twice, and a weak one may be typed anew. */
export class PassphrasePrompt implements PassphraseSource {
  readonly #prompt: Prompt;
  readonly #onInterrupt: () => void;

  /** `onInterrupt` is told of Ctrl-C, which is no answer to the question. */
  constructor(prompt: Prompt, onInterrupt: () => void = () => {}) {
    this.#prompt = prompt;
    this.#onInterrupt = onInterrupt;
  }

  async ask(which: "new" | "existing"): Promise<GivenPassphrase> {
    if (which === "existing") {
      const text = await this.#read(say("secret", "passphrase-question"));
      return text === null || text === "" ? { kind: "none" } : judge(text, which);
    }
    let last: GivenPassphrase = { kind: "none" };
    for (let tries = 0; tries < TRIES; tries++) {
      const text = await this.#read(say("secret", "passphrase-new"));
      if (text === null || text === "") return { kind: "none" };
      last = judge(text, which);
      if (last.kind === "weak") {
        this.#prompt.show(`${say("secret", last.reason)}\n`);
        continue;
      }
      const again = await this.#read(say("secret", "passphrase-again"));
      if (again === null) return { kind: "none" };
      if (again.normalize("NFKD") === text.normalize("NFKD")) return last;
      this.#prompt.show(`${say("secret", "passphrase-differs")}\n`);
      last = { kind: "none" };
    }
    return last;
  }

  /** A line, or null when the person broke off. */
  async #read(question: string): Promise<string | null> {
    const typed = await readTypedLine(this.#prompt, question, "hidden");
    switch (typed.kind) {
      case "line":
        return typed.text;
      case "not-utf8":
        this.#prompt.show(`${say("secret", "terminal-not-utf8")}\n`);
        return null;
      case "interrupted":
        this.#onInterrupt();
        return null;
      case "closed":
        return null;
    }
  }
}

/** There is nobody to ask. */
export const NO_PASSPHRASE: PassphraseSource = { ask: async () => ({ kind: "none" }) };

function judge(text: string, which: "new" | "existing"): GivenPassphrase {
  const weakness = which === "new" ? findWeakness(text) : null;
  if (weakness !== null) return { kind: "weak", reason: weakness };
  return { kind: "given", utf8: Buffer.from(text.normalize("NFKD"), "utf8") };
}
