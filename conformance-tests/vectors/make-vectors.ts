// Writes the vector files. Rule: `node conformance-tests/vectors/make-vectors.ts` changes nothing when nothing changed;
// a test compares the files with what this makes.

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Area, makeFile } from "./area.ts";
import { BYTE_PLANE_AREAS } from "./byte-plane-areas.ts";
import { CBOR_AREAS } from "./cbor-areas.ts";
import { EXPORT_AREAS } from "./export-areas.ts";
import { RECORD_AREAS } from "./record-areas.ts";
import { STRUCTURE_AREAS } from "./structure-areas.ts";
import { TEXT_AREAS } from "./text-areas.ts";

/** Every area, in the order of the format's sections. */
export const AREAS: readonly Area[] = [
  ...CBOR_AREAS,
  ...BYTE_PLANE_AREAS,
  ...TEXT_AREAS,
  ...STRUCTURE_AREAS,
  ...RECORD_AREAS,
  ...EXPORT_AREAS,
];

/** Where the file of an area stands. */
export function fileOf(area: Area): URL {
  return new URL(`./${area.area}.json`, import.meta.url);
}

/** The text of an area's file: ASCII JSON, a case a line. */
export function makeText(area: Area): string {
  const { tests, ...head } = makeFile(area);
  const lines = tests.map((test) => `  ${JSON.stringify(test)}`).join(",\n");
  const text = `${JSON.stringify(head).slice(0, -1)},"tests":[\n${lines}\n]}\n`;
  return text.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

if (import.meta.main) {
  for (const area of AREAS) await writeFile(fileURLToPath(fileOf(area)), makeText(area));
}
