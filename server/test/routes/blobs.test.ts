import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatId, hashId, type Id } from "../../src/domain/encodings.ts";
import { StorageFull } from "../../src/domain/storage.ts";
import { override, type RunningServer, withServer } from "../running-server.ts";
import { type Answer, beginVault, expectStatus, problemOf, send, type VaultClient } from "../vault-client.ts";

const LIMIT_BYTES = 8_388_608;

/** Names of all kept blobs. */
async function listStored(server: RunningServer): Promise<string[]> {
  const names: string[] = [];
  for await (const blob of server.instance.blobs.list()) names.push(blob.id);
  return names;
}

/** Resolves once the server has finished with every body: nothing temporary, nothing reserved. */
async function settle(server: RunningServer): Promise<void> {
  for (;;) {
    const left = await readdir(join(server.data, "tmp"));
    if (left.length === 0 && server.instance.quotas.reservedBytes === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What the vault's blobs take: all that is counted but the vault object and the roster. */
async function readUsed(server: RunningServer, client: VaultClient): Promise<number> {
  const [row] = await server.instance.database.read<{ used_bytes: number }>(
    "SELECT used_bytes FROM vaults WHERE vault = $1",
    [client.vault],
  );
  return (row?.used_bytes ?? -1) - client.vaultObject().length - client.roster().length;
}

/** Sends a PUT whose body ends, or whose connection breaks, after `sent` of the announced bytes. */
function abort(client: VaultClient, id: Id, announced: number, sent: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = request(`${client.url}/v1/blobs/${id}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${client.token}`, "content-length": announced },
    });
    outgoing.on("error", () => undefined);
    outgoing.on("close", () => resolve());
    outgoing.write(sent, () => outgoing.destroy());
  });
}

/** What a server answers to raw bytes on a connection. */
function exchange(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    let received = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on("data", (piece) => {
      received += piece.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(received));
  });
}

