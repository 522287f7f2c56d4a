import { copyFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunningServer, withFolder } from "../running-server.ts";
import { runCommand } from "../server-process.ts";
import { beginVault, expectStatus } from "../vault-client.ts";

describe("coffre-server backup-db", () => {
  it("copies the database beside a running server, and a server goes on from the copy", () =>
    withFolder(async (folder) => {
      const data = join(folder, "data");
      const server = new RunningServer(data, {});
      await server.start();
      const client = await beginVault(server.url);
      const ended = await runCommand("backup-db", join(folder, "copy.db"), "--data", data);
      expect([ended.code, ended.stderr]).toEqual([0, ""]);
      expect((await stat(join(folder, "copy.db"))).mode & 0o777).toBe(0o600);
      // What comes after the copy stands in the journal alone then.
      const envelope = client.envelope();
      expectStatus(await client.putEnvelope(envelope), 201);
      expectStatus(await client.putRecord(client.record({ number: 1, envelope }), 1), 201);
      await server.stop();
      for (const suffix of ["", "-wal", "-shm"]) await rm(join(data, `coffre.db${suffix}`), { force: true });
      await copyFile(join(folder, "copy.db"), join(data, "coffre.db"));
      const again = new RunningServer(data, {});
      await again.start();
      try {
        Object.assign(client, { url: again.url });
        expect((await client.logIn()).json.heads[0].number).toBe(1);
      } finally {
        await again.stop();
      }
    }));

  it("writes over nothing, and leaves nothing behind when it fails", () =>
    withFolder(async (folder) => {
      const data = join(folder, "data");
      const server = new RunningServer(data, {});
      await server.start();
      await server.stop();
      const file = join(folder, "taken");
      await writeFile(file, "mine");
      const ended = await runCommand("backup-db", file, "--data", data);
      expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining("stands at")]);
      await expect(stat(`${file}.new`)).rejects.toThrow("ENOENT");
      expect((await runCommand("backup-db", join(folder, "no/such"), "--data", data)).code).toBe(1);
    }));
});
