// A program that feeds every decoder what announces far more than it holds, and says by how much its memory grew. Rule: run
// as a process of its own, with a small heap: what allocates as announced ends it.

import type { DecoderRow, Raw } from "./decoder-row.ts";
import { LYING_HEADS } from "./mutations.ts";
import { ROWS } from "./rows.ts";

const DEPTH = 200_000;
/** Where heads of items lie in most samples. */
const OFFSETS = 6;

function* bombsFor(row: DecoderRow): Generator<Raw> {
  if (row.isText) {
    yield "[".repeat(DEPTH);
    yield '{"a":'.repeat(DEPTH);
    yield `{"records":${"[".repeat(DEPTH)}`;
    for (const piece of ["9", " ", "/", "//61", "=", "\\", "*", "[", ":", ".", "\ud800", "zoo ", "A"]) {
      yield piece.repeat(DEPTH);
    }
    return;
  }
  yield new Uint8Array(DEPTH).fill(0x81);
  yield new Uint8Array(DEPTH).fill(0x80);
  for (const head of LYING_HEADS) {
    yield head;
    yield Uint8Array.from([0x81, ...head]);
    for (const sample of row.samples.slice(0, 1)) {
      for (let offset = 0; offset < Math.min(OFFSETS, sample.length); offset += 1) {
        const bytes = sample as Uint8Array;
        yield Uint8Array.from([...bytes.subarray(0, offset), ...head, ...bytes.subarray(offset + 1, 5_000)]);
      }
    }
  }
}

const beganKiB = process.resourceUsage().maxRSS;
let count = 0;
for (const row of ROWS) {
  for (const bomb of bombsFor(row)) {
    const dressed = bomb.length < DEPTH ? row.dress(bomb) : bomb;
    if (dressed !== null) row.run(dressed);
    count += 1;
  }
}
console.log(JSON.stringify({ count, grownBytes: (process.resourceUsage().maxRSS - beganKiB) * 1024 }));
