import { randomBytes } from "node:crypto";
import { readdir, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashId, type Id } from "../../src/domain/encodings.ts";
import { StoreUnavailable } from "../../src/domain/storage.ts";
import { override, type RunningServer, withServer } from "../running-server.ts";
import { beginVault, expectStatus, problemOf, type VaultClient } from "../vault-client.ts";

/** The folder of a blob's files, and their names. */
async function findFiles(server: RunningServer, client: VaultClient, id: Id): Promise<string[]> {
  const folder = join(server.data, "blobs", client.vault.slice(0, 2), client.vault, id.slice(0, 2));
  return (await readdir(folder)).filter((name) => name.startsWith(id)).map((name) => join(folder, name));
}

async function findFile(server: RunningServer, client: VaultClient, id: Id): Promise<string> {
  const [path] = await findFiles(server, client, id);
  if (path === undefined) throw new Error("the blob has no file");
  return path;
}

/** A vault with one stored blob, and the questions that tell what the server says of it. */
async function storeBlob(server: RunningServer, bytes: Buffer = randomBytes(400_000)) {
  const client = await beginVault(server.url);
  expectStatus(await client.putBlob(bytes), 201);
  const id = hashId(bytes);
  const get = (headers: Record<string, string> = {}) =>
    client.send("GET", `/v1/blobs/${id}`, { token: client.fullToken, headers });
  const askMissing = async (): Promise<Id[]> =>
    expectStatus(await client.send("POST", "/v1/blobs/missing", { json: { ids: [id] } }), 200).json.missing;
  const askDamaged = async (): Promise<Id[]> =>
    (await client.send("GET", `/v1/devices/${client.device.id}/head`)).json.damaged;
  return { client, bytes, id, get, askMissing, askDamaged, path: await findFile(server, client, id) };
}

describe("a blob whose file is not what it was", () => {
  it("P-42 P-43 is asked for again once a GET found its file gone, and heals by a PUT", () =>
    withServer(async (server) => {
      const { client, bytes, id, get, askMissing, askDamaged, path } = await storeBlob(server);
      await rm(path);
      expect(await askMissing()).toEqual([]);
      expectStatus(await get(), 404);
      expect([await askMissing(), await askDamaged()]).toEqual([[id], [id]]);
      expectStatus(await client.putBlob(bytes), 200);
      expect([await askMissing(), await askDamaged(), (await get()).status]).toEqual([[], [], 200]);
    }));

  it("P-42 is given from another whole file of its id, and never from one that is altered", () =>
    withServer(async (server) => {
      const { bytes, id, get, askMissing, path } = await storeBlob(server);
      await writeFile(path.replace(/\.[0-9a-f]{16}$/, ".0000000000000000"), randomBytes(bytes.length));
      await rename(path, path.replace(/\.[0-9a-f]{16}$/, ".0011223344556677"));
      expect(hashId(expectStatus(await get(), 200).bytes)).toBe(id);
      expect(hashId(expectStatus(await get(), 200).bytes)).toBe(id);
      expect(await askMissing()).toEqual([]);
    }));

  it("P-43 is cut off when its bytes are altered, asked for again, and given in ranges alone", () =>
    withServer(async (server) => {
      for (const size of [100_000, 400_000, 900_000]) {
        const { client, bytes, id, get, askMissing, path } = await storeBlob(server, randomBytes(size));
        const altered = Buffer.from(bytes);
        altered[0] = (altered[0] ?? 0) ^ 1;
        await writeFile(path, altered);
        // What fits into one piece has not begun to leave when it is found altered.
        const isCutOff = await get().then(
          (answer) => answer.status === 404 && problemOf(answer) === "not-found",
          () => true,
        );
        expect(isCutOff).toBe(true);
        expect(await askMissing()).toEqual([id]);
        expectStatus(await get(), 404);
        expectStatus(await client.send("HEAD", `/v1/blobs/${id}`, { token: client.fullToken }), 404);
        const part = expectStatus(await get({ range: `bytes=${size - 1}-` }), 206);
        expect(hashId(part.bytes)).toBe(hashId(altered.subarray(size - 1)));
      }
    }));

  it("P-43 is not given, whole or in ranges, when its file is shorter or longer than it was", () =>
    withServer(async (server) => {
      for (const size of [0, 399_999, 400_001]) {
        const { id, get, askMissing, path } = await storeBlob(server);
        await truncate(path, size);
        expectStatus(await get({ range: "bytes=0-9" }), 404);
        expectStatus(await get(), 404);
        expect(await askMissing()).toEqual([id]);
      }
    }));

  it("P-52 is named as missing when it is a reference blob that is gone or altered", () =>
    withServer(async (server) => {
      const needed = randomBytes(100);
      const other = hashId(randomBytes(8));
      for (const spoil of [(path: string) => rm(path), (path: string) => writeFile(path, Buffer.from(other, "hex"))]) {
        const { client, id, path } = await storeBlob(server, Buffer.from(hashId(needed), "hex"));
        expectStatus(await client.putBlob(needed), 201);
        const envelope = client.envelope();
        expectStatus(await client.putEnvelope(envelope), 201);
        await spoil(path);
        const record = client.record({ number: 1, envelope, referenceBlobs: [id] });
        const refused = await client.putRecord(record, 1);
        expect([problemOf(refused), refused.json.missing]).toEqual(["record-needs", [id]]);
        expectStatus(await client.putBlob(Buffer.from(hashId(needed), "hex")), 200);
        expectStatus(await client.putRecord(record, 1), 201);
      }
    }));

  it("P-43 answers busy and marks nothing when the store gives an error", () => {
    let isBroken = false;
    return withServer(
      async (server) => {
        const { get, askDamaged } = await storeBlob(server);
        isBroken = true;
        for (let times = 0; times < 3; times += 1) expect(problemOf(await get())).toBe("busy");
        isBroken = false;
        expect([(await get()).status, await askDamaged()]).toEqual([200, []]);
      },
      {
        wrapBlobs: (blobs) =>
          override(blobs, {
            open: async (blob, range) => {
              if (isBroken) throw new StoreUnavailable("EIO");
              return blobs.open(blob, range);
            },
          }),
      },
    );
  });
});

describe("a store whose root is not there", () => {
  it("P-72 answers busy, marks no row and makes nothing in its place, and serves on when it is back", () =>
    withServer(async (server) => {
      const { client, get, askDamaged } = await storeBlob(server);
      const envelope = client.envelope();
      expectStatus(await client.putEnvelope(envelope), 201);
      const record = client.record({ number: 1, envelope });
      for (const name of ["blobs", "journal"]) {
        const [root, aside] = [join(server.data, name), join(server.data, `${name}-aside`)];
        await rename(root, aside);
        const answers = name === "blobs" ? [await get(), await client.putBlob(randomBytes(10))] : [];
        answers.push(
          await client.putRecord(record, 1),
          await client.send("POST", "/v1/blobs/missing", { json: { ids: [] } }),
        );
        expect(answers.map(problemOf)).toEqual(answers.map(() => "busy"));
        expect(await readdir(server.data)).not.toContain(name);
        await rename(aside, root);
      }
      expectStatus(await client.putRecord(record, 1), 201);
      expect([(await get()).status, await askDamaged()]).toEqual([200, []]);
    }));
});
