import { randomBytes, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeItem } from "../../src/domain/cbor.ts";
import { hashId, type Id, ZERO_ID } from "../../src/domain/encodings.ts";
import { decodeSigned, importPublicKey } from "../../src/domain/signed-bytes.ts";
import { withServer } from "../running-server.ts";
import { beginVault, expectStatus, makeDevice, problemOf, VaultClient } from "../vault-client.ts";

/** A vault whose first epoch and one blob are stored. */
async function beginLog(url: string): Promise<{ client: VaultClient; envelope: Uint8Array; blob: Id }> {
  const client = await beginVault(url);
  const envelope = client.envelope();
  expectStatus(await client.putEnvelope(envelope), 201);
  const bytes = randomBytes(16_384);
  expectStatus(await client.putBlob(bytes), 201);
  return { client, envelope, blob: hashId(bytes) };
}

describe("the log of a device", () => {
  it("P-32 starts with number 0, 64 zeros and no epoch", () =>
    withServer(async ({ url, clock }) => {
      const client = await beginVault(url);
      const { json } = await client.send("GET", `/v1/devices/${client.device.id}/head`);
      const time = new Date(clock.nowMs).toISOString();
      expect(json).toEqual({
        ...{ number: 0, hash: ZERO_ID, receipt: null, epoch: 0, drop: 0, time },
        ...{ damaged: [], damagedRecords: [], damagedEpochs: [] },
      });
    }));

  it("P-50 P-54 takes a record and answers a receipt that the announced key signed", () =>
    withServer(async ({ url, clock }) => {
      const { client, envelope, blob } = await beginLog(url);
      const record = client.record({ number: 1, envelope, blobs: [blob] });
      const answer = expectStatus(await client.putRecord(record, 1), 201);
      const receipt = new Uint8Array(Buffer.from(answer.json.receipt, "base64"));
      const { payload, signature } = decodeSigned(receipt);
      const { serverKey } = (await client.send("GET", "/.well-known/coffre")).json;
      const message = Buffer.concat([Buffer.from("coffre/1/receipt\0"), payload]);
      expect(verify(null, message, importPublicKey(Buffer.from(serverKey, "base64")), signature)).toBe(true);
      const hex = (decodeItem(payload) as unknown[]).map((item) =>
        item instanceof Uint8Array ? Buffer.from(item).toString("hex") : item,
      );
      expect(hex).toEqual([1, client.vault, client.device.id, 1, hashId(record), 0, clock.nowMs]);
      const head = (await client.send("GET", `/v1/devices/${client.device.id}/head`)).json;
      expect(head).toMatchObject({ number: 1, hash: hashId(record), receipt: answer.json.receipt, epoch: 1 });
    }));

  it("P-50 answers the same record again with the same receipt, also later", () =>
    withServer(async ({ url, clock }) => {
      const { client, envelope } = await beginLog(url);
      const record = client.record({ number: 1, envelope });
      const first = expectStatus(await client.putRecord(record, 1), 201);
      clock.nowMs += 5_000;
      const next = client.record({ number: 2, envelope, previousHash: hashId(record) });
      expectStatus(await client.putRecord(next, 2), 201);
      const again = expectStatus(await client.putRecord(record, 1), 200);
      expect(again.json).toEqual(first.json);
    }));

  it("P-51 refuses a gap, a wrong previous hash and other content with the head", () =>
    withServer(async ({ url }) => {
      const { client, envelope } = await beginLog(url);
      const record = client.record({ number: 1, envelope });
      const { receipt } = expectStatus(await client.putRecord(record, 1), 201).json;
      const head = { number: 1, hash: hashId(record), receipt };
      const attempts = [
        client.record({ number: 3, envelope, previousHash: hashId(record) }),
        client.record({ number: 2, envelope, previousHash: ZERO_ID }),
        client.record({ number: 1, envelope }),
      ];
      for (const [index, attempt] of attempts.entries()) {
        const answer = await client.putRecord(attempt, [3, 2, 1][index] ?? 0);
        expect([answer.status, problemOf(answer), answer.json.head]).toEqual([409, "record-conflict", head]);
      }
    }));

  it("P-52 names the missing blobs, those of reference blobs too, and the missing envelope", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const envelope = client.envelope();
      const absent = hashId(randomBytes(8));
      const direct = await client.putRecord(client.record({ number: 1, envelope, blobs: [absent] }), 1);
      expect([direct.status, problemOf(direct)]).toEqual([409, "record-needs"]);
      expect(direct.json).toMatchObject({ missing: [absent], envelope: true });

      expectStatus(await client.putEnvelope(envelope), 201);
      const listed = [absent, hashId(randomBytes(8))].sort() as Id[];
      const references = Buffer.concat(listed.map((id) => Buffer.from(id, "hex")));
      expectStatus(await client.putBlob(references), 201);
      const record = client.record({ number: 1, envelope, referenceBlobs: [hashId(references)] });
      const followed = await client.putRecord(record, 1);
      expect(followed.json).toMatchObject({ missing: listed, envelope: false });
    }));

  it("P-52 refuses a reference blob that is out of order, or of another length", () =>
    withServer(async ({ url }) => {
      const { client, envelope } = await beginLog(url);
      for (const bytes of [Buffer.alloc(64, 1), Buffer.alloc(33), Buffer.alloc(0)]) {
        expectStatus(await client.putBlob(bytes), 201);
        const record = client.record({ number: 1, envelope, referenceBlobs: [hashId(bytes)] });
        expect(problemOf(await client.putRecord(record, 1))).toBe("malformed");
      }
    }));

  it("P-50 refuses a header of another shape, vault, device or number", () =>
    withServer(async ({ url }) => {
      const { client, envelope, blob } = await beginLog(url);
      const other = hashId(randomBytes(8));
      const valid = client.record({ number: 1, envelope });
      const attempts: Uint8Array[] = [
        client.record({ number: 2, envelope }),
        client.record({ number: 1, envelope, vault: other }),
        client.record({ number: 1, envelope, device: other }),
        client.record({ number: 1, envelope, blobs: [blob], referenceBlobs: [blob] }),
        client.record({ number: 1, envelope, blobs: [blob, blob] }),
        client.record({ number: 1, envelope, body: new Uint8Array(27) }),
        valid.subarray(0, 40),
        new Uint8Array(0),
        Buffer.alloc(400_000, 0x81),
        Buffer.concat([Buffer.from([0x9f]), valid]),
        Buffer.concat([Buffer.from([0x98, 0x0c]), valid.subarray(1)]),
      ];
      for (const attempt of attempts) {
        const answer = await client.putRecord(attempt, 1);
        expect([answer.status, problemOf(answer)]).toEqual([400, "malformed"]);
      }
    }));

  it("P-53 pages through records, each with its receipt, below 368,640 bytes", () =>
    withServer(async ({ url }) => {
      const { client, envelope } = await beginLog(url);
      let previousHash = ZERO_ID;
      for (let number = 1; number <= 4; number += 1) {
        const body = randomBytes(number === 3 ? 400_000 : 100_000);
        const record = client.record({ number, envelope, previousHash, body });
        expectStatus(await client.putRecord(record, number), 201);
        previousHash = hashId(record);
      }
      const seen: number[][] = [];
      for (let after: number | null = 0; after !== null; ) {
        const page = expectStatus(
          await client.send("GET", `/v1/devices/${client.device.id}/records?after=${after}`),
          200,
        );
        const numbers = page.json.records.map((item: { number: number }) => item.number);
        if (!numbers.includes(3)) expect(page.bytes.length).toBeLessThanOrEqual(368_640);
        seen.push(numbers);
        after = page.json.next;
      }
      expect(seen).toEqual([[1, 2], [3], [4]]);
    }));

  it("P-22 the start bundle holds the newest device's log and the envelopes that it names", () =>
    withServer(async ({ url }) => {
      const { client, envelope } = await beginLog(url);
      const big = client.record({ number: 1, envelope, body: randomBytes(100_000) });
      expectStatus(await client.putRecord(big, 1), 201);
      const next = client.record({ number: 2, envelope, previousHash: hashId(big), body: randomBytes(200_000) });
      expectStatus(await client.putRecord(next, 2), 201);
      const bundle = expectStatus(await client.logIn(), 201);
      expect(bundle.bytes.length).toBeLessThanOrEqual(368_640);
      const { tail, envelopes, heads } = bundle.json;
      expect([tail.device, tail.records.length, tail.next]).toEqual([client.device.id, 1, 1]);
      expect(envelopes).toEqual([
        { device: client.device.id, number: 1, envelope: Buffer.from(envelope).toString("base64") },
      ]);
      expect(heads).toMatchObject([{ device: client.device.id, number: 2, hash: hashId(next) }]);
    }));

  it("P-33 stores an envelope once, and refuses another one for its number", () =>
    withServer(async ({ url }) => {
      const { client, envelope } = await beginLog(url);
      expectStatus(await client.putEnvelope(envelope), 200);
      const path = `/v1/devices/${client.device.id}/epochs`;
      expect((await client.send("GET", `${path}/1`)).bytes).toEqual(new Uint8Array(envelope));
      const other = new VaultClient(url);
      expect(problemOf(await client.putEnvelope(other.envelope()))).toBe("malformed");
      expect(problemOf(await client.putEnvelope(client.envelope(2)))).toBe("malformed");
      expect((await client.send("GET", `${path}?after=0`)).json).toMatchObject({
        envelopes: [{ number: 1 }],
        next: null,
      });
      expect((await client.send("GET", `${path}/2`)).status).toBe(404);
    }));

  it("P-33 a stolen token cannot use up the device's numbers", () =>
    withServer(async ({ url }) => {
      const { client } = await beginLog(url);
      const put = (number: number) => client.putEnvelope(client.envelope(number), number);
      for (const number of [Number.MAX_SAFE_INTEGER, 1_026]) {
        expect(problemOf(await put(number))).toBe("epoch-too-high");
      }
      for (const number of [1_025, 2, 2_049]) expectStatus(await put(number), 201);
      expectStatus(await put(1_025), 200);
    }));

  it("P-6 P-33 a device sees its own log alone: 403 for a sibling, 404 for what is not of its vault", () =>
    withServer(async ({ url }) => {
      const { client } = await beginLog(url);
      const stranger = await beginVault(url);
      const sibling = makeDevice();
      const roster = Buffer.from(client.roster(2, [client.device, sibling])).toString("base64");
      expectStatus(await client.send("PUT", "/v1/roster", { token: client.fullToken, json: { roster } }), 200);
      const unknown = hashId(randomBytes(8));
      const bodies: unknown[] = [];
      for (const [device, status] of [
        [sibling.id, 403],
        [stranger.device.id, 404],
        [unknown, 404],
      ] as const) {
        for (const path of ["head", "records", "epochs", "epochs/1"]) {
          const answer = await client.send("GET", `/v1/devices/${device}/${path}`);
          expect(answer.status).toBe(status);
          if (status === 404) bodies.push(answer.json);
        }
      }
      for (const body of bodies) expect(body).toEqual(bodies[0]);
    }));
});
