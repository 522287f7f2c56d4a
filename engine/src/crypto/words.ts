// The recovery key as 24 English words (BIP 39). Rule: the words are the key; no PBKDF2 stands between (docs/format.md F-13).

import { wordlist } from "@scure/bip39/wordlists/english.js";
import { invariant } from "../errors.ts";
import { sha256 } from "./hash.ts";

const KEY_BYTES = 32;
const WORD_COUNT = 24;
const WORD_BITS = 11;

/** What a text says: the key, or why it is none. `position` counts words from 1. */
export type WordsReading =
  | { readonly kind: "key"; readonly key: Uint8Array }
  | { readonly kind: "unknown-word"; readonly position: number }
  | { readonly kind: "wrong-count"; readonly count: number }
  | { readonly kind: "wrong-checksum" };

/** The 24 words, with single spaces, of a 32-byte key. */
export function wordsFromKey(key32: Uint8Array): string {
  invariant(key32.length === KEY_BYTES, "a recovery key has 32 bytes");
  const bytes = withChecksum(key32);
  const words: string[] = [];
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    if (bits < WORD_BITS) continue;
    bits -= WORD_BITS;
    words.push(wordlist[held >> bits] as string);
    held &= (1 << bits) - 1;
  }
  return words.join(" ");
}

/**
 * Reads 24 words in any case, with any white space around them. Words are whole: a prefix of four letters is unknown.
 * A word that is not in the list is told before a wrong count, and both before the checksum.
 */
export function keyFromWords(text: string): WordsReading {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const bytes = new Uint8Array(KEY_BYTES + 1);
  let bits = 0;
  let held = 0;
  let to = 0;
  for (const [index, word] of words.entries()) {
    const value = findWord(word);
    if (value < 0) return { kind: "unknown-word", position: index + 1 };
    held = (held << WORD_BITS) | value;
    bits += WORD_BITS;
    for (; bits >= 8; bits -= 8) bytes[to++] = held >> (bits - 8);
    held &= (1 << bits) - 1;
  }
  if (words.length !== WORD_COUNT) return { kind: "wrong-count", count: words.length };
  const key = bytes.slice(0, KEY_BYTES);
  // The checksum is no secret: whoever can see how long this took typed the words.
  if (bytes[KEY_BYTES] !== sha256(key)[0]) return { kind: "wrong-checksum" };
  return { kind: "key", key };
}

function withChecksum(key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(KEY_BYTES + 1);
  bytes.set(key);
  bytes[KEY_BYTES] = sha256(key)[0] as number;
  return bytes;
}

/** The place of a word in the list, which is sorted, or -1. Only ASCII letters have a second case here. */
function findWord(word: string): number {
  const sought = word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  let low = 0;
  let high = wordlist.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const candidate = wordlist[middle] as string;
    if (candidate === sought) return middle;
    if (candidate < sought) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
