import { randomBytes } from "node:crypto";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeItem } from "../../src/domain/cbor.ts";
import { hashBytes, hashId } from "../../src/domain/encodings.ts";
import { beginNewDatabase, databasePath, replaceDatabase } from "../../src/drivers/database-files.ts";
import { openSqliteDatabase } from "../../src/drivers/sqlite-database.ts";
import { RunningServer, withFolder } from "../running-server.ts";
import { runCommand } from "../server-process.ts";
import { beginVault, expectStatus, type VaultClient } from "../vault-client.ts";

/** Two accounts of two records each, and the server stopped. */
async function fillData(data: string): Promise<[VaultClient, VaultClient]> {
  const server = new RunningServer(data, {});
  await server.start();
  const clients: [VaultClient, VaultClient] = [await beginVault(server.url), await beginVault(server.url)];
  for (const client of clients) {
    const envelope = client.envelope();
    expectStatus(await client.putEnvelope(envelope), 201);
    const bytes = randomBytes(500);
    expectStatus(await client.putBlob(bytes), 201);
    const first = client.record({ number: 1, envelope, blobs: [hashId(bytes)] });
    expectStatus(await client.putRecord(first, 1), 201);
    expectStatus(await client.putRecord(client.record({ number: 2, envelope, previousHash: hashId(first) }), 2), 201);
  }
  await server.stop();
  return clients;
}

/** Runs a server over the data and asks for the heads of a login. */
async function readHeads(data: string, client: VaultClient): Promise<unknown> {
  const server = new RunningServer(data, {});
  await server.start();
  try {
    Object.assign(client, { url: server.url });
    const { status, json } = await client.logIn();
    return status === 201 ? json.heads[0].number : status;
  } finally {
    await server.stop();
  }
}

const path = (data: string, client: VaultClient, sequence: number): string =>
  join(data, "journal", client.vault.slice(0, 2), client.vault, String(sequence));

describe("coffre-server rebuild", () => {
  it("rebuilds every account, keeps the old database, and ends with 0 when nothing is to be named", () =>
    withFolder(async (data) => {
      const [client] = await fillData(data);
      const ended = await runCommand("rebuild", "--data", data);
      expect([ended.code, ended.stderr]).toEqual([0, ""]);
      expect(ended.stdout).toMatch(
        /^8 changes and 2 blobs have their rows again\nthe old database is kept as old-\d+-coffre\.db\n$/,
      );
      expect(await readHeads(data, client)).toBe(2);
    }));

  it("goes over damaged and missing objects, names each by account and record, and ends with 3", () =>
    withFolder(async (data) => {
      const [first, second] = await fillData(data);
      const object = await readFile(path(data, first, 3));
      object.fill(0, 200, 208);
      await writeFile(path(data, first, 3), object);
      await writeFile(path(data, second, 1), "nothing");
      const ended = await runCommand("rebuild", "--data", data);
      expect([ended.code, ended.stderr]).toEqual([3, ""]);
      const lines = ended.stdout.split("\n");
      expect(lines).toContain(
        `login ${first.login} (vault ${first.vault}): object 3 is damaged: record 1 of device ${first.device.id}`,
      );
      expect(lines).toContainEqual(expect.stringMatching(`^vault ${second.vault}: no whole vault object is left`));
      expect(await readHeads(data, first)).toBe(2);
      expect(await readHeads(data, second)).toBe(503);
      const accounts = (await runCommand("accounts", "--data", data)).stdout;
      expect(accounts).toContain(`\topen\t${first.vault}`);
      expect(accounts).toContain(`-\t0\t0\t0 B\t-\tunreadable\t${second.vault}`);
      expect((await runCommand("rebuild", "--data", data)).code).toBe(3);
    }));

  it("tells the operator which logins wait for a word about their second factor, and takes it", () =>
    withFolder(async (data) => {
      const [client] = await fillData(data);
      await writeFile(path(data, client, 4), "nothing");
      const ended = await runCommand("rebuild", "--data", data);
      expect([ended.code, ended.stdout]).toEqual([
        3,
        expect.stringContaining(`coffre-server reset-second-factor ${client.login}\n`),
      ]);
      expect(await readHeads(data, client)).toBe(503);
      expect((await runCommand("reset-second-factor", client.login, "--keep", "--data", data)).code).toBe(0);
      expect(await readHeads(data, client)).toBe(1);
      expect((await runCommand("reset-second-factor", "nobody", "--data", data)).code).toBe(1);
    }));

  it("leaves the old database in place when the journal holds what it does not know", () =>
    withFolder(async (data) => {
      const [client] = await fillData(data);
      const content = encodeItem([9, Buffer.from(client.vault, "hex")]);
      const before = await readFile(databasePath(data));
      await writeFile(path(data, client, 5), encodeItem([content, hashBytes(content)]));
      const ended = await runCommand("rebuild", "--data", data);
      expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining("start the newer coffre-server")]);
      expect(hashId(await readFile(databasePath(data)))).toBe(hashId(before));
    }));

  it("starts from anew after it was killed in the middle, and the old database serves until then", () =>
    withFolder(async (data) => {
      const [client] = await fillData(data);
      // What a kill leaves: a new database with some of its rows.
      const half = await openSqliteDatabase(await beginNewDatabase(data));
      await half.close();
      expect(await readHeads(data, client)).toBe(2);
      expect((await runCommand("rebuild", "--data", data)).code).toBe(0);
      expect((await readdir(data)).filter((name) => name.startsWith("coffre.db.new"))).toEqual([]);
      expect(await readHeads(data, client)).toBe(2);
    }));

  it("never lets an old log stand beside a new database", () =>
    withFolder((data) =>
      withFolder(async (aside) => {
        const [client] = await fillData(data);
        // A database that was killed keeps its log.
        const old = await openSqliteDatabase(databasePath(data));
        await old.transaction((transaction) => transaction.query("UPDATE vaults SET used_bytes = used_bytes + 1"));
        for (const name of ["coffre.db", "coffre.db-wal"]) await cp(join(data, name), join(aside, name));
        await old.close();
        for (const name of ["coffre.db", "coffre.db-wal"]) await cp(join(aside, name), join(data, name));
        const made = await openSqliteDatabase(await beginNewDatabase(data));
        await made.close();
        const kept = await replaceDatabase(data, 0);
        const names = await readdir(data);
        expect(names).toEqual(expect.arrayContaining([kept, `${kept}-wal`, "coffre.db"]));
        expect(names).not.toContain("coffre.db-wal");
        expect(await readHeads(data, client)).toBe(2);
      }),
    ));
});
