// Checks of audits (P-44). Rule: what an answer must be is computed here from the bytes that were stored.

import { createHash, randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectEqual, expectProblem, expectStatus, need } from "../expectations.ts";
import { hashId } from "../vault/signatures.ts";

const PIECE_BYTES = 65_536;

export const AUDIT_CHECKS: readonly Check[] = [
  {
    id: "audits/answers",
    requirement: "P-44",
    keyword: "MUST",
    quote: "in the order of the questions: SHA-256(nonce ‖ piece)",
    feature: "audits",
    says: "each piece of a blob, the short last one too, is answered with the digest of the nonce and its bytes",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const bytes = new Uint8Array(randomBytes(PIECE_BYTES * 2 + 1_024));
      need("the blob", await vault.putBlob(bytes), 201);
      const nonces = [0, 1, 2].map(() => randomBytes(16));
      const audits = nonces.map((nonce, piece) => ({ blob: hashId(bytes), piece, nonce: nonce.toString("base64") }));
      const expected = nonces.map((nonce, piece) =>
        createHash("sha256")
          .update(nonce)
          .update(bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES))
          .digest("base64"),
      );
      const answer = await vault.send("POST", "/v1/audits", { json: { audits } });
      expectEqual("answers", expectStatus(answer, 200).list("answers"), expected);
    },
  },
  {
    id: "audits/lacking",
    requirement: "P-44",
    keyword: "MUST",
    quote: "null says that the vault lacks the blob, that it is damaged, or that the piece lies behind its end",
    feature: "audits",
    says: "another vault's blob and a piece behind the end are null; a nonce that is too short is malformed",
    run: async (stage) => {
      const [vault, other] = [await stage.freshVault(), await stage.freshVault()];
      const { id } = await vault.needBlob();
      const foreign = await other.needBlob();
      const nonce = randomBytes(16).toString("base64");
      const ask = async (blob: string, piece: number, text = nonce) =>
        await vault.send("POST", "/v1/audits", { json: { audits: [{ blob, piece, nonce: text }] } });
      expectEqual("the other's", expectStatus(await ask(foreign.id, 0), 200).list("answers"), [null]);
      expectEqual("behind the end", expectStatus(await ask(id, 1_000), 200).list("answers"), [null]);
      expectProblem(await ask(id, 0, randomBytes(8).toString("base64")), "malformed");
    },
  },
  {
    id: "audits/most",
    requirement: "P-44",
    keyword: "MUST",
    quote: "Up to 256 questions.",
    feature: "audits",
    says: "256 questions are answered, and one more is malformed",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const { id } = await vault.needBlob();
      const audits = Array.from({ length: 257 }, () => ({
        blob: id,
        piece: 0,
        nonce: randomBytes(32).toString("base64"),
      }));
      const most = await vault.send("POST", "/v1/audits", { json: { audits: audits.slice(1) } });
      expectEqual("how many answers", expectStatus(most, 200).list("answers").length, 256);
      expectProblem(await vault.send("POST", "/v1/audits", { json: { audits } }), "malformed");
    },
  },
];
