// Checks of blobs (P-40 to P-43). Rule: bytes are compared, not lengths.

import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectBytes, expectEqual, expectProblem, expectStatus, expectThat, need } from "../expectations.ts";
import { hashId } from "../vault/signatures.ts";

const PUT = "raw → 201 new, 200 again; 422 when the body's SHA-256 is not the id; 413; 507.";
const RANGES = 'bytes, single ranges (206; 416 with an empty body), `ETag` = `"id"`, `Accept-Ranges`';
const SIZE = 5_000;

export const BLOB_CHECKS: readonly Check[] = [
  {
    id: "blobs/store",
    requirement: "P-40",
    keyword: "MUST",
    quote: PUT,
    says: "a blob is 201 when it is new and 200 when it comes again",
    run: async (stage) => {
      const vault = await stage.vault();
      const bytes = new Uint8Array(randomBytes(SIZE));
      expectStatus(await vault.putBlob(bytes), 201);
      expectStatus(await vault.putBlob(bytes), 200);
      expectBytes("the blob", expectStatus(await vault.getBlob(hashId(bytes)), 200).body, bytes);
    },
  },
  {
    id: "blobs/owner-stores",
    requirement: "P-40",
    keyword: "MUST",
    quote: "`PUT /v1/blobs/{id}` (append, full)",
    says: "the owner may store a blob as a device may",
    run: async (stage) => {
      const vault = await stage.vault();
      const bytes = new Uint8Array(randomBytes(SIZE));
      expectStatus(await vault.putBlob(bytes, hashId(bytes), { token: vault.state.fullToken }), 201);
    },
  },
  {
    id: "blobs/wrong-digest",
    requirement: "P-40",
    keyword: "MUST",
    quote: "422 when the body's SHA-256 is not the id",
    says: "bytes that are not those of the id are 422 not-the-named-bytes",
    run: async (stage) => {
      const vault = await stage.vault();
      const bytes = new Uint8Array(randomBytes(SIZE));
      expectProblem(await vault.putBlob(bytes, hashId(new Uint8Array(randomBytes(8)))), "not-the-named-bytes");
    },
  },
  {
    id: "blobs/wrong-digest-leaves-nothing",
    requirement: "P-43",
    keyword: "MUST",
    quote: "No half blob is ever served.",
    says: "after bytes that are not those of the id, the vault still lacks the blob",
    run: async (stage) => {
      const vault = await stage.vault();
      const id = hashId(new Uint8Array(randomBytes(8)));
      await vault.putBlob(new Uint8Array(randomBytes(SIZE)), id);
      expectEqual("missing", expectStatus(await vault.askMissing([id]), 200).list("missing"), [id]);
      expectProblem(await vault.getBlob(id), "not-found");
    },
  },
  {
    id: "blobs/wrong-digest-spoils-nothing",
    requirement: "P-40",
    keyword: "MUST",
    quote: "A repeated PUT writes the bytes again, so that a damaged blob heals, and charges no quota twice.",
    says: "wrong bytes for a blob that is there are refused and leave it as it was",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id, bytes } = await vault.needBlob(SIZE);
      await vault.putBlob(new Uint8Array(randomBytes(SIZE)), id);
      expectBytes("the blob", expectStatus(await vault.getBlob(id), 200).body, bytes);
    },
  },
  {
    id: "blobs/length-required",
    requirement: "P-40",
    keyword: "MUST",
    quote: "`Content-Length` is required (411).",
    says: "a blob without its length is 411 malformed",
    run: async (stage) => {
      const vault = await stage.vault();
      const answer = await vault.putBlob(new Uint8Array(randomBytes(SIZE)), undefined, { isChunked: true });
      expectEqual("status", answer.status, 411);
      expectProblem(answer, "malformed");
    },
  },
  {
    id: "blobs/missing",
    requirement: "P-41",
    keyword: "MUST",
    quote: "`POST /v1/blobs/missing` (append, full) `{ids}` → 200 `{missing: [id]}`: those that the vault lacks",
    says: "of three ids the one that is stored is not missing, for the device and for the owner",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      const absent = [hashId(new Uint8Array(randomBytes(8))), hashId(new Uint8Array(randomBytes(8)))];
      for (const token of [vault.state.token, vault.state.fullToken]) {
        const json = { ids: [absent[0], id, absent[1]] };
        const answer = expectStatus(await vault.client.send("POST", "/v1/blobs/missing", { token, json }), 200);
        expectEqual("missing", answer.list("missing").toSorted(), absent.toSorted());
      }
      expectEqual("of none", expectStatus(await vault.askMissing([]), 200).list("missing"), []);
    },
  },
  {
    id: "blobs/read",
    requirement: "P-42",
    keyword: "MUST",
    quote: RANGES,
    says: "the owner reads the bytes with ETag and Accept-Ranges, and HEAD says the same without them",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id, bytes } = await vault.needBlob(SIZE);
      const answer = expectStatus(await vault.getBlob(id), 200);
      expectBytes("the blob", answer.body, bytes);
      const head = expectStatus(await vault.sendAsOwner("HEAD", `/v1/blobs/${id}`), 200);
      for (const each of [answer, head]) {
        expectEqual("etag", each.header("etag"), `"${id}"`);
        expectEqual("accept-ranges", each.header("accept-ranges"), "bytes");
        expectEqual("content-length", each.header("content-length"), String(SIZE));
      }
    },
  },
  {
    id: "blobs/ranges",
    requirement: "P-42",
    keyword: "MUST",
    quote: RANGES,
    says: "a range in the middle, one byte, an open end, the last bytes and a range beyond the end are 206 with exactly those bytes",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id, bytes } = await vault.needBlob(SIZE);
      const ranges: readonly (readonly [string, number, number])[] = [
        ["bytes=0-0", 0, 0],
        ["bytes=100-199", 100, 199],
        [`bytes=${SIZE - 1}-${SIZE - 1}`, SIZE - 1, SIZE - 1],
        ["bytes=4000-", 4_000, SIZE - 1],
        ["bytes=-10", SIZE - 10, SIZE - 1],
        ["bytes=4990-9999", 4_990, SIZE - 1],
      ];
      for (const [range, first, last] of ranges) {
        const answer = expectStatus(await vault.getBlob(id, { range }), 206);
        expectBytes(range, answer.body, bytes.subarray(first, last + 1));
        expectEqual("content-range", answer.header("content-range"), `bytes ${first}-${last}/${SIZE}`);
      }
    },
  },
  {
    id: "blobs/range-outside",
    requirement: "P-42",
    keyword: "MUST",
    quote: "416 with an empty body",
    says: "a range behind the end is 416 without a body",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob(SIZE);
      const answer = expectStatus(await vault.getBlob(id, { range: `bytes=${SIZE}-` }), 416);
      expectEqual("bytes of the body", answer.body.length, 0);
    },
  },
  {
    id: "blobs/lease",
    requirement: "P-43",
    keyword: "MUST",
    quote: "200 or 201 for a blob, and its absence from `missing`, promise it for 24 hours and restart its lease.",
    says: "right after its answer a blob is not missing, can be read, and can be named by a record",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id, bytes } = await vault.needBlob(SIZE);
      expectEqual("missing", expectStatus(await vault.askMissing([id]), 200).list("missing"), []);
      expectBytes("the blob", expectStatus(await vault.getBlob(id), 200).body, bytes);
      const { number, bytes: record } = await vault.makeNext({ blobs: [id] });
      expectStatus(await vault.putRecord(number, record), 201);
    },
  },
  {
    id: "blobs/at-once",
    requirement: "P-70",
    keyword: "MUST",
    quote: "Equal uploads at once leave one file.",
    says: "eight equal uploads at once all succeed, and the blob reads back whole",
    run: async (stage) => {
      const vault = await stage.vault();
      const bytes = new Uint8Array(randomBytes(200_000));
      const answers = await Promise.all(Array.from({ length: 8 }, () => vault.putBlob(bytes)));
      for (const answer of answers) expectStatus(answer, 200, 201);
      const created = answers.filter(({ status }) => status === 201).length;
      expectThat("one 201 at the most", created <= 1, `${created} of them`);
      expectBytes("the blob", expectStatus(await vault.getBlob(hashId(bytes)), 200).body, bytes);
    },
  },
  {
    id: "blobs/refusal-leaves-the-connection",
    requirement: "P-85",
    keyword: "MUST",
    quote: "it never leaves one behind on which the next request waits",
    says: "after a refusal in the middle of a large body the next requests are answered",
    run: async (stage) => {
      const vault = await stage.vault();
      const bytes = new Uint8Array(4_000_000);
      need("the refusal", await vault.putBlob(bytes, undefined, { token: "a.b.c" }), 401);
      for (let count = 0; count < 3; count += 1) expectStatus(await vault.readHead(), 200);
    },
  },
];
