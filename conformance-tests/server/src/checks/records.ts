// Checks of records and receipts (P-50 to P-54). Rule: a record that must be refused differs from the next one in one thing, and
// the head must be where it was afterwards.

import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectBytes, expectEqual, expectProblem, expectStatus, expectThat, need } from "../expectations.ts";
import type { ProblemCode } from "../problems.ts";
import { formatId, hashId, openSigned } from "../vault/signatures.ts";
import { makeDevice, type RecordParts, VaultKeys, ZERO_ID } from "../vault/structures.ts";
import type { Vault } from "../vault/vault.ts";

const CONFLICT =
  "409 `record-conflict` `{head: {number, hash, receipt}}` for another number than the next, a wrong previous hash, or other content under a number that is taken.";
const MALFORMED = "400 `malformed` when the header is not of format §7 or names another vault, device or number.";
const NEEDS =
  "409 `record-needs` `{missing: [id ≤ 1,000], envelope: boolean}` when a named blob, a blob in a reference blob, or the epoch's envelope (by its hash) is not durable.";
const RECEIPT_MS = 10 * 60_000;

export const RECORD_CHECKS: readonly Check[] = [
  {
    id: "records/append",
    requirement: "P-50",
    keyword: "MUST",
    quote: "raw → 201 `{receipt}`, the same again → 200 with the same receipt",
    says: "a record is 201 with a receipt, and when it comes again 200 with the same one",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      const { number, bytes } = await vault.makeNext({ blobs: [id] });
      const receipt = expectStatus(await vault.putRecord(number, bytes), 201).bytes("receipt");
      const again = expectStatus(await vault.putRecord(number, bytes), 200).bytes("receipt");
      expectBytes("the receipt", again, receipt);
    },
  },
  {
    id: "records/repeat-later",
    requirement: "P-2",
    keyword: "MUST",
    quote: "equal stored content is success before any tag, number or invitation is checked",
    says: "a record that comes again when another one stands above it is 200 with its receipt",
    run: async (stage) => {
      const vault = await stage.vault();
      const first = await vault.needRecord();
      await vault.needRecord();
      const again = expectStatus(await vault.putRecord(first.number, first.bytes), 200);
      expectBytes("the receipt", again.bytes("receipt"), first.receipt);
    },
  },
  {
    id: "records/receipt",
    requirement: "P-54",
    keyword: "MUST",
    quote: "A receipt is made with its record's commit and leaves only after it.",
    says: "the receipt is signed by the server and names vault, device, number and hash of the record, and a time of now",
    run: async (stage) => {
      const vault = await stage.vault();
      const record = await vault.needRecord();
      const item = openSigned(record.receipt, "receipt", vault.serverKey);
      expectThat("a receipt that the server's key signed", Array.isArray(item) && item.length === 7, "another form");
      const [version, vaultId, device, number, hash, durability, timeMs] = item as readonly unknown[];
      expectEqual("version", version, 1);
      expectEqual("vault", formatBytes(vaultId), vault.keys.id);
      expectEqual("device", formatBytes(device), vault.device.id);
      expectEqual("number", number, record.number);
      expectEqual("hash", formatBytes(hash), record.hash);
      expectThat("durability 0 or 1", durability === 0 || durability === 1, String(durability));
      const isNow = Math.abs(Number(timeMs) - Date.now()) < RECEIPT_MS;
      expectThat("a time of now in milliseconds", isNow, String(timeMs));
    },
  },
  {
    id: "records/header-of-others",
    requirement: "P-50",
    keyword: "MUST",
    quote: MALFORMED,
    says: "a header that names another vault, another device or another number is malformed",
    run: async (stage) => {
      const vault = await stage.vault();
      for (const parts of [{ vault: new VaultKeys().id }, { device: makeDevice().id }]) {
        await expectRefused(vault, parts, "malformed");
      }
      const { number, bytes } = await vault.makeNext();
      expectProblem(await vault.putRecord(number + 1, bytes), "malformed");
    },
  },
  {
    id: "records/header-malformed",
    requirement: "P-50",
    keyword: "MUST",
    quote: MALFORMED,
    says: "bytes that are no CBOR, an empty body and a header without a body are malformed",
    run: async (stage) => {
      const vault = await stage.vault();
      const { number, bytes } = await vault.makeNext({ sealedBytes: 0 });
      const spoiled = [
        new Uint8Array(randomBytes(300)).fill(0xff, 0, 1),
        Uint8Array.of(0x80),
        bytes,
        bytes.slice(0, 40),
      ];
      for (const record of spoiled) expectProblem(await vault.putRecord(number, record), "malformed");
    },
  },
  {
    id: "records/out-of-order-ids",
    requirement: "P-50",
    keyword: "MUST",
    quote: MALFORMED,
    says: "a header whose blobs are not in ascending order is malformed",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      await expectRefused(vault, { blobs: [id, id] }, "malformed");
    },
  },
  {
    id: "records/gap",
    requirement: "P-51",
    keyword: "MUST",
    quote: CONFLICT,
    says: "a record that leaves a number out is 409 record-conflict with the head",
    run: async (stage) => {
      const vault = await stage.vault();
      await vault.needRecord();
      const head = await vault.needHead();
      await expectRefused(vault, { number: head.number + 2 }, "record-conflict");
    },
  },
  {
    id: "records/previous-hash",
    requirement: "P-51",
    keyword: "MUST",
    quote: CONFLICT,
    says: "the next number with another previous hash is 409 record-conflict with the head",
    run: async (stage) => {
      const vault = await stage.vault();
      await vault.needRecord();
      for (const previousHash of [ZERO_ID, "1".repeat(64)])
        await expectRefused(vault, { previousHash }, "record-conflict");
    },
  },
  {
    id: "records/other-content",
    requirement: "P-51",
    keyword: "MUST",
    quote: CONFLICT,
    says: "other content under a number that is taken is 409 record-conflict, and the log keeps what it has",
    run: async (stage) => {
      const vault = await stage.vault();
      const before = await vault.needHead();
      const taken = await vault.needRecord();
      await expectRefused(vault, { number: taken.number, previousHash: before.hash }, "record-conflict");
      const page = await vault.send("GET", `${vault.logPath()}/records?after=${before.number}`);
      expectBytes("the record", page.bytes("records.0.record"), taken.bytes);
    },
  },
  {
    id: "records/missing-blobs",
    requirement: "P-52",
    keyword: "MUST",
    quote: NEEDS,
    says: "a record that names a blob which the vault lacks is 409 record-needs with that id",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      const absent = hashId(new Uint8Array(randomBytes(8)));
      const answer = await expectRefused(vault, { blobs: [id, absent] }, "record-needs");
      expectEqual("missing", answer.list("missing"), [absent]);
      expectEqual("envelope", answer.find("envelope"), false);
    },
  },
  {
    id: "records/missing-envelope",
    requirement: "P-52",
    keyword: "MUST",
    quote: NEEDS,
    says: "a record of an epoch without an envelope, or with another envelope's hash, is 409 record-needs that asks for it",
    run: async (stage) => {
      const vault = await stage.vault();
      const other = vault.keys.envelope(1, vault.device, 1, 99);
      for (const parts of [{ epoch: 900, envelope: vault.keys.envelope(900) }, { envelope: other }]) {
        const answer = await expectRefused(vault, parts, "record-needs");
        expectEqual("envelope", answer.find("envelope"), true);
        expectEqual("missing", answer.list("missing"), []);
      }
    },
  },
  {
    id: "records/reference-blobs",
    requirement: "P-52",
    keyword: "MUST",
    quote: NEEDS,
    says: "blobs of a reference blob must be there too: 409 record-needs with the missing one, and 201 when it has come",
    run: async (stage) => {
      const vault = await stage.vault();
      const stored = await vault.needBlob();
      const absent = new Uint8Array(randomBytes(600));
      const ids = [stored.id, hashId(absent)].toSorted();
      const reference = new Uint8Array(Buffer.from(ids.join(""), "hex"));
      need("the reference blob", await vault.putBlob(reference), 201);
      const { number, bytes } = await vault.makeNext({ referenceBlobs: [hashId(reference)] });
      const answer = expectProblem(await vault.putRecord(number, bytes), "record-needs");
      expectEqual("missing", answer.list("missing"), [hashId(absent)]);
      need("the missing blob", await vault.putBlob(absent), 201);
      expectStatus(await vault.putRecord(number, bytes), 201);
    },
  },
  {
    id: "records/missing-reference-blob",
    requirement: "P-52",
    keyword: "MUST",
    quote: NEEDS,
    says: "a reference blob that the vault lacks is missing itself",
    run: async (stage) => {
      const vault = await stage.vault();
      const absent = hashId(new Uint8Array(randomBytes(8)));
      const answer = await expectRefused(vault, { referenceBlobs: [absent] }, "record-needs");
      expectEqual("missing", answer.list("missing"), [absent]);
    },
  },
  {
    id: "records/bad-reference-blobs",
    requirement: "P-52",
    keyword: "MUST",
    quote: "A reference blob whose length is no multiple of 32, or that is out of order, is 400",
    says: "reference blobs of 33 bytes, out of order, and with an id twice make the record malformed",
    run: async (stage) => {
      const vault = await stage.vault();
      const ids = [await vault.needBlob(), await vault.needBlob()].map(({ id }) => id).toSorted();
      const [low = "", high = ""] = ids;
      for (const hex of [`${low}00`, high + low, low + low]) {
        const reference = new Uint8Array(Buffer.from(hex, "hex"));
        need("the reference blob", await vault.putBlob(reference), 200, 201);
        await expectRefused(vault, { referenceBlobs: [hashId(reference)] }, "malformed");
      }
    },
  },
];

/** Sends the next record with these changes; fails unless it is this problem and the head stays. */
async function expectRefused(vault: Vault, parts: Partial<RecordParts>, code: ProblemCode) {
  const head = await vault.needHead();
  const { number, bytes } = await vault.makeNext(parts);
  const answer = expectProblem(await vault.putRecord(number, bytes), code);
  if (code === "record-conflict") {
    expectEqual("head", [answer.integer("head.number"), answer.text("head.hash")], [head.number, head.hash]);
    if (head.number > 0) answer.bytes("head.receipt");
  }
  const after = expectStatus(await vault.readHead(), 200);
  expectEqual("the head afterwards", [after.integer("number"), after.text("hash")], [head.number, head.hash]);
  return answer;
}

function formatBytes(value: unknown): string {
  return value instanceof Uint8Array ? formatId(value) : String(value);
}
