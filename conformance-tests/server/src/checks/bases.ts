// Checks of bases (P-60). Rule: a base is made as a client would make it, with random sealed bytes.

import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectBytes, expectEqual, expectProblem, expectStatus, need } from "../expectations.ts";
import { hashId, makeKey } from "../vault/signatures.ts";

const PATH = "/v1/bases";

export const BASE_CHECKS: readonly Check[] = [
  {
    id: "bases/store",
    requirement: "P-60",
    keyword: "MUST",
    quote: "`GET` → the body as it came.",
    feature: "bases",
    says: "a base is 201, 200 when it comes again, and reads back as it came; numbers may have gaps",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const { id } = await vault.needBlob();
      for (const number of [1, 7]) {
        const body = vault.keys.base(number, [id]);
        expectStatus(await vault.sendAsOwner("PUT", `${PATH}/${number}`, { body }), 201);
        expectStatus(await vault.sendAsOwner("PUT", `${PATH}/${number}`, { body }), 200);
        expectBytes("the base", expectStatus(await vault.sendAsOwner("GET", `${PATH}/${number}`), 200).body, body);
      }
    },
  },
  {
    id: "bases/number-differs",
    requirement: "P-60",
    keyword: "MUST",
    quote: "A number that holds another base is 409 `number-differs`",
    feature: "bases",
    says: "another base under the same number is 409",
    run: async (stage) => {
      const vault = await stage.freshVault();
      need("the base", await vault.sendAsOwner("PUT", `${PATH}/1`, { body: vault.keys.base(1, []) }), 201);
      expectProblem(await vault.sendAsOwner("PUT", `${PATH}/1`, { body: vault.keys.base(1, []) }), "number-differs");
    },
  },
  {
    id: "bases/missing-blobs",
    requirement: "P-60",
    keyword: "MUST",
    quote: "Missing blobs → 409 `base-needs`.",
    feature: "bases",
    says: "a base that names a blob which the vault lacks is 409 base-needs with that id",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const absent = hashId(new Uint8Array(randomBytes(8)));
      const answer = await vault.sendAsOwner("PUT", `${PATH}/1`, { body: vault.keys.base(1, [absent]) });
      expectEqual("missing", expectProblem(answer, "base-needs").list("missing"), [absent]);
    },
  },
  {
    id: "bases/statement",
    requirement: "P-60",
    keyword: "MUST",
    quote: "the statement is signed by the vault, kind `base`: `[1, vault(32), number, SHA-256(base)(32)]`",
    feature: "bases",
    says: "a statement of another key, another number or other bytes is malformed",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const altered = vault.keys.base(1, []);
      altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
      const spoiled = [
        vault.keys.base(1, [], { key: makeKey() }),
        vault.keys.base(1, [], { statedNumber: 2 }),
        altered,
      ];
      for (const body of spoiled) {
        expectProblem(await vault.sendAsOwner("PUT", `${PATH}/1`, { body }), "malformed");
      }
      expectProblem(await vault.sendAsOwner("GET", `${PATH}/1`), "not-found");
    },
  },
  {
    id: "bases/header",
    requirement: "P-60",
    keyword: "MUST",
    quote: "header `[1, kind = 1, vault(32), number, envelope: bytes, blobs: [id…], referenceBlobs: [id…]]`",
    feature: "bases",
    says: "a signed base whose header says kind 0 is malformed",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const body = vault.keys.base(1, [], { kind: 0 });
      expectProblem(await vault.sendAsOwner("PUT", `${PATH}/1`, { body }), "malformed");
    },
  },
  {
    id: "bases/too-large",
    requirement: "P-60",
    keyword: "MUST",
    quote: "a base has at most 8,388,608 bytes",
    feature: "bases",
    says: "a body above 8,388,608 bytes is 413",
    run: async (stage) => {
      const vault = await stage.vault();
      const body = new Uint8Array(8_388_609);
      expectProblem(await vault.sendAsOwner("PUT", `${PATH}/900`, { body }), "body-too-large");
    },
  },
];
