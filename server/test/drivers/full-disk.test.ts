import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashId } from "../../src/domain/encodings.ts";
import { RunningServer, withFolder } from "../running-server.ts";
import { ServerProcess } from "../server-process.ts";
import { beginVault, expectStatus, problemOf, VaultClient } from "../vault-client.ts";

/** Runs `work` on a file system of 6 MB of its own; "not mountable" where this user may not mount one. */
async function withSmallDisk(work: (folder: string) => Promise<void>): Promise<"done" | "not mountable"> {
  let result: "done" | "not mountable" = "done";
  await withFolder(async (parent) => {
    const folder = join(parent, "disk");
    await mkdir(folder);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], { stdio: "ignore" });
    } catch {
      result = "not mountable";
      return;
    }
    try {
      await work(folder);
    } finally {
      execFileSync("umount", [folder]);
    }
  });
  return result;
}

/** Whether this user may mount at all; elsewhere the failing drivers of the blobs' tests stand for a full disk. */
const canMount = (await withSmallDisk(async () => undefined)) === "done";

describe("a disk that is really full", () => {
  it.runIf(canMount)("P-81 gives 507 for blobs and records, loses nothing, and serves on", async () => {
    await withSmallDisk(async (folder) => {
      const server = new RunningServer(folder, {});
      await server.start();
      try {
        const client = await beginVault(server.url);
        const envelope = client.envelope();
        expectStatus(await client.putEnvelope(envelope), 201);
        const stored: Uint8Array[] = [];
        let problem = "";
        for (let count = 0; count < 60 && problem === ""; count += 1) {
          const bytes = randomBytes(400_000);
          const answer = await client.putBlob(bytes);
          if (answer.status === 201) stored.push(bytes);
          else problem = problemOf(answer);
        }
        expect(problem).toBe("storage-full");
        const record = client.record({ number: 1, envelope, body: randomBytes(500_000) });
        expect(problemOf(await client.putRecord(record, 1))).toBe("storage-full");
        for (const bytes of stored) {
          const back = await client.send("GET", `/v1/blobs/${hashId(bytes)}`, { token: client.fullToken });
          expect(Buffer.compare(back.bytes, bytes)).toBe(0);
        }
        const { json } = await client.send("GET", `/v1/devices/${client.device.id}/head`);
        expect(json.number).toBe(0);
        const [first] = stored;
        for await (const blob of server.instance.blobs.list()) {
          if (first !== undefined && blob.id !== hashId(first)) await server.instance.blobs.remove(blob);
        }
        expectStatus(await client.putRecord(record, 1), 201);
      } finally {
        await server.stop();
      }
    });
  });

  it.runIf(canMount)("P-86 starts, lets in, restores and frees room on a disk without one byte left", async () => {
    await withSmallDisk(async (folder) => {
      const [data, filling] = [join(folder, "data"), join(folder, "filling")];
      const args = ["--data", data, "--listen", "127.0.0.1:0", "--registration", "open"];
      const bytes = randomBytes(100_000);
      let client = new VaultClient("");
      const start = async (): Promise<ServerProcess> => {
        const running = new ServerProcess(...args);
        client = Object.assign(client, { url: (await running.waitFor("listening"))["url"] });
        return running;
      };
      let running = await start();
      client = await beginVault(client.url);
      expectStatus(await client.putBlob(bytes), 201);
      while (!(await readdir(data)).includes("ballast")) await new Promise((resolve) => setImmediate(resolve));
      expect((await running.end()).code).toBe(0);

      // The first time with the ballast, the second time without it.
      for (const room of ["ballast", "none"]) {
        await fill(filling);
        expect((await readdir(data)).includes("ballast")).toBe(room === "ballast");
        running = await start();
        const { token } = expectStatus(await client.logIn(), 201).json;
        const back = await client.send("GET", `/v1/blobs/${hashId(bytes)}`, { token });
        expect(Buffer.compare(back.bytes, bytes)).toBe(0);
        expect(problemOf(await client.putBlob(randomBytes(10_000)))).toBe("storage-full");
        expectStatus(await client.send("GET", "/health/ready"), 503);
        expect((await running.end()).code).toBe(0);
      }

      running = await start();
      await rm(filling, { force: true });
      expect((await running.end()).code).toBe(0);
      running = await start();
      while (!(await readdir(data)).includes("ballast")) await new Promise((resolve) => setImmediate(resolve));
      expectStatus(await client.askToken(), 201);
      expectStatus(await client.putBlob(randomBytes(10_000)), 201);
      expect((await running.end()).code).toBe(0);
    });
  });
});

/** Fills the disk to its last byte. */
async function fill(path: string): Promise<void> {
  const file = await open(path, "a");
  try {
    for (let sizeBytes = 65_536; sizeBytes >= 1; ) {
      const written = await file.write(new Uint8Array(sizeBytes)).then(
        () => true,
        () => false,
      );
      if (!written) sizeBytes /= 2;
    }
  } finally {
    await file.close();
  }
}
