// Secrets that people give: a passphrase, or the 24 words. Rule: a file is read once, since it may be a pipe, and what is not
// UTF-8 is refused, since repairing it would make other secrets equal to it.

import { readFileSync } from "node:fs";
import { keyFromWords } from "coffre-engine";
import { CommandFailed, usage } from "./command-end.ts";
import type { CommandFrame } from "./command-run.ts";
import { NO_PASSPHRASE, PassphrasePrompt, type PassphraseSource, PassphraseText } from "./host/passphrase-source.ts";
import { readTypedLine } from "./host/typed-line.ts";
import { say } from "./language.ts";
import { showName } from "./printable.ts";

/** Options of commands that may ask for a passphrase. */
export interface PassphraseOptions {
  readonly passphraseFile?: string;
}

/** Options of commands that take the words in the passphrase's place. */
export interface WordsOptions {
  readonly recoveryFile?: string;
  readonly recoveryWords?: boolean;
}

const WORD_COUNT = 24;
const STANDARD_INPUT = 0;

/** Where this command's passphrase comes from: a file, or the terminal. */
export function choosePassphrases({ shell, output }: CommandFrame, options: PassphraseOptions): PassphraseSource {
  const file = options.passphraseFile ?? shell.env["COFFRE_PASSPHRASE_FILE"];
  if (file !== undefined && file !== "") return new PassphraseText(readSecretFile(file, "passphrase"));
  const { terminal } = output;
  if (!terminal.canAsk) return NO_PASSPHRASE;
  return new PassphrasePrompt(terminal.prompt, () => output.interrupt());
}

/** The recovery words of a file or a prompt, as a field of an ask; nothing when neither was asked for. */
export async function chooseWords(frame: CommandFrame, options: WordsOptions): Promise<{ words?: string }> {
  if (options.recoveryFile !== undefined) return { words: readWords(options.recoveryFile) };
  return options.recoveryWords === true ? { words: await askWords(frame) } : {};
}

/** The 24 words in a file; a CommandFailed that says which word is wrong. */
export function readWords(file: string): string {
  const words = parseWords(readSecretFile(file, "recovery"));
  const fault = findWordsFault(words);
  if (fault !== null) throw new CommandFailed("user-words-malformed", fault);
  return words;
}

/** The text of a file, read once, without a mark of its encoding; `-` is standard input. A usage error when it is no text. */
export function readSecretFile(file: string, what: "passphrase" | "recovery"): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file === "-" ? STANDARD_INPUT : file);
  } catch {
    throw usage(say("secret", `${what}-unreadable`, { file: showName(file) }));
  }
  try {
    // UTF-16 of plain letters is UTF-8 as well, with a NUL beside each.
    if (bytes.includes(0)) throw new TypeError("not text");
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw usage(say("secret", `${what}-not-utf8`, { file: showName(file) }));
  } finally {
    bytes.fill(0);
  }
}

/** The words in a text: people number them and put them into lines; the words themselves have letters only. */
function parseWords(text: string): string {
  return text
    .replace(/[0-9.,:;]+/g, " ")
    .trim()
    .split(/\s+/)
    .join(" ");
}

/** What is wrong with the words, in a sentence, or null. */
function findWordsFault(words: string): string | null {
  const reading = keyFromWords(words);
  switch (reading.kind) {
    case "key":
      reading.key.fill(0);
      return null;
    case "unknown-word":
      return say("secret", "word-unknown", { position: reading.position });
    case "wrong-count":
      return say("secret", "words-count", { count: reading.count, wanted: WORD_COUNT });
    case "wrong-checksum":
      return say("secret", "words-checksum");
  }
}

/** Asks for the words line by line, until there are 24. */
async function askWords({ output }: CommandFrame): Promise<string> {
  const { terminal } = output;
  if (!terminal.canAsk) throw usage(say("secret", "words-no-terminal"));
  let known = "";
  for (;;) {
    const count = known === "" ? 0 : known.split(" ").length;
    if (count >= WORD_COUNT) break;
    const question =
      count === 0 ? say("secret", "words-question") : say("secret", "words-from", { position: count + 1 });
    const typed = await readTypedLine(terminal.prompt, question, "shown");
    if (typed.kind === "interrupted") output.interrupt();
    if (typed.kind === "interrupted" || typed.kind === "closed") {
      throw new CommandFailed("user-stopped", say("secret", "words-stopped"));
    }
    const longer = parseWords(`${known} ${typed.kind === "line" ? typed.text : "?"}`);
    const reading = keyFromWords(longer);
    if (reading.kind === "unknown-word") output.note(say("secret", "word-again", { position: reading.position }));
    else known = longer;
  }
  const fault = findWordsFault(known);
  if (fault !== null) throw new CommandFailed("user-words-malformed", fault);
  return known;
}
