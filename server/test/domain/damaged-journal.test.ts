import { randomBytes } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import { describe, expect, it } from "vitest";
import { encodeItem } from "../../src/domain/cbor.ts";
import { Collector } from "../../src/domain/collector.ts";
import { hashBytes, hashId, type Id } from "../../src/domain/encodings.ts";
import { listFindings } from "../../src/domain/findings.ts";
import { recoverRows } from "../../src/domain/rebuild.ts";
import { resetSecondFactor } from "../../src/domain/second-factor.ts";
import { makeReceipt } from "../../src/domain/server-keys.ts";
import { override, type RunningServer, withServer } from "../running-server.ts";
import { base64, beginVault, expectStatus, problemOf, VaultClient } from "../vault-client.ts";

function journalPath(server: RunningServer, vault: Id, sequence: number): string {
  return join(server.data, "journal", vault.slice(0, 2), vault, String(sequence));
}

/** Flips one bit where `part` stands in the object, or in its last byte. */
async function flip(server: RunningServer, vault: Id, sequence: number, part?: Uint8Array): Promise<void> {
  const path = journalPath(server, vault, sequence);
  const bytes = await readFile(path);
  const start = part === undefined ? bytes.length - 1 : bytes.indexOf(part);
  expect(start).toBeGreaterThan(0);
  const place = part === undefined ? start : start + Math.floor(part.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

async function cut(server: RunningServer, vault: Id, sequence: number, sizeBytes: number): Promise<void> {
  const path = journalPath(server, vault, sequence);
  await writeFile(path, (await readFile(path)).subarray(0, sizeBytes));
}

/** Everything after the loss of the database, with the client at the new address. */
async function rebuild(server: RunningServer, ...clients: VaultClient[]): Promise<void> {
  await server.loseDatabase();
  for (const client of clients) Object.assign(client, { url: server.url });
}

async function renew(client: VaultClient): Promise<void> {
  const fullToken = expectStatus(await client.logIn(), 201).json.token;
  Object.assign(client, { fullToken, token: expectStatus(await client.askToken(), 201).json.token });
}

/** Objects: 1 account, 2 envelope, 3 to 5 records. */
async function beginLog(server: RunningServer) {
  const client = await beginVault(server.url);
  const envelope = client.envelope();
  expectStatus(await client.putEnvelope(envelope), 201);
  const records: Uint8Array[] = [];
  const receipts: string[] = [];
  for (let number = 1; number <= 3; number += 1) {
    const before = records.at(-1);
    const record = client.record({
      number,
      envelope,
      ...(before === undefined ? {} : { previousHash: hashId(before) }),
    });
    receipts.push(expectStatus(await client.putRecord(record, number), 201).json.receipt);
    records.push(record);
  }
  const head = async () => expectStatus(await client.send("GET", `/v1/devices/${client.device.id}/head`), 200).json;
  const numbers = async (): Promise<number[]> =>
    (await client.send("GET", `/v1/devices/${client.device.id}/records?after=0`)).json.records.map(
      (record: { number: number }) => record.number,
    );
  return { client, envelope, records: records as [Uint8Array, Uint8Array, Uint8Array], receipts, head, numbers };
}

const listDamaged = (server: RunningServer) =>
  server.instance.database.read("SELECT sequence, state, kind, number, may_hold_factor FROM damaged_objects");

describe("rows made from a journal with damaged objects", () => {
  it("P-74 keeps number, hash and receipt of a damaged record, and takes its bytes again", () =>
    withServer(async (server) => {
      const { client, envelope, records, receipts, head, numbers } = await beginLog(server);
      await flip(server, client.vault, 4, records[1]);
      await flip(server, client.vault, 5, records[2]);
      await rebuild(server, client);
      await renew(client);
      expect(await head()).toMatchObject({
        number: 3,
        hash: hashId(records[2]),
        receipt: receipts[2],
        damagedRecords: [2, 3],
      });
      expect(await numbers()).toEqual([1]);
      const fourth = client.record({ number: 4, envelope, previousHash: hashId(records[2]) });
      expectStatus(await client.putRecord(fourth, 4), 201);
      expect(expectStatus(await client.putRecord(records[1], 2), 200).json.receipt).toBe(receipts[1]);
      expect(await numbers()).toEqual([1, 2, 4]);
      await rebuild(server, client);
      await renew(client);
      expect([await numbers(), (await head()).damagedRecords]).toEqual([[1, 2, 4], [3]]);
    }));

  it("P-74 names a record that is gone without a trace by its successor, and gives it a receipt when it comes again", () =>
    withServer(async (server) => {
      const { client, records, head, numbers } = await beginLog(server);
      await server.instance.journal.remove(client.vault, 4);
      await rebuild(server, client);
      await renew(client);
      expect(await listDamaged(server)).toMatchObject([{ sequence: 4, state: "absent", kind: "record", number: 2 }]);
      expect(await head()).toMatchObject({ number: 3, damagedRecords: [2] });
      const { receipt } = expectStatus(await client.putRecord(records[1], 2), 200).json;
      const { keys, now } = server.instance;
      const parts = {
        vault: client.vault,
        device: client.device.id,
        number: 2,
        hash: hashId(records[1]),
        timeMs: now(),
      };
      expect(receipt).toBe(base64(makeReceipt(keys, parts)));
      await rebuild(server, client);
      await renew(client);
      expect([await numbers(), await listDamaged(server)]).toEqual([[1, 2, 3], []]);
    }));

  it("P-74 takes what bears a signature out of damaged objects, and writes them again", () =>
    withServer(async (server) => {
      const { client, head, numbers } = await beginLog(server);
      const before = await head();
      // The hash over the object is altered, what is signed inside is not; and an account cut behind its roster.
      for (const sequence of [2, 3, 4]) await flip(server, client.vault, sequence);
      await cut(server, client.vault, 1, (await readFile(journalPath(server, client.vault, 1))).length - 60);
      await rebuild(server, client);
      await renew(client);
      expect(await head()).toEqual({ ...before, time: expect.any(String) });
      expect([await numbers(), await listDamaged(server)]).toEqual([[1, 2, 3], []]);
      expect((await server.instance.ledger.recover(true)).mended).toEqual([]);
    }));

  it("P-74 P-33 asks for an envelope that only records name", () =>
    withServer(async (server) => {
      const { client, envelope, head } = await beginLog(server);
      await server.instance.journal.remove(client.vault, 2);
      await rebuild(server, client);
      await renew(client);
      expect(await head()).toMatchObject({ number: 3, epoch: 1, damagedEpochs: [1] });
      expectStatus(await client.putEnvelope(envelope), 200);
      expect((await head()).damagedEpochs).toEqual([]);
    }));

  it("P-74 P-25 lets nobody log in where a second factor may be lost, until the operator says so", () =>
    withServer(async (server) => {
      const { client } = await beginLog(server);
      const { clock } = server;
      const put = (extra: object = {}) =>
        client.send("PUT", "/v1/second-factor", {
          token: client.fullToken,
          json: { statement: client.statement(1, clock.nowMs), ...extra },
        });
      const { secret } = expectStatus(await put(), 200).json;
      const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.nowMs });
      expectStatus(await put({ code }), 200);
      await cut(server, client.vault, 6, 20);
      await rebuild(server, client);
      expect([problemOf(await client.logIn()), (await client.logIn()).status]).toEqual(["busy", 503]);
      expect(problemOf(await client.logIn({ loginKey: base64(randomBytes(32)) }))).toBe("login-refused");
      expectStatus(await client.askToken(), 201);
      expect(await resetSecondFactor(server.instance, client.login, false)).toBe(true);
      expectStatus(await client.logIn(), 201);
      await rebuild(server, client);
      expectStatus(await client.logIn(), 201);
      expect(await listDamaged(server)).toMatchObject([{ sequence: 6, state: "damaged", kind: null }]);
    }));

  it("P-74 serves every other account when nothing of one can be read, and keeps that one's files", () =>
    withServer(async (server) => {
      const { client } = await beginLog(server);
      const bytes = randomBytes(2_000);
      expectStatus(await client.putBlob(bytes), 201);
      const other = await beginVault(server.url);
      const whole = await readFile(journalPath(server, client.vault, 1));
      await cut(server, client.vault, 1, 20);
      await rebuild(server, client, other);
      expectStatus(await other.logIn(), 201);
      expectStatus(await other.askToken(), 201);
      expect([(await client.logIn()).status, (await client.askToken()).status]).toEqual([503, 503]);
      expect((await client.createAccount()).status).toBe(503);
      let runningMs = 0;
      const collector = new Collector(server.instance, () => runningMs);
      for (let pass = 0; pass < 10; pass += 1) {
        runningMs += 20 * 3_600_000;
        await collector.tick();
      }
      expect(await server.instance.blobs.find(client.vault, hashId(bytes))).toHaveLength(1);
      expect(await server.instance.journal.list(client.vault)).toEqual([1, 2, 3, 4, 5]);
      await writeFile(journalPath(server, client.vault, 1), whole);
      await server.stop();
      await server.start();
      Object.assign(client, { url: server.url });
      expect(expectStatus(await client.logIn(), 201).json.heads).toMatchObject([{ number: 3 }]);
      expect(await listDamaged(server)).toEqual([]);
    }));

  it("P-74 names an account's first object as lost when no roster stands elsewhere, whatever vault object comes later", () =>
    withServer(async (server) => {
      const { client } = await beginLog(server);
      const { tag } = (await client.send("GET", "/v1/vault", { token: client.fullToken })).json;
      const json = { vaultObject: base64(client.vaultObject(2)), previousTag: tag };
      expectStatus(await client.send("PUT", "/v1/vault", { token: client.fullToken, json }), 200);
      await server.instance.journal.remove(client.vault, 1);
      await rebuild(server, client);
      expect(await listDamaged(server)).toMatchObject([{ sequence: 1, state: "absent", kind: null }]);
      expect((await client.logIn()).status).toBe(503);
    }));

  it("P-74 goes on over a damaged object that it finds in its way, and over two records of one number", () =>
    withServer(async (server) => {
      const { client, envelope, records } = await beginLog(server);
      await server.instance.journal.append(client.vault, 6, randomBytes(100));
      const timeMs = server.instance.now();
      const rival = client.record({ number: 3, envelope, previousHash: hashId(records[1]) });
      const { id: device } = client.device;
      const receipt = makeReceipt(server.instance.keys, {
        vault: client.vault,
        device,
        number: 3,
        hash: hashId(rival),
        timeMs,
      });
      // As two processes of version 0.1 could write it: version 1, without random bytes.
      const content = encodeItem([
        1,
        Buffer.from(client.vault, "hex"),
        7,
        "record",
        [Buffer.from(device, "hex"), 3, rival, receipt, timeMs],
      ]);
      await server.instance.journal.append(client.vault, 7, encodeItem([content, hashBytes(content)]));
      expectStatus(await client.putEnvelope(client.envelope(2), 2), 201);
      expectStatus(await client.putEnvelope(client.envelope(3), 3), 201);
      expect(await server.instance.journal.list(client.vault)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(await listDamaged(server)).toMatchObject([
        { sequence: 6, state: "damaged" },
        { sequence: 7, state: "conflict", kind: "record", number: 3, may_hold_factor: 0 },
      ]);
    }));

  it("P-24 takes a newer vault object from a client where those between are lost", () =>
    withServer(async (server) => {
      const { client } = await beginLog(server);
      for (const number of [2, 3]) {
        const { tag } = (await client.send("GET", "/v1/vault", { token: client.fullToken })).json;
        const json = { vaultObject: base64(client.vaultObject(number)), previousTag: tag };
        expectStatus(await client.send("PUT", "/v1/vault", { token: client.fullToken, json }), 200);
      }
      for (const sequence of [6, 7]) await cut(server, client.vault, sequence, 20);
      await rebuild(server, client);
      await resetSecondFactor(server.instance, client.login, true);
      await renew(client);
      const { tag } = (await client.send("GET", "/v1/vault", { token: client.fullToken })).json;
      expect(tag).toBe(hashId(client.vaultObject(1)));
      const json = { vaultObject: base64(client.vaultObject(3)), previousTag: tag };
      expectStatus(await client.send("PUT", "/v1/vault", { token: client.fullToken, json }), 200);
    }));

  it("P-20 leaves a login to the account that had it first, when two stores were put together", () =>
    withServer(async (server) => {
      await withServer(async (other) => {
        const first = await new VaultClient(server.url, "ada").begin();
        other.clock.nowMs += 1;
        const second = await new VaultClient(other.url, "ada").begin();
        const folder = (of: RunningServer) => join(of.data, "journal", second.vault.slice(0, 2), second.vault);
        await cp(folder(other), folder(server), { recursive: true });
        await rebuild(server, first, second);
        expectStatus(await first.logIn(), 201);
        expect(problemOf(await second.logIn())).toBe("login-refused");
        expectStatus(await second.askToken(), 201);
        const recovery = await recoverRows(server.instance);
        expect(await listFindings(server.instance.database, recovery)).toEqual([
          { kind: "login-twice", login: "ada", vault: second.vault },
        ]);
      });
    }));

  it("P-74 does not start over a whole object of a kind that it does not know", () =>
    withServer(async (server) => {
      const { client } = await beginLog(server);
      const content = encodeItem([2, Buffer.from(client.vault, "hex"), 6, "drop", [1], randomBytes(16)]);
      await server.instance.journal.append(client.vault, 6, encodeItem([content, hashBytes(content)]));
      await expect(recoverRows(server.instance)).rejects.toThrow("start the newer coffre-server");
    }));

  it("P-74 answers 503 for an account whose files cannot be read now, and serves it when they can", () => {
    let broken: Id | null = null;
    return withServer(
      async (server) => {
        const { client, head } = await beginLog(server);
        const other = await beginVault(server.url);
        broken = client.vault;
        await rebuild(server, client, other);
        expectStatus(await other.logIn(), 201);
        expect((await client.askToken()).status).toBe(503);
        broken = null;
        await renew(client);
        expect((await head()).number).toBe(3);
      },
      {
        wrapJournal: (journal) =>
          override(journal, {
            read: async (vault, sequence) => {
              if (vault === broken && sequence === 4) throw new Error("the disk gave an error");
              return journal.read(vault, sequence);
            },
          }),
      },
    );
  });
});
