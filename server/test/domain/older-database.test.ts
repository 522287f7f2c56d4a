import { randomBytes } from "node:crypto";
import { cp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Collector } from "../../src/domain/collector.ts";
import { hashId, type Id, idBytes } from "../../src/domain/encodings.ts";
import { type RunningServer, withFolder, withServer } from "../running-server.ts";
import { base64, beginVault, expectStatus, type VaultClient } from "../vault-client.ts";

const PASS_MS = 20 * 3_600_000;

/** Stops the server, keeps its database as it is now, and starts it again. */
async function keepDatabase(server: RunningServer, aside: string): Promise<void> {
  await server.stop();
  await copyDatabase(server.data, aside);
  await server.start();
}

/** Puts the kept database in the place of the newer one. */
async function putBack(server: RunningServer, aside: string): Promise<void> {
  await server.stop();
  for (const name of await readdir(server.data)) if (name.startsWith("coffre.db")) await rm(join(server.data, name));
  await copyDatabase(aside, server.data);
  await server.start();
}

async function copyDatabase(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) if (name.startsWith("coffre.db")) await cp(join(from, name), join(to, name));
}

/** Moves to where the server listens now, with new tokens. */
async function move(server: RunningServer, client: VaultClient): Promise<VaultClient> {
  Object.assign(client, { url: server.url });
  const fullToken = expectStatus(await client.logIn(), 201).json.token;
  return Object.assign(client, { fullToken, token: expectStatus(await client.askToken(), 201).json.token });
}

/** As many passes as the collector needs for everything that it removes. */
async function collect(server: RunningServer, passes = 10): Promise<void> {
  let runningMs = 0;
  const collector = new Collector(server.instance, () => runningMs);
  for (let count = 0; count < passes; count += 1) {
    runningMs += PASS_MS;
    await collector.tick();
  }
}

async function readUsage(server: RunningServer): Promise<unknown> {
  const [vault] = await server.instance.database.read("SELECT used_bytes FROM vaults");
  const [device] = await server.instance.database.read("SELECT used_bytes FROM devices");
  return [vault?.["used_bytes"], device?.["used_bytes"]];
}

const get = async (client: VaultClient, bytes: Uint8Array) =>
  (await client.send("GET", `/v1/blobs/${hashId(bytes)}`, { token: client.fullToken })).status;

const readHead = async (client: VaultClient) =>
  expectStatus(await client.send("GET", `/v1/devices/${client.device.id}/head`), 200).json;

