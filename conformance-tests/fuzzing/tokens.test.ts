// Tokens that nobody issued. Rule: whatever a bearer says, the answer is claims or `unauthorized`.

import fc from "fast-check";
import { expect, test } from "vitest";
import { parseId } from "../../server/src/domain/encodings.ts";
import { Refusal } from "../../server/src/domain/refusal.ts";
import { importSeed } from "../../server/src/domain/signed-bytes.ts";
import { Tokens } from "../../server/src/domain/tokens.ts";
import { run } from "../vectors/area.ts";
import { DEVICE, KEYS } from "../vectors/example-vault.ts";
import { row } from "./decoder-row.ts";
import { mutatedInputs, randomInputs } from "./mutations.ts";

const NOW_MS = 1_700_000_000_000;
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 400);
const SEED = Number(process.env["FUZZ_SEED"] ?? 3);

const tokens = new Tokens(
  {
    receiptKey: importSeed(run(32, 1)),
    tokenKey: importSeed(run(32, 2)),
    decoySecret: run(32),
    addressSecret: run(32),
  },
  () => NOW_MS,
);
const full = await tokens.issue(parseId(KEYS.vault), "full", null);
const append = await tokens.issue(parseId(KEYS.vault), "append", parseId(DEVICE));
const samples = row({ name: "tokens", samples: [full.token, append.token], decode: String, refuses: () => false });

test("a token that was issued is taken, and no other text is", async () => {
  expect(await tokens.verify(full.token)).toEqual(full.claims);
  expect(await tokens.verify(append.token)).toEqual(append.claims);
  const inputs = fc.oneof(randomInputs(samples), mutatedInputs(samples));
  const property = fc.asyncProperty(inputs, async (input) => {
    const token = String(input);
    fc.pre(token !== full.token && token !== append.token);
    await expect(tokens.verify(token)).rejects.toSatisfy(
      (error: unknown) => error instanceof Refusal && error.code === "unauthorized",
    );
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS });
});
