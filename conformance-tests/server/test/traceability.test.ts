// Every sentence of docs/protocol.md has a check, or a reason why it has none.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CHECKS } from "../src/checks/all.ts";
import { formatTraces, traceSentences } from "../src/traceability.ts";
import { UNTESTED } from "../src/untested.ts";
import { listRequirements } from "./protocol-page.ts";

const REQUIREMENTS = listRequirements();
const TRACES = traceSentences(REQUIREMENTS, CHECKS, UNTESTED);

test("every sentence of the protocol has a check or a reason", () => {
  const bare = TRACES.filter(({ checks, reason }) => checks.length === 0 && reason === null);
  expect(bare.map(({ requirement, sentence }) => `${requirement}: ${sentence}`)).toEqual([]);
});

test("every reason quotes the protocol to the letter", () => {
  const texts = new Map(REQUIREMENTS.map(({ id, text }) => [id, text]));
  const wrong = UNTESTED.flatMap(({ requirement, quotes }) =>
    quotes.filter((quote) => !texts.get(requirement)?.includes(quote)).map((quote) => `${requirement}: ${quote}`),
  );
  expect(wrong).toEqual([]);
});

test("traceability.md is what the checks say: npm run traceability -w coffre-conformance writes it", () => {
  const written = readFileSync(new URL("../traceability.md", import.meta.url), "utf8");
  expect(written).toBe(formatTraces(TRACES));
});
