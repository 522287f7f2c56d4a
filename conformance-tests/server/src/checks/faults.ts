// Checks with lost answers and cut connections (P-2, P-43). Rule: what the server did is asked afterwards over a whole connection.

import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectBytes, expectEqual, expectStatus, expectThat } from "../expectations.ts";
import { PrerequisiteFailed } from "../outcome.ts";
import type { Stage } from "../stage.ts";
import { base64, hashId } from "../vault/signatures.ts";
import type { SentRequest } from "../wire/exchange.ts";
import { type Fault, FaultProxy } from "../wire/fault-proxy.ts";

const REPEATED = "may be repeated: equal stored content is success before any tag, number or invitation is checked";

export const FAULT_CHECKS: readonly Check[] = [
  {
    id: "faults/account-answer-lost",
    requirement: "P-2",
    keyword: "MUST",
    quote: REPEATED,
    says: "an account whose answer was lost is 200 when it is sent again",
    run: async (stage) => {
      const vault = stage.newVault();
      const { keys, invitation } = vault.state;
      const json = {
        login: keys.login,
        vaultObject: base64(keys.vaultObject()),
        roster: base64(keys.roster()),
        ...(invitation === null ? {} : { invitation }),
      };
      await breakConnection(stage, stage.client.compose("POST", "/v1/accounts", { json }), { kind: "lose-answer" });
      expectEqual("vault", expectStatus(await vault.createAccount(), 200).text("vault"), keys.id);
    },
  },
  {
    id: "faults/record-answer-lost",
    requirement: "P-2",
    keyword: "MUST",
    quote: REPEATED,
    says: "a record whose answer was lost is 200 with a receipt when it is sent again, and stands in the log once",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const { number, bytes } = await vault.makeNext();
      const path = `${vault.logPath()}/records/${number}`;
      const request = stage.client.compose("PUT", path, { token: vault.state.token, body: bytes });
      await breakConnection(stage, request, { kind: "lose-answer" });
      const again = expectStatus(await vault.putRecord(number, bytes), 200).bytes("receipt");
      const head = expectStatus(await vault.readHead(), 200);
      expectEqual("number, hash", [head.integer("number"), head.text("hash")], [number, hashId(bytes)]);
      expectBytes("the receipt", head.bytes("receipt"), again);
    },
  },
  {
    id: "faults/blob-answer-lost",
    requirement: "P-43",
    keyword: "MUST",
    quote: "Bytes are on stable storage before the answer.",
    says: "a blob whose answer was lost is there, and is 200 when it is sent again",
    run: async (stage) => {
      const vault = await stage.vault();
      const bytes = new Uint8Array(randomBytes(20_000));
      const path = `/v1/blobs/${hashId(bytes)}`;
      const request = stage.client.compose("PUT", path, { token: vault.state.token, body: bytes });
      await breakConnection(stage, request, { kind: "lose-answer" });
      expectStatus(await vault.putBlob(bytes), 200);
      expectBytes("the blob", expectStatus(await vault.getBlob(hashId(bytes)), 200).body, bytes);
    },
  },
  {
    id: "faults/upload-cut",
    requirement: "P-43",
    keyword: "MUST",
    quote: "No half blob is ever served.",
    says: "an upload that was cut in the middle leaves nothing, and the whole blob is 201 afterwards",
    run: async (stage) => {
      const vault = await stage.vault();
      const bytes = new Uint8Array(randomBytes(300_000));
      const id = hashId(bytes);
      const request = stage.client.compose("PUT", `/v1/blobs/${id}`, { token: vault.state.token, body: bytes });
      await breakConnection(stage, request, { kind: "cut-request", afterBytes: 150_000 });
      expectEqual("missing", expectStatus(await vault.askMissing([id]), 200).list("missing"), [id]);
      expectThat("no half blob", (await vault.getBlob(id)).status === 404, "an answer that is not 404");
      expectStatus(await vault.putBlob(bytes), 201);
    },
  },
];

/** Sends `request` and breaks its connection; PrerequisiteFailed when nothing could be broken. */
async function breakConnection({ client }: Stage, request: SentRequest, fault: Fault): Promise<void> {
  const proxy = await FaultProxy.open(client.target);
  try {
    await proxy.sendBroken(request, fault);
    client.keep({ request, answer: null, trouble: `the suite's proxy: ${fault.kind}` });
  } catch (error) {
    throw new PrerequisiteFailed(error instanceof Error ? error.message : String(error));
  } finally {
    proxy.close();
  }
}
