// Whether every decoder has its row. Rule: a function that reads something of the outside is fuzzed, or the reason why not
// stands here.

import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ROWS } from "./rows.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const EXPORTED = /^export (?:async )?function ((?:decode|parse|read|unpad)[A-Z]\w*|openSigned|open|openInPlace)\b/gm;

/** What is no decoder of outside bytes although its name begins like one, by its place. */
const REASONS: readonly (readonly [place: RegExp, reason: string])[] = [
  [/^engine\/src\/format\/(?:fields|chunk-refs|entries)\.ts /, "a part of the bodies and lists, which have rows"],
  [/^engine\/src\/utf8\.ts readUtf8$/, "what utf8Decode calls"],
  [/^engine\/src\/(?:backup|pairing)\/.* read/, "reads rows of the engine's own Store"],
  [/^engine\/src\/restore\/(?:job\.ts|export\/\S+|tables\/\S+) read/, "reads rows of the engine's own Store"],
  [/^engine\/src\/evidence\/evidence-text\.ts readEvidence$/, "reads rows of the engine's own Store"],
  [/^engine\/src\/restore\/fetch\/transfers\.ts readTransfer$/, "sorts a host's answer, whose texts classify reads"],
  [/^server\/src\/domain\/cbor\.ts read/, "a field of the structures, which have rows"],
  [
    /^server\/src\/domain\/(?:accounts|applying|blobs|damage|logs|openings|records|row-changes|server-keys|settings)\.ts read/,
    "reads the server's own database and keys",
  ],
  [
    /^server\/src\/domain\/journal-objects\.ts readObject$/,
    "reads a file of the journal, whose bytes decodeChange takes",
  ],
  [/^server\/src\/drivers\//, "reads the server's own files"],
  [/^server\/src\/commands\/pairing-code\.ts parsePhoneAddress$/, "takes an operator's option, which URL.parse reads"],
  [/^server\/src\/commands\/options\.ts readServeSettings$/, "takes options that were parsed"],
  [/^server\/src\/routes\/bodies\.ts readPieces$/, "hands bytes on as they come"],
  [/^server\/src\/routes\/logs\.ts readBody$/, "says no to what is not bytes, and looks at none of them"],
  [/^cli\/src\/host\/ground\.ts readMounts$/, "reads the kernel's own list of mounts, line by line"],
  [/^conformance-tests\/server\/src\/options\.ts parseOptions$/, "takes the arguments of whoever runs the suite"],
  [
    /^conformance-tests\/server\/src\/expected-failures\.ts parseExpectedFailures$/,
    "takes lines of any text: there is nothing that it could refuse",
  ],
  [/^cli\/src\/session\.ts readHome$/, "asks the engine"],
  [/^cli\/src\/host\/(?:typed-line|open-file)\.ts read/, "reads a terminal's keys, or a file's bytes, as they are"],
];

async function findDecoders(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const file of glob("{engine,server,cli,conformance-tests/server}/src/**/*.ts", { cwd: ROOT })) {
    const text = readFileSync(`${ROOT}/${file}`, "utf8");
    for (const [, name] of text.matchAll(EXPORTED)) found.push(`${file} ${name}`);
  }
  return found.sort();
}

test("every exported decoder of engine, server, command line and server suite has a row, or a reason", async () => {
  const named = new Set(ROWS.map(({ name }) => name));
  const without = (await findDecoders()).filter(
    (name) => !named.has(name) && !REASONS.some(([place]) => place.test(name)),
  );
  expect(without).toEqual([]);
});

test("every row names a function that is there, and once", () => {
  const names = ROWS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) {
    const [file = "", decoder = ""] = name.split(" ");
    expect(readFileSync(`${ROOT}/${file}`, "utf8")).toMatch(new RegExp(`\\b${decoder}\\b`));
  }
});

test("every reason still has its decoder", async () => {
  const decoders = await findDecoders();
  expect(REASONS.filter(([place]) => !decoders.some((name) => place.test(name))).map(String)).toEqual([]);
});
