import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type AccountChange, decodeChange } from "../../src/domain/changes.ts";
import { hashId, type Id } from "../../src/domain/encodings.ts";
import { StorageFull } from "../../src/domain/storage.ts";
import { type RunningServer, withServer } from "../running-server.ts";
import { base64, beginVault, expectStatus, makeDevice, problemOf, type VaultClient } from "../vault-client.ts";

const HOUR_MS = 3_600_000;

/** Everything that a new machine would read of the vault. How its devices used the server is in the database alone (P-22). */
async function readEverything(client: VaultClient, blob: Id): Promise<unknown> {
  const { json } = expectStatus(await client.logIn(), 201);
  const { token, expiresAt, heads, ...others } = json;
  const rest = {
    ...others,
    heads: (heads as Record<string, unknown>[]).map(({ seenAt: _seenAt, storedBytes: _storedBytes, ...head }) => head),
  };
  const bytes = expectStatus(await client.send("GET", `/v1/blobs/${blob}`, { token }), 200).bytes;
  const base = await client.send("GET", "/v1/bases/1", { token });
  return { ...rest, blob: hashId(bytes), base: hashId(base.bytes), expires: typeof expiresAt };
}

/** A vault with something of each kind of change. */
async function fillVault(server: RunningServer): Promise<{ client: VaultClient; blob: Id }> {
  const client = await beginVault(server.url);
  const bytes = randomBytes(5_000);
  const blob = hashId(bytes);
  expectStatus(await client.putBlob(bytes), 201);
  const envelope = client.envelope();
  expectStatus(await client.putEnvelope(envelope), 201);
  const record = client.record({ number: 1, envelope, blobs: [blob] });
  expectStatus(await client.putRecord(record, 1), 201);
  const roster = base64(client.roster(2, [client.device, makeDevice()]));
  expectStatus(await client.send("PUT", "/v1/roster", { token: client.fullToken, json: { roster } }), 200);
  const { tag } = (await client.send("GET", "/v1/vault", { token: client.fullToken })).json;
  const json = { vaultObject: base64(client.vaultObject(2)), previousTag: tag };
  expectStatus(await client.send("PUT", "/v1/vault", { token: client.fullToken, json }), 200);
  const body = client.base(1, [blob]);
  expectStatus(await client.send("PUT", "/v1/bases/1", { token: client.fullToken, body }), 201);
  return { client, blob };
}

describe("the ledger", () => {
  it("P-71 makes everything of an account again from the stored objects when the database is lost", () =>
    withServer(async (server) => {
      const { client, blob } = await fillVault(server);
      const before = await readEverything(client, blob);
      await server.loseDatabase();
      Object.assign(client, { url: server.url });
      expect(await readEverything(client, blob)).toEqual(before);
      const token = expectStatus(await client.askToken(), 201).json.token;
      expectStatus(await client.send("GET", `/v1/devices/${client.device.id}/head`, { token }), 200);
    }));

  it("P-71 applies at its start an object whose rows were never written", () =>
    withServer(async (server) => {
      const { client } = await fillVault(server);
      const { database, journal } = server.instance;
      const envelope = client.envelope(2);
      // The crash between object and rows: the rows' transaction fails once.
      const transaction = database.transaction.bind(database);
      const objects = (await journal.list(client.vault)).length;
      database.transaction = () => Promise.reject(new StorageFull());
      expect(problemOf(await client.putEnvelope(envelope, 2))).toBe("storage-full");
      database.transaction = transaction;
      expect(await journal.list(client.vault)).toHaveLength(objects + 1);
      await server.stop();
      await server.start();
      Object.assign(client, { url: server.url });
      const path = `/v1/devices/${client.device.id}/epochs/2`;
      expect((await client.send("GET", path)).bytes).toEqual(new Uint8Array(envelope));
      expectStatus(await client.putEnvelope(envelope, 2), 200);
    }));

  it("P-71 applies an object that it finds in its way, and then answers by what it says", () =>
    withServer(async (server) => {
      const { client } = await fillVault(server);
      const { database, journal } = server.instance;
      const transaction = database.transaction.bind(database);
      const envelope = client.envelope(2);
      database.transaction = () => Promise.reject(new StorageFull());
      await client.putEnvelope(envelope, 2);
      database.transaction = transaction;
      expectStatus(await client.putEnvelope(envelope, 2), 200);
      expectStatus(await client.putEnvelope(client.envelope(3), 3), 201);
      const sequences = await journal.list(client.vault);
      expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    }));

  it("P-24 forgets a replaced vault object after 30 days of passes, whatever the clock says, and can still be rebuilt", () =>
    withServer(async (server) => {
      const { Collector } = await import("../../src/domain/collector.ts");
      const { client, blob } = await fillVault(server);
      let runningMs = 0;
      const collector = new Collector(server.instance, () => runningMs);
      const pass = async (hours: number) => {
        runningMs += hours * HOUR_MS;
        await collector.tick();
      };
      const readFirst = async () =>
        decodeChange((await server.instance.journal.read(client.vault, 1)) as Uint8Array, client.vault, 1);
      server.clock.nowMs += 365 * 24 * HOUR_MS;
      for (let count = 0; count < 35; count += 1) await pass(20);
      const { vaultObject } = (await readFirst()) as Extract<AccountChange, { kind: "account" }>;
      expect(hashId(vaultObject)).toBe(hashId(client.vaultObject(1)));
      const numbers = await server.instance.journal.list(client.vault);
      await pass(20);
      expect(await readFirst()).toMatchObject({ kind: "removed", reason: "replaced" });
      // The present roster has an object of its own before the first one goes, and no number is missing.
      expect(await server.instance.journal.list(client.vault)).toEqual([...numbers, numbers.length + 1]);
      const kept = await readEverything(client, blob);
      await server.loseDatabase();
      Object.assign(client, { url: server.url });
      expect(await readEverything(client, blob)).toEqual(kept);
      expectStatus(await client.askToken(), 201);
    }));

  it("keeps changes of one account in order when many arrive at once", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const envelope = client.envelope();
      expectStatus(await client.putEnvelope(envelope), 201);
      const rivals = Array.from({ length: 10 }, () => client.record({ number: 1, envelope }));
      const answers = await Promise.all(rivals.map((record) => client.putRecord(record, 1)));
      expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
      expect(answers.filter((answer) => problemOf(answer) === "record-conflict")).toHaveLength(9);
    }));
});
