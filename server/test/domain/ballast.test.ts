import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Collector } from "../../src/domain/collector.ts";
import { hashId } from "../../src/domain/encodings.ts";
import { Readiness } from "../../src/domain/readiness.ts";
import type { Room } from "../../src/domain/storage.ts";
import { FullDatabase } from "../full-database.ts";
import { override, type RunningServer, type Setup, withServer } from "../running-server.ts";
import { beginVault, expectStatus, problemOf, send, VaultClient } from "../vault-client.ts";

const PASS_MS = 20 * 3_600_000;

function onDisk(disk: FullDatabase): Setup {
  return { wrapDatabase: (database) => disk.wrap(database), room: disk };
}

async function makePasses(server: RunningServer, count: number): Promise<void> {
  let nowMs = 0;
  const collector = new Collector(server.instance, () => nowMs);
  for (let pass = 0; pass < count; pass += 1) {
    nowMs += PASS_MS;
    await collector.tick();
  }
}

async function isThere(client: VaultClient, bytes: Uint8Array): Promise<boolean> {
  const answer = await client.send("HEAD", `/v1/blobs/${hashId(bytes)}`, { token: client.fullToken });
  return answer.status === 200;
}

describe("the ballast of a full disk", () => {
  it("P-86 is given up for the collector, and made again when there is room", async () => {
    const disk = new FullDatabase();
    await withServer(async (server) => {
      const client = await beginVault(server.url);
      const bytes = randomBytes(1_000);
      expectStatus(await client.putBlob(bytes), 201);
      disk.isFull = true;
      await makePasses(server, 7);
      expect(await isThere(client, bytes)).toBe(false);
      expect(disk.hasBallast).toBe(false);
      disk.isFull = false;
      await server.instance.ballast.keep();
      expect(disk.hasBallast).toBe(true);
    }, onDisk(disk));
  });

  it("P-86 P-24 is given up for removing a replaced vault object", async () => {
    const disk = new FullDatabase();
    await withServer(async (server) => {
      const client = await beginVault(server.url);
      const { tag } = (await client.send("GET", "/v1/vault", { token: client.fullToken })).json;
      const vaultObject = Buffer.from(client.vaultObject(2)).toString("base64");
      const put = { token: client.fullToken, json: { vaultObject, previousTag: tag } };
      expectStatus(await client.send("PUT", "/v1/vault", put), 200);
      disk.isFull = true;
      await makePasses(server, 36);
      const rows = await server.instance.database.read("SELECT number FROM vault_objects WHERE bytes IS NOT NULL");
      expect(rows).toEqual([{ number: 2 }]);
    }, onDisk(disk));
  });

  it("P-86 is room for removing alone: while it is away nothing is taken, not even where a blob would fit", async () => {
    const disk = new FullDatabase();
    await withServer(async (server) => {
      const client = await beginVault(server.url);
      const [known, fresh] = [randomBytes(1_000), randomBytes(1_000)];
      const envelope = client.envelope();
      expectStatus(await client.putBlob(known), 201);
      disk.isFull = true;
      await makePasses(server, 1);
      for (const bytes of [known, fresh]) expect(problemOf(await client.putBlob(bytes))).toBe("storage-full");
      expect(problemOf(await client.putEnvelope(envelope))).toBe("storage-full");
      expect(problemOf(await new VaultClient(server.url).createAccount())).toBe("storage-full");
      expectStatus(await client.logIn(), 201);
      disk.isFull = false;
      for (const bytes of [known, fresh]) expect([200, 201]).toContain((await client.putBlob(bytes)).status);
    }, onDisk(disk));
  });

  it("P-86 gives rows to an object that a full disk left without one, so that a start serves its account", async () => {
    const disk = new FullDatabase();
    await withServer(async (server) => {
      const client = await beginVault(server.url);
      const envelope = client.envelope();
      disk.isFull = true;
      expect(problemOf(await client.putEnvelope(envelope))).toBe("storage-full");
      await server.stop();
      await server.start();
      Object.assign(client, { url: server.url });
      const path = `/v1/devices/${client.device.id}/epochs/1`;
      const { json } = await client.logIn();
      expectStatus(await client.send("GET", path, { token: json.token }), 200);
    }, onDisk(disk));
  });
});

describe("/health/ready", () => {
  it("says that nothing can be stored, and names no path, while a folder cannot be written or the disk is full", async () => {
    const disk = new FullDatabase();
    await withServer(async ({ url, data }) => {
      const ask = () => send(url, "GET", "/health/ready");
      await rm(join(data, "tmp"), { recursive: true });
      const refused = await ask();
      expect([refused.status, problemOf(refused)]).toEqual([503, "busy"]);
      expect(refused.json.detail).toMatch(/ENOENT/);
      expect(JSON.stringify(refused.json)).not.toContain(data);
      expectStatus(await send(url, "GET", "/health/live"), 200);
    });
    disk.isFull = true;
    await withServer(
      async ({ url }) => {
        const refused = await send(url, "GET", "/health/ready");
        expect([refused.status, problemOf(refused)]).toEqual([503, "storage-full"]);
      },
      { room: disk },
    );
  });

  it("writes to the disk every few seconds at the most, however often it is asked", async () => {
    const disk = new FullDatabase();
    let [nowMs, trials] = [0, 0];
    const room = override<Room>(disk, {
      tryWrite: async () => {
        trials += 1;
      },
    });
    await withServer(
      async ({ instance }) => {
        const readiness = new Readiness(instance, () => nowMs);
        for (let count = 0; count < 100; count += 1) await readiness.require();
        expect(trials).toBe(1);
        nowMs += 5_000;
        await readiness.require();
        expect(trials).toBe(2);
      },
      { room },
    );
  });
});
