import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashId, type Id } from "../../src/domain/encodings.ts";
import { type RunningServer, withServer } from "../running-server.ts";
import { beginVault, expectStatus, problemOf, type VaultClient } from "../vault-client.ts";

/** Marks what the server found damaged, as scrubbing does. */
async function mark(server: RunningServer, table: "records" | "envelopes" | "bases", number: number): Promise<void> {
  await server.instance.database.transaction((transaction) =>
    transaction.query(`UPDATE ${table} SET damaged = 1 WHERE number = $1`, [number]),
  );
}

/** Loses the object behind a row, so that only what is written again can be read. */
async function loseObject(server: RunningServer, client: VaultClient, table: "records" | "bases", number: number) {
  const [row] = await server.instance.database.read<{ sequence: number }>(
    `SELECT sequence FROM ${table} WHERE number = $1`,
    [number],
  );
  await server.instance.journal.remove(client.vault, row?.sequence ?? 0);
  await mark(server, table, number);
}

/** A log of two records. */
async function beginLog(server: RunningServer) {
  const client = await beginVault(server.url);
  const envelope = client.envelope();
  expectStatus(await client.putEnvelope(envelope), 201);
  const bytes = randomBytes(1_000);
  expectStatus(await client.putBlob(bytes), 201);
  const first = client.record({ number: 1, envelope, blobs: [hashId(bytes)] });
  const receipt: string = expectStatus(await client.putRecord(first, 1), 201).json.receipt;
  const second = client.record({ number: 2, envelope, previousHash: hashId(first) });
  expectStatus(await client.putRecord(second, 2), 201);
  const head = async () => (await client.send("GET", `/v1/devices/${client.device.id}/head`)).json;
  const numbers = async (): Promise<number[]> =>
    (await client.send("GET", `/v1/devices/${client.device.id}/records?after=0`)).json.records.map(
      (record: { number: number }) => record.number,
    );
  return { client, envelope, first, second, receipt, head, numbers };
}

describe("a log that the store holds damaged", () => {
  it("P-32 P-22 names damaged records, and keeps their numbers, hashes and receipts", () =>
    withServer(async (server) => {
      const { client, envelope, first, second, receipt, head, numbers } = await beginLog(server);
      const before = await head();
      for (const number of [1, 2]) await loseObject(server, client, "records", number);
      expect(await head()).toEqual({ ...before, damagedRecords: [1, 2] });
      expect(await numbers()).toEqual([]);
      const login = expectStatus(await client.logIn(), 201).json;
      expect(login.heads).toMatchObject([{ number: 2, hash: hashId(second), damagedRecords: [1, 2] }]);
      expect(problemOf(await client.putRecord(client.record({ number: 2, envelope }), 2))).toBe("record-conflict");
      const third = client.record({ number: 3, envelope, previousHash: hashId(second) });
      expectStatus(await client.putRecord(third, 3), 201);
      expect(await numbers()).toEqual([3]);
      expect(expectStatus(await client.putRecord(first, 1), 200).json).toEqual({ receipt });
      expect([await numbers(), (await head()).damagedRecords]).toEqual([[1, 3], [2]]);
    }));

  it("P-50 keeps a record that was written again over the loss of the database", () =>
    withServer(async (server) => {
      const { client, first, receipt, numbers } = await beginLog(server);
      await loseObject(server, client, "records", 1);
      expect(expectStatus(await client.putRecord(first, 1), 200).json).toEqual({ receipt });
      const [usage] = await server.instance.database.read("SELECT used_bytes FROM vaults");
      await server.loseDatabase();
      Object.assign(client, { url: server.url });
      expect(await numbers()).toEqual([1, 2]);
      expect(await server.instance.database.read("SELECT used_bytes FROM vaults")).toEqual([usage]);
    }));

  it("P-33 P-52 asks for a damaged envelope, and takes the same bytes again", () =>
    withServer(async (server) => {
      const { client, envelope, second, head } = await beginLog(server);
      await mark(server, "envelopes", 1);
      expect(await head()).toMatchObject({ epoch: 1, damagedEpochs: [1] });
      const login = expectStatus(await client.logIn(), 201).json;
      expect([login.envelopes, login.heads[0].damagedEpochs]).toEqual([[], [1]]);
      const path = `/v1/devices/${client.device.id}/epochs`;
      expect((await client.send("GET", `${path}/1`)).status).toBe(404);
      expect((await client.send("GET", `${path}?after=0`)).json.envelopes).toEqual([]);
      const third = client.record({ number: 3, envelope, previousHash: hashId(second) });
      const refused = await client.putRecord(third, 3);
      expect([problemOf(refused), refused.json.envelope]).toEqual(["record-needs", true]);
      expect(problemOf(await client.putEnvelope(client.envelope(1, client.device).fill(0, 200, 201)))).toBe(
        "malformed",
      );
      expectStatus(await client.putEnvelope(envelope), 200);
      expectStatus(await client.putRecord(third, 3), 201);
      expect((await head()).damagedEpochs).toEqual([]);
    }));

  it("P-60 answers a damaged base with 404, and takes the same body again", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const body = client.base(7, []);
      const send = (method: string, sent?: Uint8Array) =>
        client.send(method, "/v1/bases/7", {
          token: client.fullToken,
          ...(sent === undefined ? {} : { body: sent }),
        });
      expectStatus(await send("PUT", body), 201);
      await loseObject(server, client, "bases", 7);
      expectStatus(await send("GET"), 404);
      expectStatus(await send("PUT", body), 200);
      expect(hashId((await send("GET")).bytes) satisfies Id).toBe(hashId(body));
    }));

  it("P-32 P-60 marks a record or a base whose object is found altered or gone while it is read", () =>
    withServer(async (server) => {
      const { client, head, numbers } = await beginLog(server);
      const { journal } = server.instance;
      const send = (sent?: Uint8Array) =>
        client.send(sent === undefined ? "GET" : "PUT", "/v1/bases/7", {
          token: client.fullToken,
          ...(sent === undefined ? {} : { body: sent }),
        });
      const body = client.base(7, []);
      expectStatus(await send(body), 201);
      await journal.replace(client.vault, 4, randomBytes(100));
      await journal.remove(client.vault, 5);
      expect(await numbers()).toEqual([1]);
      expect((await head()).damagedRecords).toEqual([2]);
      expectStatus(await send(), 404);
      expectStatus(await send(body), 200);
      expectStatus(await send(), 200);
    }));
});
