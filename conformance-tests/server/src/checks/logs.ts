// Checks of heads and envelopes (P-32, P-33). Rule: each device under test has epoch 1 already.

import type { Check } from "../check.ts";
import { expectBytes, expectEqual, expectProblem, expectStatus, need } from "../expectations.ts";
import { makeDevice, type VaultKeys, ZERO_ID } from "../vault/structures.ts";

const EPOCH = "raw envelope → 201, 200 when repeated; 409 `epoch-differs`";

export const LOG_CHECKS: readonly Check[] = [
  {
    id: "heads/empty",
    requirement: "P-32",
    keyword: "MUST",
    quote: "number 0 with 64 zeros when the log is empty; `epoch` = the highest envelope's number, 0 when none",
    says: "a device without records has head 0 with zeros, and the number of its envelope",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const answer = expectStatus(await vault.readHead(), 200);
      expectEqual("number, hash", [answer.integer("number"), answer.text("hash")], [0, ZERO_ID]);
      expectEqual("receipt", answer.find("receipt"), null);
      expectEqual("epoch", answer.integer("epoch"), 1);
      expectEqual("drop", answer.integer("drop"), 0);
    },
  },
  {
    id: "heads/nothing-damaged",
    requirement: "P-32",
    keyword: "MUST",
    quote: "`damagedRecords` and `damagedEpochs` are this device's, ascending, `[]` when there are none",
    says: "where nothing is damaged all three lists are there and empty",
    run: async (stage) => {
      const answer = expectStatus(await (await stage.vault()).readHead(), 200);
      for (const name of ["damaged", "damagedRecords", "damagedEpochs"]) expectEqual(name, answer.list(name), []);
    },
  },
  {
    id: "heads/newest",
    requirement: "P-32",
    keyword: "MUST",
    quote: "`GET /v1/devices/{id}/head` (append: own; full) → 200 `{number, hash, receipt: bytes|null, epoch, drop: 0",
    says: "after a record the head is its number, hash and receipt, for the device and for the owner",
    run: async (stage) => {
      const vault = await stage.vault();
      const record = await vault.needRecord();
      const path = `${vault.logPath()}/head`;
      for (const answer of [await vault.readHead(), await vault.sendAsOwner("GET", path)]) {
        expectStatus(answer, 200);
        expectEqual("number, hash", [answer.integer("number"), answer.text("hash")], [record.number, record.hash]);
        expectBytes("receipt", answer.bytes("receipt"), record.receipt);
      }
    },
  },
  {
    id: "epochs/write-once",
    requirement: "P-33",
    keyword: "MUST",
    quote: EPOCH,
    says: "an envelope is 201, 200 when it comes again, 409 epoch-differs with other content, and reads back as it came",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const envelope = vault.keys.envelope(2);
      expectStatus(await vault.putEnvelope(2, envelope), 201);
      expectStatus(await vault.putEnvelope(2, envelope), 200);
      expectProblem(await vault.putEnvelope(1, otherEnvelope(vault.keys)), "epoch-differs");
      const path = `${vault.logPath()}/epochs/2`;
      expectBytes("the envelope", expectStatus(await vault.send("GET", path), 200).body, envelope);
      expectBytes("the envelope", expectStatus(await vault.sendAsOwner("GET", path), 200).body, envelope);
    },
  },
  {
    id: "epochs/read",
    requirement: "P-33",
    keyword: "MUST",
    quote: "`GET` → raw bytes (append: own; full).",
    says: "device and owner read an envelope back, and one that is not there is 404",
    run: async (stage) => {
      const vault = await stage.vault();
      for (const token of [vault.state.token, vault.state.fullToken]) {
        const ask = (number: number) => vault.client.send("GET", `${vault.logPath()}/epochs/${number}`, { token });
        expectBytes("the envelope", expectStatus(await ask(1), 200).body, vault.keys.envelope(1));
        expectProblem(await ask(700), "not-found");
      }
    },
  },
  {
    id: "epochs/too-high",
    requirement: "P-33",
    keyword: "MUST",
    quote: "409 `epoch-too-high` for a number more than 1,024 above the newest one's",
    says: "1,024 above the newest is taken, one more is 409 epoch-too-high, and so is the last number there is",
    run: async (stage) => {
      const vault = await stage.freshVault();
      expectProblem(await vault.putEnvelope(1_026), "epoch-too-high");
      expectProblem(await vault.putEnvelope(Number.MAX_SAFE_INTEGER), "epoch-too-high");
      expectStatus(await vault.putEnvelope(1_025), 201);
    },
  },
  {
    id: "epochs/verified",
    requirement: "P-33",
    keyword: "MUST",
    quote: "The server verifies the device's signature and the numbers.",
    says: "an envelope of another device's signature, or with another number inside, is malformed",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const impostor = { ...makeDevice(), id: vault.device.id };
      expectProblem(await vault.putEnvelope(2, vault.keys.envelope(2, impostor)), "malformed");
      expectProblem(await vault.putEnvelope(2, vault.keys.envelope(2, vault.device, 3)), "malformed");
    },
  },
  {
    id: "epochs/list",
    requirement: "P-33",
    keyword: "MUST",
    quote:
      "Numbers may have gaps. `GET /v1/devices/{id}/epochs?after=n` → `{envelopes: [{number, envelope}], next: number|null}`.",
    says: "envelopes 1, 4 and 9 are listed in order, and after 1 the others",
    run: async (stage) => {
      const vault = await stage.freshVault();
      for (const number of [4, 9]) need("an envelope", await vault.putEnvelope(number), 201);
      const all = expectStatus(await vault.send("GET", `${vault.logPath()}/epochs?after=0`), 200);
      const numbers = all.list("envelopes").map((_, index) => all.integer(`envelopes.${index}.number`));
      expectEqual("numbers", numbers, [1, 4, 9]);
      expectBytes("the envelope", all.bytes("envelopes.2.envelope"), vault.keys.envelope(9));
      expectEqual("next", all.find("next"), null);
      const rest = expectStatus(await vault.send("GET", `${vault.logPath()}/epochs?after=1`), 200);
      expectEqual("how many after 1", rest.list("envelopes").length, 2);
    },
  },
];

/** Another envelope for number 1 that is right in itself. */
function otherEnvelope(keys: VaultKeys): Uint8Array {
  return keys.envelope(1, keys.device, 1, 77);
}
