// Checks of bodies' sizes (P-85). Rule: a body is one byte below or above its limit, filled with a field that nobody knows.

import type { Check } from "../check.ts";
import { expectProblem, expectStatus, need } from "../expectations.ts";
import { base64, hashId } from "../vault/signatures.ts";
import type { Client } from "../wire/client.ts";

const SIZES =
  "A body of JSON arrives within 30 seconds and is at most 4,096 bytes; for `accounts` and `vault` 16,384, for `roster` 360,448, for `missing` 4,096 and 72 for each id; for `audits` 53,248.";

export const LIMIT_CHECKS: readonly Check[] = [
  {
    id: "limits/json",
    requirement: "P-85",
    keyword: "MUST",
    quote: SIZES,
    says: "a body of 4,096 bytes is taken, and one of 4,097 is 413",
    run: async ({ client }) => {
      expectStatus(await sendFilled(client, "/v1/kdf", { login: "somebody" }, 4_096), 200);
      expectProblem(await sendFilled(client, "/v1/kdf", { login: "somebody" }, 4_097), "body-too-large");
    },
  },
  {
    id: "limits/accounts",
    requirement: "P-85",
    keyword: "MUST",
    quote: SIZES,
    says: "an account may take 16,384 bytes and no more",
    run: async (stage) => {
      const { keys } = await stage.madeVault();
      const account = { login: keys.login, vaultObject: base64(keys.vaultObject()), roster: base64(keys.roster()) };
      expectStatus(await sendFilled(stage.client, "/v1/accounts", account, 16_384), 200);
      expectProblem(await sendFilled(stage.client, "/v1/accounts", account, 16_385), "body-too-large");
    },
  },
  {
    id: "limits/missing",
    requirement: "P-41",
    keyword: "MUST",
    quote: "Up to 1,000 ids.",
    says: "a thousand ids with white space between them are looked up",
    run: async (stage) => {
      const vault = await stage.vault();
      const ids = Array.from({ length: 1_000 }, (_, index) => hashId(Buffer.from(`absent ${index}`)));
      const body = new TextEncoder().encode(JSON.stringify({ ids }, null, 0).replaceAll(",", ",\n  "));
      const headers = { "content-type": "application/json" };
      const answer = await vault.send("POST", "/v1/blobs/missing", { body, headers });
      need("a thousand missing ids", expectStatus(answer, 200), 200);
    },
  },
];

/** Sends `fields` as JSON of exactly `sizeBytes`. */
function sendFilled(client: Client, path: string, fields: Readonly<Record<string, string>>, sizeBytes: number) {
  const bare = JSON.stringify({ ...fields, filling: "" }).length;
  return client.send("POST", path, { json: { ...fields, filling: "x".repeat(sizeBytes - bare) } });
}