describe("an older database beside newer stores", () => {
  it("P-71 gives rows to the blobs of records that only the journal knows, and counts their bytes", () =>
    withFolder((aside) =>
      withServer(async (server) => {
        const client = await beginVault(server.url);
        const envelope = client.envelope();
        expectStatus(await client.putEnvelope(envelope), 201);
        await keepDatabase(server, aside);
        await move(server, client);
        const [plain, listed] = [randomBytes(5_000), randomBytes(7_000)];
        const reference = idBytes(hashId(listed));
        for (const bytes of [plain, listed, reference]) expectStatus(await client.putBlob(bytes), 201);
        const first = client.record({ number: 1, envelope, blobs: [hashId(plain)] });
        expectStatus(await client.putRecord(first, 1), 201);
        const parts = { number: 2, envelope, previousHash: hashId(first), referenceBlobs: [hashId(reference)] };
        expectStatus(await client.putRecord(client.record(parts), 2), 201);
        const usage = await readUsage(server);
        await putBack(server, aside);
        await move(server, client);
        expect(await readUsage(server)).toEqual(usage);
        await collect(server);
        for (const bytes of [plain, listed, reference]) expect(await get(client, bytes)).toBe(200);
        expect(await readHead(client)).toMatchObject({ number: 2, damaged: [] });
      }),
    ));

  it("P-71 names what the store does not hold, or holds unreadable, as damaged, and takes it again", () =>
    withFolder((aside) =>
      withServer(
        async (server) => {
          const client = await beginVault(server.url);
          const envelope = client.envelope();
          expectStatus(await client.putEnvelope(envelope), 201);
          await keepDatabase(server, aside);
          await move(server, client);
          const [lost, listed] = [randomBytes(5_000), randomBytes(7_000)];
          const reference = idBytes(hashId(listed));
          for (const bytes of [lost, listed, reference]) expectStatus(await client.putBlob(bytes), 201);
          const first = client.record({ number: 1, envelope, blobs: [hashId(lost)] });
          expectStatus(await client.putRecord(first, 1), 201);
          const parts = { number: 2, envelope, previousHash: hashId(first), referenceBlobs: [hashId(reference)] };
          expectStatus(await client.putRecord(client.record(parts), 2), 201);
          const usage = await readUsage(server);
          for await (const stored of server.instance.blobs.list()) {
            if (stored.id === hashId(lost)) await server.instance.blobs.remove(stored);
            const folder = join(server.data, "blobs", stored.vault.slice(0, 2), stored.vault, stored.id.slice(0, 2));
            if (stored.id === hashId(reference))
              await writeFile(join(folder, `${stored.id}.${stored.suffix}`), randomBytes(32));
          }
          await putBack(server, aside);
          await move(server, client);
          const damaged = [hashId(lost), hashId(reference)].sort();
          expect(await readHead(client)).toMatchObject({ number: 2, damaged });
          const asked = await client.send("POST", "/v1/blobs/missing", { json: { ids: damaged } });
          expect(asked.json.missing).toEqual(damaged);
          for (const bytes of [lost, reference]) expectStatus(await client.putBlob(bytes), 200);
          expectStatus(await client.putBlob(listed), 201);
          expect(await readHead(client)).toMatchObject({ damaged: [] });
          expect(await readUsage(server)).toEqual(usage);
          expect(await get(client, lost)).toBe(200);
        },
        // What is sent again is never more than there was.
        { terms: { quotaBytes: 30_000 } },
      ),
    ));

  it("P-70 takes the other file of a blob whose row names one that is gone, whether a record comes after or not", () =>
    withFolder((aside) =>
      withServer(async (server) => {
        const client = await beginVault(server.url);
        const envelope = client.envelope();
        expectStatus(await client.putEnvelope(envelope), 201);
        const [before, after] = [randomBytes(5_000), randomBytes(6_000)];
        for (const bytes of [before, after]) expectStatus(await client.putBlob(bytes), 201);
        const first = client.record({ number: 1, envelope, blobs: [hashId(before)] });
        expectStatus(await client.putRecord(first, 1), 201);
        await keepDatabase(server, aside);
        await move(server, client);
        for (const bytes of [before, after]) expectStatus(await client.putBlob(bytes), 200);
        const second = client.record({ number: 2, envelope, previousHash: hashId(first), blobs: [hashId(after)] });
        expectStatus(await client.putRecord(second, 2), 201);
        await putBack(server, aside);
        await move(server, client);
        expect(await get(client, after)).toBe(200);
        await collect(server);
        for (const bytes of [before, after]) expect(await get(client, bytes)).toBe(200);
      }),
    ));

  it("P-24 goes over what was removed since, and uses no number twice", () =>
    withFolder((aside) =>
      withServer(async (server) => {
        const client = await beginVault(server.url);
        await keepDatabase(server, aside);
        await move(server, client);
        await replaceVaultObject(client, 2);
        const envelope = client.envelope();
        expectStatus(await client.putEnvelope(envelope), 201);
        const record = client.record({ number: 1, envelope });
        expectStatus(await client.putRecord(record, 1), 201);
        await replaceVaultObject(client, 3);
        await collect(server, 40);
        const numbers = await server.instance.journal.list(client.vault);
        expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
        await putBack(server, aside);
        await move(server, client);
        expect(await readHead(client)).toMatchObject({ number: 1, hash: hashId(record) });
        expectStatus(await client.putEnvelope(client.envelope(2), 2), 201);
        expect(await server.instance.journal.list(client.vault)).toEqual([...numbers, 7]);
        expect(await server.instance.database.read("SELECT sequence FROM damaged_objects")).toEqual([]);
      }),
    ));

  it("P-71 uses no number twice when an object is lost that only the journal knew", () =>
    withFolder((aside) =>
      withServer(async (server) => {
        const client = await beginVault(server.url);
        const envelope = client.envelope();
        expectStatus(await client.putEnvelope(envelope), 201);
        await keepDatabase(server, aside);
        await move(server, client);
        let before: Uint8Array | null = null;
        for (let number = 1; number <= 3; number += 1) {
          const previous: { previousHash?: Id } = before === null ? {} : { previousHash: hashId(before) };
          before = client.record({ number, envelope, ...previous });
          expectStatus(await client.putRecord(before, number), 201);
        }
        await server.instance.journal.remove(client.vault, 4);
        await putBack(server, aside);
        await move(server, client);
        expect(await readHead(client)).toMatchObject({ number: 3, damagedRecords: [2] });
        expectStatus(await client.putEnvelope(client.envelope(2), 2), 201);
        expect(await server.instance.journal.list(client.vault)).toEqual([1, 2, 3, 4, 5, 6]);
      }),
    ));

  it("P-24 tells gaps that version 0.1 left apart from objects that are lost", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const envelope = client.envelope();
      expectStatus(await client.putEnvelope(envelope), 201);
      await replaceVaultObject(client, 2);
      const roster = base64(client.roster(2));
      expectStatus(await client.send("PUT", "/v1/roster", { token: client.fullToken, json: { roster } }), 200);
      await replaceVaultObject(client, 3);
      // As version 0.1 left a journal: without the replaced vault objects, and nothing in their place.
      for (const sequence of [1, 3]) await server.instance.journal.remove(client.vault, sequence);
      await server.loseDatabase();
      await move(server, client);
      expect(await readHead(client)).toMatchObject({ epoch: 1, damagedEpochs: [] });
      expect(await server.instance.database.read("SELECT sequence FROM damaged_objects")).toEqual([]);
      const json = { vaultObject: base64(client.vaultObject(4)), previousTag: hashId(client.vaultObject(3)) };
      expectStatus(await client.send("PUT", "/v1/vault", { token: client.fullToken, json }), 200);
      expect(await server.instance.journal.list(client.vault)).toEqual([1, 2, 3, 4, 5, 6]);
      await server.instance.journal.remove(client.vault, 2);
      await server.loseDatabase();
      expect(await server.instance.database.read("SELECT sequence, state FROM damaged_objects")).toEqual([
        { sequence: 2, state: "absent" },
      ]);
    }));
});

async function replaceVaultObject(client: VaultClient, number: number): Promise<void> {
  const { tag } = (await client.send("GET", "/v1/vault", { token: client.fullToken })).json;
  const json = { vaultObject: base64(client.vaultObject(number)), previousTag: tag };
  expectStatus(await client.send("PUT", "/v1/vault", { token: client.fullToken, json }), 200);
}
