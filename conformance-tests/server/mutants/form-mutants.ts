// Servers whose answers or limits are not of the page's form.

import type { ServerMutant } from "./mutant.ts";

export const FORM_MUTANTS: readonly ServerMutant[] = [
  {
    name: "wrong-bytes-are-final",
    fault: "says of not-the-named-bytes that it is not retryable",
    file: "domain/refusal.ts",
    find: `"not-the-named-bytes": { status: 422, retryable: true`,
    replace: `"not-the-named-bytes": { status: 422, retryable: false`,
    checks: ["blobs/wrong-digest"],
  },
  {
    name: "takes-any-number-of-ids",
    fault: "looks up more ids than it announces",
    file: "routes/blobs.ts",
    find: "Type.Array(IdText, { maxItems: idsPerQuery })",
    replace: "Type.Array(IdText)",
    checks: ["discovery/ids-above-the-limit"],
  },
  {
    name: "larger-bodies",
    fault: "takes bodies of JSON of twice the size",
    file: "routes/schemas.ts",
    find: "export const JSON_LIMIT_BYTES = 4_096;",
    replace: "export const JSON_LIMIT_BYTES = 8_192;",
    checks: ["limits/json"],
  },
  {
    name: "repairs-utf8",
    fault: "reads what is not UTF-8 as if it were",
    file: "routes/server.ts",
    find: `new TextDecoder("utf-8", { fatal: true })`,
    replace: `new TextDecoder("utf-8")`,
    checks: ["ground/not-utf8"],
  },
];
