// Checks of discovery and of announced limits (P-10, P-11), and of the operations' paths (section 10). Rule: limits are tried as
// announced, and only up to a size that a run can bear.

import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectEqual, expectProblem, expectStatus, expectThat, need } from "../expectations.ts";
import { NotApplicable } from "../outcome.ts";
import { hashId, openSigned } from "../vault/signatures.ts";

const LEAST = { blobBytes: 8_388_608, recordBytes: 524_288, idsPerQuery: 1_000, idsPerRecord: 2_097_152 } as const;
const ENFORCED = "Limits are enforced as announced: larger bodies 413, more ids 400.";
/** A limit above this is not tried: the run would be about the line and not the server. */
const LARGEST_TRIED_BYTES = 33_554_432;
const MANY_IDS = 100_000;

export const DISCOVERY_CHECKS: readonly Check[] = [
  {
    id: "discovery/fields",
    requirement: "P-11",
    keyword: "MUST",
    quote: "Features of this version: `second-factor`, `bases`, `audits`.",
    says: "discovery has all its fields, version 1 among them, a list of features, and a key of 32 bytes",
    run: async ({ client }) => {
      const answer = expectStatus(await client.send("GET", "/.well-known/coffre"), 200);
      expectThat("version 1 among the protocols", answer.list("protocols").includes("1"), "other versions");
      answer.text("software");
      expectThat(
        "features as texts",
        answer.list("features").every((each) => typeof each === "string"),
        "other values",
      );
      const registration = answer.text("registration");
      expectThat("open, invitation or closed", ["open", "invitation", "closed"].includes(registration), registration);
      answer.bytes("serverKey", 32);
      answer.text("time");
    },
  },
  {
    id: "discovery/signing-key",
    requirement: "P-11",
    keyword: "MUST",
    quote: "`serverKey` is the Ed25519 key that signs receipts.",
    says: "a receipt's signature holds under the announced key",
    run: async (stage) => {
      const vault = await stage.vault();
      const { receipt } = await vault.needRecord();
      const isSigned = openSigned(receipt, "receipt", stage.facts.serverKey) !== null;
      expectThat("a receipt that holds under serverKey", isSigned, "another signature");
    },
  },
  {
    id: "discovery/least-limits",
    requirement: "P-10",
    keyword: "MUST",
    quote: "`blobBytes` ≥ 8,388,608; `recordBytes` ≥ 524,288; `idsPerQuery` ≥ 1,000; `idsPerRecord`",
    says: "no announced limit is below what clients rely on",
    run: async ({ client }) => {
      const answer = expectStatus(await client.send("GET", "/.well-known/coffre"), 200);
      for (const [name, least] of Object.entries(LEAST)) {
        if (name === "idsPerRecord" && answer.find("limits.idsPerRecord") === undefined) continue;
        const value = answer.integer(`limits.${name}`);
        expectThat(`limits.${name} of at least ${least}`, value >= least, String(value));
      }
    },
  },
  {
    id: "discovery/largest-blob",
    requirement: "P-10",
    keyword: "MUST",
    quote: "`blobBytes` ≥ 8,388,608",
    says: "a blob of 8,388,608 bytes is stored",
    run: async (stage) => {
      const vault = await stage.vault();
      expectStatus(await vault.putBlob(new Uint8Array(randomBytes(8_388_608))), 201);
    },
  },
  {
    id: "discovery/blob-above-the-limit",
    requirement: "P-10",
    keyword: "MUST",
    quote: ENFORCED,
    says: "a blob with one byte more than blobBytes is 413",
    run: async (stage) => {
      const vault = await stage.vault();
      const sizeBytes = requireBearable(stage.facts.limits.blobBytes) + 1;
      const bytes = new Uint8Array(sizeBytes);
      expectProblem(await vault.putBlob(bytes), "body-too-large");
      expectEqual("missing afterwards", (await vault.askMissing([hashId(bytes)])).list("missing").length, 1);
    },
  },
  {
    id: "discovery/largest-record",
    requirement: "P-10",
    keyword: "MUST",
    quote: "`recordBytes` ≥ 524,288",
    says: "a record of 524,288 bytes is taken",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const { bytes: small } = await vault.makeNext({ sealedBytes: 28 });
      const { number, bytes } = await vault.makeNext({ sealedBytes: 524_288 - (small.length - 28) });
      expectStatus(await vault.putRecord(number, bytes), 201);
    },
  },
  {
    id: "discovery/record-above-the-limit",
    requirement: "P-10",
    keyword: "MUST",
    quote: ENFORCED,
    says: "a record with more than recordBytes is 413",
    run: async (stage) => {
      const vault = await stage.vault();
      const { number, bytes } = await vault.makeNext({ sealedBytes: requireBearable(stage.facts.limits.recordBytes) });
      expectProblem(await vault.putRecord(number, bytes), "body-too-large");
    },
  },
  {
    id: "discovery/ids-above-the-limit",
    requirement: "P-10",
    keyword: "MUST",
    quote: ENFORCED,
    says: "idsPerQuery ids are looked up, and one more is refused",
    run: async (stage) => {
      const vault = await stage.vault();
      const { idsPerQuery } = stage.facts.limits;
      if (idsPerQuery > MANY_IDS) throw new NotApplicable(`more than ${MANY_IDS} ids are not tried`);
      const ids = Array.from({ length: idsPerQuery + 1 }, (_, index) =>
        hashId(new TextEncoder().encode(String(index))),
      );
      const answer = expectStatus(await vault.askMissing(ids.slice(1)), 200);
      expectEqual("missing ids", answer.list("missing").length, idsPerQuery);
      // A body for so many ids may be too large as a whole (P-85).
      expectProblem(await vault.askMissing(ids), "malformed", "body-too-large");
    },
  },
  {
    id: "operations/health",
    requirement: "P-90",
    keyword: "MUST",
    quote: "`/health/live` → 200; `/health/ready` → 200, or 503",
    says: "a server that serves says that it lives and is ready",
    run: async ({ client }) => {
      expectStatus(await client.send("GET", "/health/live"), 200);
      need("being ready", expectStatus(await client.send("GET", "/health/ready"), 200, 503), 200);
    },
  },
];

function requireBearable(limitBytes: number): number {
  if (limitBytes <= LARGEST_TRIED_BYTES) return limitBytes;
  throw new NotApplicable(`a limit above ${LARGEST_TRIED_BYTES} bytes is not tried`);
}
