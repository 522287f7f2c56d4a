// Checks of sessions and the start bundle (P-22, P-23). Rule: every session that is begun here is ended here.

import type { Check } from "../check.ts";
import {
  expectAlike,
  expectBytes,
  expectEqual,
  expectProblem,
  expectStatus,
  expectThat,
  need,
} from "../expectations.ts";
import { base64, hashId } from "../vault/signatures.ts";
import { VaultKeys } from "../vault/structures.ts";
import type { Vault } from "../vault/vault.ts";
import type { Answer } from "../wire/exchange.ts";

const MINUTE_MS = 60_000;
/** What clocks of two machines may differ by. */
const SLACK_MS = 5 * MINUTE_MS;
const PAGE_BYTES = 368_640;
const EITHER = "`loginKey` is either login key";

export const SESSION_CHECKS: readonly Check[] = [
  {
    id: "sessions/start-bundle",
    requirement: "P-22",
    keyword: "MUST",
    quote: "→ 201, the **start bundle**",
    says: "a login answers with token, vault object, its tag and the roster as they were stored",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const answer = await openSession(vault);
      expectEqual("vault", answer.text("vault"), vault.keys.id);
      expectBytes("vaultObject", answer.bytes("vaultObject"), vault.keys.vaultObject());
      expectEqual("tag", answer.text("tag"), hashId(vault.keys.vaultObject()));
      expectBytes("roster", answer.bytes("roster"), vault.keys.roster());
    },
  },
  {
    id: "sessions/hex",
    requirement: "P-22",
    keyword: "MUST",
    quote: "`tag` and `hash` are hex.",
    says: "tag and hash in the bundle are 64 lower-case hex digits",
    run: async (stage) => {
      const answer = await openSession(await stage.vault());
      for (const path of ["tag", "heads.0.hash"]) {
        expectThat(`${path} of 64 lower-case hex digits`, /^[0-9a-f]{64}$/.test(answer.text(path)), answer.text(path));
      }
    },
  },
  {
    id: "sessions/heads-and-tail",
    requirement: "P-22",
    keyword: "MUST",
    quote:
      "`tail` holds the first records of `device` (without it: of the device with the newest receipt), `envelopes` those that the tail names",
    says: "the bundle holds the device's head, its records with receipts, and the envelope that they name",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const first = await vault.needRecord();
      const second = await vault.needRecord();
      for (const changes of [{}, { device: vault.device.id }]) {
        const answer = await openSession(vault, changes);
        expectEqual(
          "heads",
          [answer.text("heads.0.device"), answer.integer("heads.0.number"), answer.text("heads.0.hash")],
          [vault.device.id, 2, second.hash],
        );
        expectBytes("heads.0.receipt", answer.bytes("heads.0.receipt"), second.receipt);
        expectEqual("damagedRecords", answer.list("heads.0.damagedRecords"), []);
        expectEqual("damagedEpochs", answer.list("heads.0.damagedEpochs"), []);
        expectEqual("tail.device", answer.text("tail.device"), vault.device.id);
        expectEqual("number of records", answer.list("tail.records").length, 2);
        expectBytes("the first record", answer.bytes("tail.records.0.record"), first.bytes);
        expectBytes("the first receipt", answer.bytes("tail.records.0.receipt"), first.receipt);
        expectEqual("tail.next", answer.find("tail.next"), null);
        expectEqual("number of envelopes", answer.list("envelopes").length, 1);
        expectBytes("the envelope", answer.bytes("envelopes.0.envelope"), vault.keys.envelope(1));
      }
    },
  },
  {
    id: "sessions/no-tail",
    requirement: "P-22",
    keyword: "MUST",
    quote: "A vault without records, and a `device` that is unknown, give `tail: null`.",
    says: "a vault without records has no tail, and neither has an unknown device",
    run: async (stage) => {
      const vault = await stage.freshVault();
      expectEqual("tail without records", (await openSession(vault)).find("tail"), null);
      await vault.needRecord();
      expectEqual(
        "tail of an unknown device",
        (await openSession(vault, { device: "0".repeat(64) })).find("tail"),
        null,
      );
    },
  },
  {
    id: "sessions/bundle-size",
    requirement: "P-22",
    keyword: "MUST",
    quote: "The whole answer is at most 368,640 bytes.",
    says: "with three records of 200,000 bytes the bundle stays below the limit and says where to page on",
    run: async (stage) => {
      const vault = await stage.freshVault();
      for (let count = 0; count < 3; count += 1) await vault.needRecord([], 200_000);
      const answer = await openSession(vault);
      expectThat(`at most ${PAGE_BYTES} bytes`, answer.body.length <= PAGE_BYTES, `${answer.body.length} bytes`);
      expectEqual("tail.next", answer.integer("tail.next"), answer.list("tail.records").length);
    },
  },
  {
    id: "sessions/first-record-does-not-fit",
    requirement: "P-22",
    keyword: "MUST",
    quote: "a first record that does not fit gives no records and `next: 0`",
    says: "a first record of 400,000 bytes leaves the tail empty, with next 0",
    run: async (stage) => {
      const vault = await stage.freshVault();
      await vault.needRecord([], 400_000);
      const answer = await openSession(vault);
      expectEqual("records of the tail", answer.list("tail.records").length, 0);
      expectEqual("tail.next", answer.integer("tail.next"), 0);
    },
  },
  {
    id: "sessions/recovery-key",
    requirement: "P-22",
    keyword: "MUST",
    quote: EITHER,
    says: "the key of the words opens a session like that of the passphrase",
    run: async (stage) => {
      const vault = await stage.madeVault();
      await openSession(vault, { loginKey: base64(vault.keys.recoveryLoginKey) });
    },
  },
  {
    id: "sessions/wrong-key",
    requirement: "P-22",
    keyword: "MUST",
    quote: "the server compares its SHA-256",
    says: "another key, and the SHA-256 of the right one, are refused",
    run: async (stage) => {
      const vault = await stage.vault();
      const { loginKey } = vault.keys;
      const hashed = Buffer.from(hashId(loginKey), "hex").toString("base64");
      expectProblem(await vault.logIn({ loginKey: base64(new Uint8Array(32).fill(1)) }), "login-refused");
      expectProblem(await vault.logIn({ loginKey: hashed }), "login-refused");
    },
  },
  {
    id: "sessions/unknown-login-looks-wrong",
    requirement: "P-4",
    keyword: "MUST",
    quote: "`{type, title, status, detail?, retryable, …}`",
    says: "an unknown login and a wrong key get one answer",
    run: async (stage) => {
      const vault = await stage.vault();
      const loginKey = base64(new Uint8Array(32).fill(2));
      const wrong = expectProblem(await vault.logIn({ loginKey }), "login-refused");
      const unknown = expectProblem(await vault.logIn({ login: new VaultKeys().login, loginKey }), "login-refused");
      expectAlike("an unknown login", unknown, wrong);
    },
  },
  {
    id: "sessions/expiry",
    requirement: "P-22",
    keyword: "MUST",
    quote: "Tokens of scope `full` live 60 minutes.",
    says: "a session ends 60 minutes after it began",
    run: async (stage) => {
      expectLifetime(await openSession(await stage.vault()), 60);
    },
  },
  {
    id: "sessions/end",
    requirement: "P-23",
    keyword: "MUST",
    quote: "`DELETE /v1/sessions` → 204; the token is refused from then on.",
    says: "a session that was ended opens nothing any more, and others go on",
    run: async (stage) => {
      const vault = await stage.vault();
      const token = need("a session", await vault.logIn(), 201).text("token");
      need("using it", await vault.client.send("GET", "/v1/vault", { token }), 200);
      expectStatus(await vault.client.send("DELETE", "/v1/sessions", { token }), 204);
      expectProblem(await vault.client.send("GET", "/v1/vault", { token }), "unauthorized");
      expectStatus(await vault.sendAsOwner("GET", "/v1/vault"), 200);
    },
  },
];

/** Fails unless the answer's `expiresAt` is about `minutes` from now. */
export function expectLifetime(answer: Answer, minutes: number): void {
  const leftMs = Date.parse(answer.text("expiresAt")) - Date.now();
  const isRight = Math.abs(leftMs - minutes * MINUTE_MS) <= SLACK_MS;
  expectThat(`an end in ${minutes} minutes`, isRight, `one in ${Math.round(leftMs / MINUTE_MS)} minutes`);
}

/** Logs in, ends the session again, and gives the start bundle. */
async function openSession(vault: Vault, changes: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  const answer = expectStatus(await vault.logIn(changes), 201);
  await vault.client.send("DELETE", "/v1/sessions", { token: answer.text("token") });
  return answer;
}
