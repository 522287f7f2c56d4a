// Codes of the second factor, where a server asks for one. Rule: it is asked for only then, once, and what was typed before is not
// asked for again.

import { CommandFailed } from "./command-end.ts";
import type { CommandFrame } from "./command-run.ts";
import type { GivenPassphrase, PassphraseSource } from "./host/passphrase-source.ts";
import { say } from "./language.ts";
import { askLine } from "./questions.ts";

/** The options of commands that log in. */
export interface CodeOptions {
  readonly code?: string;
}

/** Logs in by `open`, which is given the code of the options, or one that the person types when the server wants one. */
export async function withCode<T>(
  frame: CommandFrame,
  options: CodeOptions,
  open: (code: { code?: string }) => Promise<T>,
): Promise<T> {
  try {
    return await open(options.code === undefined ? {} : { code: options.code.trim() });
  } catch (error) {
    const isAsked = error instanceof CommandFailed && error.code === "user-second-factor-required";
    if (!isAsked || options.code !== undefined || !frame.output.terminal.canAsk) throw error;
    return await open({ code: (await askLine(frame, say("factor", "code-question"))).replace(/\s/g, "") });
  }
}

/** A passphrase that is asked for once, although it opens the vault twice: without a code, and with one. */
export class RememberedPassphrase implements PassphraseSource {
  readonly #existing: PassphraseSource;
  readonly #renewed: PassphraseSource;
  #given: GivenPassphrase | null = null;

  /** `renewed` gives new ones. */
  constructor(existing: PassphraseSource, renewed: PassphraseSource) {
    this.#existing = existing;
    this.#renewed = renewed;
  }

  async ask(which: "new" | "existing"): Promise<GivenPassphrase> {
    if (which === "new") return await this.#renewed.ask(which);
    this.#given ??= await this.#existing.ask(which);
    // The taker overwrites what it gets.
    return this.#given.kind === "given" ? { kind: "given", utf8: Buffer.from(this.#given.utf8) } : this.#given;
  }

  erase(): void {
    if (this.#given?.kind === "given") this.#given.utf8.fill(0);
    this.#given = null;
  }
}
