import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Collector } from "../../src/domain/collector.ts";
import { hashId, type Id } from "../../src/domain/encodings.ts";
import { scrubBlobs } from "../../src/domain/scrub.ts";
import { StoreUnavailable } from "../../src/domain/storage.ts";
import { override, type RunningServer, withServer } from "../running-server.ts";
import { beginVault, expectStatus, type VaultClient } from "../vault-client.ts";

const HOUR_MS = 3_600_000;

/** A collector whose monotonic time the test moves; each hour is one tick. */
class Night {
  readonly #collector: Collector;
  #nowMs = 0;

  constructor(server: RunningServer) {
    this.#collector = new Collector(server.instance, () => this.#nowMs);
  }

  async pass(hours: number): Promise<number> {
    let passes = 0;
    for (let hour = 0; hour < hours; hour += 1) {
      this.#nowMs += HOUR_MS;
      if ((await this.#collector.tick()) !== null) passes += 1;
    }
    return passes;
  }
}

async function isThere(client: VaultClient, bytes: Uint8Array): Promise<boolean> {
  const answer = await client.send("HEAD", `/v1/blobs/${hashId(bytes)}`, { token: client.fullToken });
  return answer.status === 200;
}

describe("the collector", () => {
  it("P-73 removes an unreferenced blob at the seventh pass, 20 hours of running time apart, and frees its quota", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const [loose, needed] = [randomBytes(1_000), randomBytes(1_000)];
      expectStatus(await client.putBlob(loose), 201);
      expectStatus(await client.putBlob(needed), 201);
      const envelope = client.envelope();
      expectStatus(await client.putEnvelope(envelope), 201);
      const record = client.record({ number: 1, envelope, blobs: [hashId(needed)] });
      expectStatus(await client.putRecord(record, 1), 201);
      const night = new Night(server);
      expect(await night.pass(19)).toBe(0);
      expect(await night.pass(1)).toBe(1);
      expect(await night.pass(119)).toBe(5);
      expect(await isThere(client, loose)).toBe(true);
      server.clock.nowMs += 365 * 24 * HOUR_MS;
      const fresh = await client.askToken();
      expect(fresh.status).toBe(201);
      expect(await night.pass(1)).toBe(1);
      const { missing } = (
        await client.send("POST", "/v1/blobs/missing", {
          token: fresh.json.token,
          json: { ids: [hashId(loose), hashId(needed)] },
        })
      ).json;
      expect(missing).toEqual([hashId(loose)]);
      const kept = [needed, record, envelope, client.vaultObject(), client.roster()];
      const [row] = await server.instance.database.read("SELECT used_bytes FROM vaults");
      expect(row?.["used_bytes"]).toBe(kept.reduce((sum, bytes) => sum + bytes.length, 0));
    }));

  it("P-43 starts a lease anew by a repeated PUT and by a question that is answered 'not missing'", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const [first, second, third] = [randomBytes(100), randomBytes(100), randomBytes(100)];
      for (const bytes of [first, second, third]) expectStatus(await client.putBlob(bytes), 201);
      const night = new Night(server);
      await night.pass(120);
      expectStatus(await client.putBlob(first), 200);
      const asked = await client.send("POST", "/v1/blobs/missing", { json: { ids: [hashId(second)] } });
      expect(asked.json.missing).toEqual([]);
      await night.pass(20);
      expect([await isThere(client, first), await isThere(client, second), await isThere(client, third)]).toEqual([
        true,
        true,
        false,
      ]);
    }));

  it("P-73 sums running time over restarts", () =>
    withServer(async (server) => {
      const passes: number[] = [];
      for (let start = 0; start < 5; start += 1) passes.push(await new Night(server).pass(10));
      expect(passes).toEqual([0, 1, 0, 1, 0]);
    }));

  it("removes a file without a row when two passes met it", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const bytes = randomBytes(100);
      expectStatus(await client.putBlob(bytes), 201);
      const id = hashId(bytes);
      const folder = join(server.data, "blobs", client.vault.slice(0, 2), client.vault, id.slice(0, 2));
      await writeFile(join(folder, `${id}.0011223344556677`), bytes);
      const count = async () => {
        let files = 0;
        for await (const _ of server.instance.blobs.list()) files += 1;
        return files;
      };
      const night = new Night(server);
      await night.pass(20);
      expect(await count()).toBe(2);
      await night.pass(20);
      expect(await count()).toBe(1);
      expect(await isThere(client, bytes)).toBe(true);
    }));

  it("goes on with other accounts when a file of one cannot be removed now", () => {
    let broken: Id | null = null;
    return withServer(
      async (server) => {
        const clients = [await beginVault(server.url), await beginVault(server.url)];
        for (const client of clients) expectStatus(await client.putBlob(randomBytes(1_000)), 201);
        const count = async () => {
          let files = 0;
          for await (const _ of server.instance.blobs.list()) files += 1;
          return files;
        };
        // The first that the collector comes to.
        broken = clients.map((client) => client.vault).sort()[0] ?? null;
        const night = new Night(server);
        await night.pass(140);
        expect(await count()).toBe(1);
        broken = null;
        await night.pass(40);
        expect(await count()).toBe(0);
      },
      {
        wrapBlobs: (blobs) =>
          override(blobs, {
            remove: async (stored) => {
              if (stored.vault === broken) throw new StoreUnavailable("EIO");
              await blobs.remove(stored);
            },
          }),
      },
    );
  });
});

describe("scrubbing", () => {
  it("P-41 marks altered and lost blobs, so that devices send them again", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const blobs = Array.from({ length: 5 }, () => randomBytes(3_000));
      for (const bytes of blobs) expectStatus(await client.putBlob(bytes), 201);
      const altered = hashId(blobs[0] as Uint8Array);
      const lost = hashId(blobs[1] as Uint8Array);
      for await (const stored of server.instance.blobs.list()) {
        const folder = join(server.data, "blobs", stored.vault.slice(0, 2), stored.vault, stored.id.slice(0, 2));
        if (stored.id === altered) await writeFile(join(folder, `${stored.id}.${stored.suffix}`), "other bytes");
        if (stored.id === lost) await server.instance.blobs.remove(stored);
      }
      expect(await scrubBlobs(server.instance)).toMatchObject({ blobs: 5, bytes: 15_000, damaged: 2, unneeded: 0 });
      const head = await client.send("GET", `/v1/devices/${client.device.id}/head`);
      expect(head.json.damaged).toEqual([altered, lost].sort());
      for (const bytes of blobs) expectStatus(await client.putBlob(bytes), 200);
      expect((await scrubBlobs(server.instance)).damaged).toBe(0);
    }));
});
