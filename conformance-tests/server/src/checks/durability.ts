// Checks that kill the server and look again (P-43, P-54, P-71). Rule: one kill serves all of them; each asks for what it stored
// before it.

import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { killAndRestart } from "../commands.ts";
import { expectBytes, expectEqual, expectProblem, expectStatus, need } from "../expectations.ts";
import type { Stage } from "../stage.ts";
import { hashId } from "../vault/signatures.ts";
import { makeDevice } from "../vault/structures.ts";
import type { Appended, Vault, VaultState } from "../vault/vault.ts";

/** What was stored before the kill. */
type Story = {
  readonly state: VaultState;
  readonly blob: { readonly id: string; readonly bytes: Uint8Array };
  readonly record: Appended;
  readonly envelope: Uint8Array;
  readonly vaultObject: Uint8Array;
  readonly endedToken: string;
  readonly usedAnswer: Uint8Array;
  readonly revokedToken: string;
};

const COMMIT = "the server applies the objects that have no row";

export const DURABILITY_CHECKS: readonly Check[] = [
  {
    id: "durability/blobs",
    requirement: "P-43",
    keyword: "MUST",
    quote: "Bytes are on stable storage before the answer.",
    command: "kill",
    says: "a blob that was answered before the server was killed is there afterwards",
    run: async (stage) => {
      const { vault, story } = await tell(stage);
      expectEqual("missing", expectStatus(await vault.askMissing([story.blob.id]), 200).list("missing"), []);
      expectBytes("the blob", expectStatus(await vault.getBlob(story.blob.id), 200).body, story.blob.bytes);
    },
  },
  {
    id: "durability/records",
    requirement: "P-54",
    keyword: "MUST",
    quote: "A receipt is made with its record's commit and leaves only after it.",
    command: "kill",
    says: "a record whose receipt came before the kill is the head afterwards, with the same receipt",
    run: async (stage) => {
      const { vault, story } = await tell(stage);
      const head = expectStatus(await vault.readHead(), 200);
      expectEqual(
        "number, hash",
        [head.integer("number"), head.text("hash")],
        [story.record.number, story.record.hash],
      );
      expectBytes("the receipt", head.bytes("receipt"), story.record.receipt);
      const page = expectStatus(
        await vault.send("GET", `${vault.logPath()}/records?after=${story.record.number - 1}`),
        200,
      );
      expectBytes("the record", page.bytes("records.0.record"), story.record.bytes);
    },
  },
  {
    id: "durability/envelopes-and-vault-objects",
    requirement: "P-71",
    keyword: "MUST",
    quote: COMMIT,
    command: "kill",
    says: "an envelope and a vault object that were answered before the kill are there afterwards",
    run: async (stage) => {
      const { vault, story } = await tell(stage);
      const envelope = expectStatus(await vault.send("GET", `${vault.logPath()}/epochs/5`), 200);
      expectBytes("the envelope", envelope.body, story.envelope);
      const object = expectStatus(await vault.sendAsOwner("GET", "/v1/vault"), 200);
      expectBytes("the vault object", object.bytes("vaultObject"), story.vaultObject);
    },
  },
  {
    id: "durability/ended-sessions",
    requirement: "P-23",
    keyword: "MUST",
    quote: "the token is refused from then on",
    command: "kill",
    says: "a session that was ended before the kill stays ended",
    run: async (stage) => {
      const { vault, story } = await tell(stage);
      expectProblem(await vault.client.send("GET", "/v1/vault", { token: story.endedToken }), "unauthorized");
    },
  },
  {
    id: "durability/used-challenges",
    requirement: "P-30",
    keyword: "MUST",
    quote: "A challenge serves once",
    command: "kill",
    says: "a challenge that was used before the kill serves no second time",
    run: async (stage) => {
      const { vault, story } = await tell(stage);
      expectProblem(await vault.answerChallenge(story.usedAnswer), "device-refused");
    },
  },
  {
    id: "durability/revocations",
    requirement: "P-26",
    keyword: "MUST",
    quote: "it holds at once",
    command: "kill",
    says: "a device that was revoked before the kill stays revoked",
    run: async (stage) => {
      const { vault, story } = await tell(stage);
      const answer = await vault.putBlob(new Uint8Array(randomBytes(10)), undefined, { token: story.revokedToken });
      expectProblem(answer, "device-revoked");
    },
  },
];

/** Stores everything, kills the server, starts it again: once for all checks. */
async function tell(stage: Stage): Promise<{ readonly vault: Vault; readonly story: Story }> {
  const story = await stage.once("kill", () => live(stage));
  return { vault: stage.bindVault(story.state), story };
}

async function live(stage: Stage): Promise<Story> {
  const vault = await stage.freshVault();
  const second = makeDevice();
  const envelope = vault.keys.envelope(5);
  const vaultObject = vault.keys.vaultObject({ number: 2 });
  need("an envelope", await vault.putEnvelope(5, envelope), 201);
  need("the vault object", await vault.putVault(vaultObject, hashId(vault.keys.vaultObject())), 200);
  need("the second device", await vault.putRoster(vault.keys.roster(2, [vault.device, second])), 200);
  const revokedToken = need("its token", await vault.askToken(second), 201).text("token");
  const endedToken = need("a session", await vault.logIn(), 201).text("token");
  const usedAnswer = vault.keys.challengeAnswer(await vault.drawChallenge(), vault.serverKey);
  need("a token", await vault.answerChallenge(usedAnswer), 201);
  need("the end", await vault.client.send("DELETE", "/v1/sessions", { token: endedToken }), 204);
  const revoked = vault.keys.roster(3, [vault.device, second], [[second.id, 0, "0".repeat(64)]]);
  need("the revocation", await vault.putRoster(revoked), 200);
  const blob = await vault.needBlob(100_000);
  const record = await vault.needRecord([blob.id]);
  await killAndRestart(stage.commands, stage.client);
  return { state: vault.state, blob, record, envelope, vaultObject, endedToken, usedAnswer, revokedToken };
}
