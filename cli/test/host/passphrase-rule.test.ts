// The rule for new passphrases. The shared vectors, where they are there, decide.

import { passphraseWeakness } from "coffre-engine/reference";
import { expect, test } from "vitest";
import { findWeakness } from "../../src/host/passphrase-rule.ts";

test.each([
  ["", "too-short"],
  ["123456789", "too-short"],
  ["😀😁😂😃😄😀😁😂😃", "too-short"],
  ["aaaabbbbccccdddd", "too-few-different"],
  ["Password123!", "too-common"],
  ["q.w.e.r.t.y.u.i.o.p", "too-common"],
  ["1234567890", "too-common"],
  ["98-76-54-32-10", "too-common"],
  ["1234567891", null],
  ["0192837465", null],
  ["password garden", null],
  ["correct horse battery", null],
  ["ключ от квартиры", null],
  ["😀😁😂😃😄😀😁😂😃😄", null],
])("%j is %s (H-26)", (passphrase, expected) => {
  expect(findWeakness(passphrase)).toBe(expected);
  expect(passphraseWeakness(passphrase)).toBe(expected);
});
