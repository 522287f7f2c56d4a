import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import { describe, expect, it } from "vitest";
import { encodeItem } from "../../src/domain/cbor.ts";
import { hashBytes, hashId, idBytes } from "../../src/domain/encodings.ts";
import { readObject } from "../../src/domain/journal-objects.ts";
import { scrubJournal } from "../../src/domain/journal-scrub.ts";
import { setTerms } from "../../src/domain/terms.ts";
import { override, type RunningServer, withServer } from "../running-server.ts";
import { base64, beginVault, expectStatus, makeDevice, type VaultClient } from "../vault-client.ts";

function objectPath(server: RunningServer, client: VaultClient, sequence: number): string {
  return join(server.data, "journal", client.vault.slice(0, 2), client.vault, String(sequence));
}

/** Alters most of an object, so that no part of it proves anything any more. */
async function spoil(server: RunningServer, client: VaultClient, sequence: number): Promise<void> {
  const path = objectPath(server, client, sequence);
  const bytes = await readFile(path);
  for (let at = 20; at < bytes.length; at += 7) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  await writeFile(path, bytes);
}

/** An account with a change of each kind, and where each stands. */
async function fillVault(server: RunningServer) {
  const client = await beginVault(server.url);
  const envelope = client.envelope();
  expectStatus(await client.putEnvelope(envelope), 201);
  const bytes = randomBytes(1_000);
  expectStatus(await client.putBlob(bytes), 201);
  const record = client.record({ number: 1, envelope, blobs: [hashId(bytes)] });
  const { receipt } = expectStatus(await client.putRecord(record, 1), 201).json;
  const token = client.fullToken;
  const base = client.base(1, [hashId(bytes)]);
  expectStatus(await client.send("PUT", "/v1/bases/1", { token, body: base }), 201);
  const roster = base64(client.roster(2, [client.device, makeDevice()]));
  expectStatus(await client.send("PUT", "/v1/roster", { token, json: { roster } }), 200);
  const { tag } = (await client.send("GET", "/v1/vault", { token })).json;
  const json = { vaultObject: base64(client.vaultObject(2)), previousTag: tag };
  expectStatus(await client.send("PUT", "/v1/vault", { token, json }), 200);
  const put = (extra: object = {}) =>
    client.send("PUT", "/v1/second-factor", {
      token,
      json: { statement: client.statement(1, server.clock.nowMs), ...extra },
    });
  const { secret, recoveryCodes } = expectStatus(await put(), 200).json;
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  expectStatus(await put({ code: totp.generate({ timestamp: server.clock.nowMs }) }), 200);
  expectStatus(await client.logIn({ code: recoveryCodes[0] }), 201);
  await setTerms(server.instance, client.login, { quotaBytes: 9_000_000 });
  const places = { account: 1, epoch: 2, record: 3, base: 4, roster: 5, vaultObject: 6, factor: 7, code: 8, terms: 9 };
  return { client, record, receipt, base, recoveryCodes, places };
}

/** Everything that a new machine reads, after the database was lost. */
async function readAnew(server: RunningServer, client: VaultClient, code: string): Promise<unknown> {
  await server.loseDatabase();
  Object.assign(client, { url: server.url });
  const { token, expiresAt: _, ...rest } = expectStatus(await client.logIn({ code }), 201).json;
  const base = await client.send("GET", "/v1/bases/1", { token });
  const [terms] = await server.instance.database.read("SELECT quota_bytes, used_bytes FROM vaults");
  return { ...rest, base: hashId(base.bytes), terms };
}