describe("blobs", () => {
  it("P-40 P-42 stores bytes of every size up to the limit and gives them back", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      for (const size of [
        0,
        1,
        65_535,
        65_536,
        65_537,
        524_287,
        524_288,
        524_289,
        1_048_577,
        LIMIT_BYTES - 1,
        LIMIT_BYTES,
      ]) {
        const bytes = randomBytes(size);
        expectStatus(await client.putBlob(bytes), 201);
        const back = expectStatus(
          await client.send("GET", `/v1/blobs/${hashId(bytes)}`, { token: client.fullToken }),
          200,
        );
        expect(Buffer.compare(back.bytes, bytes), `${size} bytes`).toBe(0);
      }
    }));

  it("P-10 refuses one byte more than announced, before and after it was read", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const answer = await client.putBlob(randomBytes(LIMIT_BYTES + 1));
      expect([answer.status, problemOf(answer)]).toEqual([413, "body-too-large"]);
      expect(await listStored(server)).toEqual([]);
    }));

  it("P-40 asks for Content-Length with 411", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const head = `PUT /v1/blobs/${hashId(Buffer.from("x"))} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer ${client.token}\r\n`;
      const received = await exchange(url, `${head}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`);
      expect(received).toMatch(/^HTTP\/1\.1 411 /);
      expect(received).toContain("urn:coffre:problem:malformed");
    }));

  it("P-40 refuses other bytes than the named ones and keeps nothing of them", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const answer = await client.putBlob(randomBytes(100_000), hashId(Buffer.from("other")));
      expect([answer.status, problemOf(answer), answer.json.retryable]).toEqual([422, "not-the-named-bytes", true]);
      await settle(server);
      expect([await listStored(server), await readUsed(server, client)]).toEqual([[], 0]);
    }));

  it("P-43 P-80 keeps nothing of a body that breaks off, and frees its quota", () =>
    withServer(
      async (server) => {
        const client = await beginVault(server.url);
        const bytes = randomBytes(900_000);
        for (const sent of [0, 1, 100_000, 899_999]) {
          await abort(client, hashId(bytes), bytes.length, bytes.subarray(0, sent));
        }
        await settle(server);
        expect(await listStored(server)).toEqual([]);
        expectStatus(await client.putBlob(bytes), 201);
      },
      { terms: { quotaBytes: 1_000_000 } },
    ));

  it("P-40 writes a repeated blob again, so that a damaged one heals, and charges it once", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const bytes = randomBytes(1_000);
      const id = hashId(bytes);
      expectStatus(await client.putBlob(bytes), 201);
      await server.instance.database.transaction((transaction) => transaction.query("UPDATE blobs SET damaged = 1"));
      const ask = () => client.send("POST", "/v1/blobs/missing", { json: { ids: [id] } });
      expect((await ask()).json).toEqual({ missing: [id] });
      expect((await client.send("GET", `/v1/devices/${client.device.id}/head`)).json.damaged).toEqual([id]);
      expectStatus(await client.putBlob(bytes), 200);
      expect((await ask()).json).toEqual({ missing: [] });
      expect([await readUsed(server, client), await listStored(server)]).toEqual([1_000, [id]]);
    }));

  it("P-40 takes the same blob many times at once and keeps one file", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const bytes = randomBytes(300_000);
      const answers = await Promise.all(Array.from({ length: 12 }, () => client.putBlob(bytes)));
      expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
      expect(answers.filter((answer) => answer.status === 200)).toHaveLength(11);
      expect([await readUsed(server, client), await listStored(server)]).toEqual([300_000, [hashId(bytes)]]);
    }));

  it("P-41 answers up to 1,000 ids and refuses 1,001", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const ids = Array.from({ length: 1_001 }, () => formatId(randomBytes(32)));
      const ask = (asked: readonly string[]): Promise<Answer> =>
        client.send("POST", "/v1/blobs/missing", { json: { ids: asked } });
      expect((await ask([])).json).toEqual({ missing: [] });
      expect((await ask(ids.slice(1))).json).toEqual({ missing: ids.slice(1) });
      const answer = await ask(ids);
      expect([answer.status, problemOf(answer)]).toEqual([400, "malformed"]);
    }));

  it("P-42 answers single ranges and HEAD", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const bytes = randomBytes(1_000);
      const path = `/v1/blobs/${hashId(bytes)}`;
      expectStatus(await client.putBlob(bytes), 201);
      const get = (range: string) => client.send("GET", path, { token: client.fullToken, headers: { range } });
      for (const [range, from, to] of [
        ["bytes=0-0", 0, 1],
        ["bytes=10-19", 10, 20],
        ["bytes=990-", 990, 1_000],
        ["bytes=-5", 995, 1_000],
        ["bytes=0-5000", 0, 1_000],
      ] as const) {
        const answer = await get(range);
        expect([answer.status, answer.headers.get("content-range")]).toEqual([206, `bytes ${from}-${to - 1}/1000`]);
        expect(Buffer.compare(answer.bytes, bytes.subarray(from, to))).toBe(0);
      }
      expect((await get("bytes=1000-")).status).toBe(416);
      expect((await get("bytes=5-1")).status).toBe(200);
      const head = await client.send("HEAD", path, { token: client.fullToken });
      expect([head.status, head.headers.get("content-length"), head.headers.get("etag")]).toEqual([
        200,
        "1000",
        `"${hashId(bytes)}"`,
      ]);
      expect(head.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
    }));

  it("P-6 answers for another vault's blob as for one that does not exist", () =>
    withServer(async ({ url }) => {
      const [owner, stranger] = [await beginVault(url), await beginVault(url)];
      const bytes = randomBytes(1_000);
      expectStatus(await owner.putBlob(bytes), 201);
      const get = (id: Id) => stranger.send("GET", `/v1/blobs/${id}`, { token: stranger.fullToken });
      const [other, none] = [await get(hashId(bytes)), await get(hashId(Buffer.from("none")))];
      expect([other.status, other.json]).toEqual([404, none.json]);
      const asked = await stranger.send("POST", "/v1/blobs/missing", { json: { ids: [hashId(bytes)] } });
      expect(asked.json.missing).toHaveLength(1);
    }));

  it("refuses path tricks in ids", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const good = hashId(Buffer.from("x"));
      const tricks = [
        "..%2f..%2fkeys%2ftokens.key",
        "%2e%2e",
        `${good}.0011223344556677`,
        good.toUpperCase(),
        `${good}%00`,
        `${good.slice(1)}`,
        "%ff",
        `${"a".repeat(5_000)}`,
      ];
      for (const trick of tricks) {
        const answer = await client.send("GET", `/v1/blobs/${trick}`, { token: client.fullToken });
        expect([400, 404], trick).toContain(answer.status);
        expect(["malformed", "not-found"]).toContain(problemOf(answer));
        expect((await client.send("PUT", `/v1/blobs/${trick}`, { body: "x" })).status).toBeGreaterThanOrEqual(400);
      }
    }));

  it("P-80 reserves quota before reading, and never gives the same room twice", () =>
    withServer(
      async (server) => {
        const client = await beginVault(server.url);
        const answers = await Promise.all(Array.from({ length: 8 }, () => client.putBlob(randomBytes(300_000))));
        expect(answers.filter((answer) => answer.status === 201)).toHaveLength(3);
        const refused = answers.filter((answer) => answer.status === 507);
        expect(refused.map(problemOf)).toEqual(Array(5).fill("quota-exceeded"));
        expect(await readUsed(server, client)).toBe(900_000);
      },
      { terms: { quotaBytes: 1_000_000 } },
    ));

  it("P-80 holds a device to its share while the owner may still write", () =>
    withServer(
      async ({ url }) => {
        const client = await beginVault(url);
        expectStatus(await client.putBlob(randomBytes(500_000)), 201);
        expect(problemOf(await client.putBlob(randomBytes(1)))).toBe("quota-exceeded");
        const bytes = randomBytes(1_000);
        expectStatus(
          await client.send("PUT", `/v1/blobs/${hashId(bytes)}`, { token: client.fullToken, body: bytes }),
          201,
        );
      },
      { terms: { quotaBytes: 1_000_000, deviceShare: 0.5 } },
    ));

  it("P-81 answers a full disk with 507 storage-full and goes on serving", () => {
    let isFull = false;
    return withServer(
      async (server) => {
        const client = await beginVault(server.url);
        isFull = true;
        const bytes = randomBytes(1_000);
        const blob = await client.putBlob(bytes);
        expect([blob.status, problemOf(blob), blob.json.retryable]).toEqual([507, "storage-full", true]);
        const envelope = client.envelope();
        expect(problemOf(await client.putEnvelope(envelope))).toBe("storage-full");
        expect((await send(server.url, "GET", "/health/live")).status).toBe(200);
        isFull = false;
        expectStatus(await client.putBlob(bytes), 201);
        expectStatus(await client.putEnvelope(envelope), 201);
      },
      {
        wrapBlobs: (blobs) =>
          override(blobs, {
            receive: async (source) => {
              if (isFull) throw new StorageFull();
              return blobs.receive(source);
            },
          }),
        wrapJournal: (journal) =>
          override(journal, {
            append: async (vault, sequence, bytes) => {
              if (isFull) throw new StorageFull();
              return journal.append(vault, sequence, bytes);
            },
          }),
      },
    );
  });

  it("P-31 refuses a blob of a device that was revoked while its body was on the way", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const bytes = randomBytes(200_000);
      const outgoing = request(`${server.url}/v1/blobs/${hashId(bytes)}`, {
        method: "PUT",
        headers: { authorization: `Bearer ${client.token}`, "content-length": bytes.length },
      });
      const status = new Promise<number | undefined>((resolve, reject) => {
        outgoing.on("response", (response) => resolve(response.resume().statusCode));
        outgoing.on("error", reject);
      });
      await new Promise<void>((resolve) => outgoing.write(bytes.subarray(0, 100_000), () => resolve()));
      while (server.instance.quotas.reservedBytes === 0) await new Promise((resolve) => setImmediate(resolve));
      const roster = Buffer.from(client.roster(2, [client.device], [[client.device.id, 0, "0".repeat(64) as Id]]));
      const json = { roster: roster.toString("base64") };
      expectStatus(await client.send("PUT", "/v1/roster", { token: client.fullToken, json }), 200);
      outgoing.end(bytes.subarray(100_000));
      expect(await status).toBe(401);
      await settle(server);
      expect(await listStored(server)).toEqual([]);
    }));
});
