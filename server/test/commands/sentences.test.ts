import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunningServer, withFolder } from "../running-server.ts";
import { runCommand, ServerProcess } from "../server-process.ts";
import { beginVault, expectStatus, type VaultClient } from "../vault-client.ts";

const SERVE = ["--listen", "127.0.0.1:0", "--registration", "open"];
const REBUILD = /^coffre-server: the database is damaged: .*'coffre-server rebuild'\n$/;

/** Runs `work` on the data of a server that has stopped, with one account that stores 5,000 bytes. */
function withStopped(work: (data: string, client: VaultClient) => Promise<void>): Promise<void> {
  return withFolder(async (parent) => {
    const data = join(parent, "data");
    await mkdir(data);
    const server = new RunningServer(data, {});
    await server.start();
    const client = await beginVault(server.url);
    expectStatus(await client.putBlob(randomBytes(5_000)), 201);
    await server.stop();
    await work(data, client);
  });
}

/** What a start on `data` says, when it does not come to listen. */
async function sentenceOfStart(data: string, ...args: readonly string[]): Promise<string | null> {
  const running = new ServerProcess("--data", data, ...SERVE, ...args);
  try {
    await running.waitFor("listening");
    return null;
  } catch {
    return (await running.ended).stderr;
  } finally {
    await running.end("SIGKILL");
  }
}

/** Writes noise from `position` on. */
async function overwrite(path: string, position: number): Promise<void> {
  const file = await open(path, "r+");
  const sizeBytes = (await file.stat()).size - position;
  await file.write(randomBytes(sizeBytes), 0, sizeBytes, position);
  await file.close();
}

describe("what coffre-server says", () => {
  it("sends to rebuild over a damaged database, and rebuild brings the account back", () =>
    withStopped(async (data, client) => {
      const path = join(data, "coffre.db");
      const whole = await readFile(path);
      // Without its header it is "not a database", with it a "malformed" one.
      for (const position of [4_096, 0]) {
        await writeFile(path, whole);
        await overwrite(path, position);
        expect(await sentenceOfStart(data)).toMatch(REBUILD);
        expect((await runCommand("invite", "--data", data)).stderr).toMatch(REBUILD);
        expect((await runCommand("rebuild", "--data", data)).code).toBe(0);
        expect((await runCommand("accounts", "--data", data)).stdout).toContain(client.login);
      }
      expect(await sentenceOfStart(data)).toBeNull();
    }));

  it("tells a damaged lock from a damaged database, and how to go on", () =>
    withStopped(async (data) => {
      const path = join(data, "lock.db");
      await writeFile(path, randomBytes(5_000));
      const words = /^coffre-server: lock\.db is damaged.*remove it\n$/;
      expect(await sentenceOfStart(data)).toMatch(words);
      for (const name of ["rebuild", "gc"]) expect((await runCommand(name, "--data", data)).stderr).toMatch(words);
      await rm(path);
      expect(await sentenceOfStart(data)).toBeNull();
    }));

  it("says what to do about a damaged certificate of its own", () =>
    withStopped(async (data) => {
      expect(await sentenceOfStart(data, "--tls", "self")).toBeNull();
      const path = join(data, "tls", "self.pem");
      // A start that a power cut ended can leave it empty.
      for (const text of ["", "no PEM\n"]) {
        await writeFile(path, text);
        for (const kind of ["self", "self-new"]) {
          expect(await sentenceOfStart(data, "--tls", kind)).toMatch(/^coffre-server: tls\/self\.pem is damaged.*copy/);
        }
      }
      await rename(path, `${path}.damaged`);
      expect(await sentenceOfStart(data, "--tls", "self-new")).toBeNull();
    }));

  it("says which of --tls-cert and --tls-key is wrong", () =>
    withStopped(async (data) => {
      expect(await sentenceOfStart(data, "--tls", "self")).toBeNull();
      const cert = join(data, "tls", "self.pem");
      const key = join(data, "tls", "other.key");
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      await writeFile(key, privateKey.export({ format: "pem", type: "pkcs8" }));
      const text = join(data, "tls", "text");
      await writeFile(text, "no PEM\n");
      const say = (certFile: string, keyFile: string) =>
        sentenceOfStart(data, "--tls-cert", certFile, "--tls-key", keyFile);
      expect(await say(text, key)).toMatch(/--tls-cert: .* holds no certificate in PEM\n$/);
      expect(await say(cert, text)).toMatch(/--tls-key: .* holds no private key in PEM/);
      expect(await say(cert, key)).toMatch(/--tls-key: .* is not the key of the certificate in /);
      expect(await say(cert, cert)).toBeNull();
    }));

  it("names the command that was meant", async () => {
    for (const [typed, meant] of [
      ["invit", "invite"],
      ["acounts", "accounts"],
      ["rebuld", "rebuild"],
    ] as const) {
      const ended = await runCommand(typed);
      expect([ended.code, ended.stdout, ended.stderr]).toEqual([
        2,
        "",
        `error: unknown command '${typed}'\n(Did you mean ${meant}?)\n`,
      ]);
    }
    expect((await runCommand("synchronise")).stderr).toBe("error: unknown command 'synchronise'\n");
    expect((await runCommand("invite", "ada")).stderr).toContain("too many arguments for 'invite'");
  });

  it("says when a quota is below what is stored already", () =>
    withStopped(async (data, client) => {
      const set = (quota: string) => runCommand("quota", client.login, quota, "--data", data);
      const below = await set("100");
      expect([below.code, below.stdout]).toEqual([0, "quota: 100\n"]);
      expect(below.stderr).toMatch(/^\d+(\.\d+)? [KM]?B are stored already.*nothing is removed.*no more is taken/);
      expect(await set("1M")).toMatchObject({ code: 0, stdout: "quota: 1000000\n", stderr: "" });
      expect(await set("default")).toMatchObject({ code: 0, stderr: "" });
    }));
});