describe("scrubbing the journal", () => {
  it("finds nothing where all is whole, and changes nothing", () =>
    withServer(async (server) => {
      const { client } = await fillVault(server);
      const before = await server.instance.journal.list(client.vault);
      expect(await scrubJournal(server.instance)).toEqual({
        ...{ objects: 9, rewritten: 0, unreadable: 0, unserved: 0 },
        damagedOf: new Map(),
      });
      expect(await server.instance.journal.list(client.vault)).toEqual(before);
    }));

  it("P-32 P-50 marks a record and a base whose objects are altered or gone, and the same bytes write them again", () =>
    withServer(async (server) => {
      const { client, record, receipt, base, recoveryCodes, places } = await fillVault(server);
      const lose = [(sequence: number) => spoil(server, client, sequence)];
      lose.push((sequence) => rm(objectPath(server, client, sequence)));
      for (const one of lose) {
        for (const place of [places.record, places.base]) await one(place);
        const { damagedOf, rewritten } = await scrubJournal(server.instance);
        expect([damagedOf.get(client.vault), rewritten]).toEqual([{ records: 1, envelopes: 0, bases: 1 }, 0]);
        const head = async () => (await client.send("GET", `/v1/devices/${client.device.id}/head`)).json;
        expect(await head()).toMatchObject({ number: 1, receipt, damagedRecords: [1] });
        expect(expectStatus(await client.putRecord(record, 1), 200).json).toEqual({ receipt });
        expectStatus(await client.send("PUT", "/v1/bases/1", { token: client.fullToken, body: base }), 200);
        expect((await head()).damagedRecords).toEqual([]);
        expect((await scrubJournal(server.instance)).damagedOf).toEqual(new Map());
      }
      expect(await readAnew(server, client, recoveryCodes[1])).toMatchObject({
        heads: expect.arrayContaining([expect.objectContaining({ number: 1, receipt })]),
      });
    }));

  it("P-71 writes again what rows hold, so that nothing of it is lost with the database", () =>
    withServer(async (server) => {
      const { client, recoveryCodes, places } = await fillVault(server);
      const kept = [places.account, places.epoch, places.roster, places.vaultObject, places.factor, places.code];
      for (const [index, place] of [...kept, places.terms].entries()) {
        if (index % 2 === 0) await spoil(server, client, place);
        else await rm(objectPath(server, client, place));
      }
      const { rewritten, damagedOf } = await scrubJournal(server.instance);
      expect([rewritten, damagedOf]).toEqual([6, new Map()]);
      expect((await scrubJournal(server.instance)).rewritten).toBe(0);
      for (const sequence of await server.instance.journal.list(client.vault)) {
        expect((await readObject(server.instance.journal, client.vault, sequence)).kind).toBe("whole");
      }
      const [before] = await server.instance.database.read("SELECT quota_bytes, used_bytes FROM vaults");
      expect(await readAnew(server, client, recoveryCodes[1])).toMatchObject({
        heads: [{}, {}],
        terms: before,
        tag: hashId(client.vaultObject(2)),
        envelopes: [{ number: 1 }],
      });
      expectStatus(await client.logIn({ code: recoveryCodes[0] }), 401);
    }));

  it("goes on with other accounts when one cannot be written now", async () => {
    let refused = "";
    await withServer(
      async (server) => {
        const [first, second] = [await fillVault(server), await fillVault(server)];
        refused = first.client.vault;
        for (const { client, places } of [first, second]) await spoil(server, client, places.vaultObject);
        expect(await scrubJournal(server.instance)).toMatchObject({ rewritten: 1, unserved: 1 });
        refused = "";
        expect(await scrubJournal(server.instance)).toMatchObject({ rewritten: 1, unserved: 0 });
      },
      {
        wrapJournal: (journal) =>
          override(journal, {
            replace: async (vault, sequence, bytes) => {
              if (vault === refused) throw Object.assign(new Error("EIO"), { syscall: "write", code: "EIO" });
              return journal.replace(vault, sequence, bytes);
            },
          }),
      },
    );
  });

  it("P-71 takes structures whose rows are spoilt out of their objects again", () =>
    withServer(async (server) => {
      const { client, recoveryCodes } = await fillVault(server);
      await server.instance.database.transaction(async (transaction) => {
        for (const table of ["envelopes", "rosters", "vault_objects"]) {
          await transaction.query(`UPDATE ${table} SET bytes = $1`, [new Uint8Array(10)]);
        }
      });
      expect((await scrubJournal(server.instance)).rewritten).toBe(5);
      const { envelopes, tag } = expectStatus(await client.logIn({ code: recoveryCodes[1] }), 201).json;
      expect([envelopes.length, tag]).toEqual([1, hashId(client.vaultObject(2))]);
    }));

  it("P-32 serves a record again whose file was put back from a copy", () =>
    withServer(async (server) => {
      const { client, places } = await fillVault(server);
      const path = objectPath(server, client, places.record);
      const copy = await readFile(path);
      await rm(path);
      expect((await scrubJournal(server.instance)).damagedOf.get(client.vault)?.records).toBe(1);
      await writeFile(path, copy);
      expect((await scrubJournal(server.instance)).damagedOf).toEqual(new Map());
    }));

  it("P-74 stops at a whole object of a kind that only a newer server knows", () =>
    withServer(async (server) => {
      const { client, places } = await fillVault(server);
      const content = encodeItem([2, idBytes(client.vault), places.terms, "novelty", [1], new Uint8Array(16)]);
      await writeFile(objectPath(server, client, places.terms), encodeItem([content, hashBytes(content)]));
      await expect(scrubJournal(server.instance)).rejects.toThrow("start the newer coffre-server");
      const [row] = await server.instance.database.read("SELECT quota_bytes FROM vaults");
      expect(row).toEqual({ quota_bytes: 9_000_000 });
    }));
});
