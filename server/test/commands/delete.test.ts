import { randomBytes } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashId } from "../../src/domain/encodings.ts";
import { RunningServer, withFolder } from "../running-server.ts";
import { runCommand } from "../server-process.ts";
import { beginVault, expectStatus, type VaultClient } from "../vault-client.ts";

/** An account with a record and its blob. */
async function fill(url: string): Promise<VaultClient> {
  const client = await beginVault(url);
  const envelope = client.envelope();
  expectStatus(await client.putEnvelope(envelope), 201);
  const bytes = randomBytes(500);
  expectStatus(await client.putBlob(bytes), 201);
  expectStatus(await client.putRecord(client.record({ number: 1, envelope, blobs: [hashId(bytes)] }), 1), 201);
  return client;
}

/** The files below `data` whose name or bytes tell of one of `traces`. */
async function findTraces(data: string, traces: readonly (string | Buffer)[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(data, { recursive: true })) {
    const path = join(data, name);
    const bytes = (await stat(path)).isFile() ? await readFile(path) : Buffer.alloc(0);
    if (traces.some((trace) => bytes.includes(trace) || (typeof trace === "string" && name.includes(trace)))) {
      found.push(name);
    }
  }
  return found;
}

describe("coffre-server delete", () => {
  it("leaves nothing of an account in the whole data folder, and everything of the others", () =>
    withFolder(async (folder) => {
      const data = join(folder, "data");
      const server = new RunningServer(data, {});
      await server.start();
      const [gone, stays] = [await fill(server.url), await fill(server.url)];
      await server.stop();
      const traces = [gone.vault, gone.login, gone.device.id, Buffer.from(gone.vault, "hex")];
      expect((await findTraces(data, traces)).length).toBeGreaterThan(3);

      const unasked = await runCommand("delete", gone.login, "--data", data);
      expect([unasked.code, unasked.stderr]).toEqual([1, expect.stringContaining("--yes")]);
      const ended = await runCommand("delete", gone.login, "--yes", "--data", data);
      expect([ended.code, ended.stderr]).toEqual([0, ""]);
      expect(await findTraces(data, traces)).toEqual([]);
      expect((await runCommand("delete", gone.login, "--yes", "--data", data)).code).toBe(1);

      const again = new RunningServer(data, {});
      await again.start();
      try {
        for (const client of [gone, stays]) Object.assign(client, { url: again.url });
        expect([(await gone.logIn()).status, (await stays.logIn()).json.heads[0].number]).toEqual([401, 1]);
      } finally {
        await again.stop();
      }
      const scrubbed = await runCommand("scrub", "--data", data);
      expect([scrubbed.code, scrubbed.stderr]).toEqual([0, ""]);
    }));
});
