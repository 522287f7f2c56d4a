import { randomBytes } from "node:crypto";
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { hashId } from "../../src/domain/encodings.ts";
import { MIGRATIONS } from "../../src/domain/schema.ts";
import { RunningServer, withFolder } from "../running-server.ts";
import { type Ended, runCommand, ServerProcess } from "../server-process.ts";
import { beginVault, expectStatus, type VaultClient } from "../vault-client.ts";

const ANY_PORT = ["--listen", "127.0.0.1:0", "--registration", "open"];

type Stopped = { readonly data: string; readonly parent: string; readonly client: VaultClient; readonly blob: string };

/** Runs `work` with the data of a server that has stopped: one account with one blob and one record. */
function withStopped(work: (stopped: Stopped) => Promise<void>): Promise<void> {
  return withFolder(async (parent) => {
    const data = join(parent, "data");
    await mkdir(data);
    const server = new RunningServer(data, {});
    await server.start();
    const client = await beginVault(server.url);
    const envelope = client.envelope();
    expectStatus(await client.putEnvelope(envelope), 201);
    const bytes = randomBytes(5_000);
    expectStatus(await client.putBlob(bytes), 201);
    expectStatus(await client.putRecord(client.record({ number: 1, envelope, blobs: [hashId(bytes)] }), 1), 201);
    const folder = join(data, "blobs", client.vault.slice(0, 2), client.vault, hashId(bytes).slice(0, 2));
    const [name = ""] = await readdir(folder);
    await server.stop();
    await work({ data, parent, client, blob: join(folder, name) });
  });
}

/** How a server that is started on `data` ends; null when it listens. */
async function start(data: string, ...args: readonly string[]): Promise<Ended | null> {
  const running = new ServerProcess("--data", data, ...ANY_PORT, ...args);
  try {
    await running.waitFor("listening");
    return null;
  } catch {
    return await running.ended;
  } finally {
    await running.end("SIGKILL");
  }
}

function expectRefusal(ended: Ended | null, words: RegExp): void {
  expect([ended?.code, ended?.stderr]).toEqual([1, expect.stringMatching(words)]);
  expect(ended?.stderr).not.toContain("    at ");
}

/** Changes the database behind the server's back. */
function changeDatabase(data: string, sql: string): void {
  const database = new DatabaseSync(join(data, "coffre.db"));
  database.exec(sql);
  database.close();
}

describe("where the data is", () => {
  it("is said before a command's name or behind it, and the nearer one counts", () =>
    withStopped(async ({ data, parent }) => {
      const behind = await runCommand("accounts", "--data", data);
      expect(behind.code).toBe(0);
      expect(await runCommand("--data", data, "accounts")).toEqual(behind);
      expect(await runCommand("--data", join(parent, "none"), "accounts", "--data", data)).toEqual(behind);
    }));
});

describe("the mark of Coffre's own folders", () => {
  const folders = (data: string): string[] =>
    ["", "blobs", "journal"].map((folder) => join(data, folder, ".coffre-own"));
  const read = (data: string): Promise<(string | null)[]> =>
    Promise.all(folders(data).map((path) => readFile(path, "utf8").catch(() => null)));
  const LINE = "coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b\n";

  it("is in a new server's data, blobs/ and journal/, and comes to an older server's at its next start", () =>
    withStopped(async ({ data }) => {
      for (const text of await read(data)) expect(text?.startsWith(LINE)).toBe(true);
      for (const path of folders(data)) expect((await lstat(path)).mode & 0o777).toBe(0o644);
      for (const path of folders(data)) await rm(path);
      expect((await runCommand("accounts", "--data", data)).code).toBe(0);
      expect(await read(data)).toEqual([null, null, null]);
      expect(await start(data)).toBeNull();
      for (const text of await read(data)) expect(text?.startsWith(LINE)).toBe(true);
      expect((await runCommand("scrub", "--data", data)).stdout).toMatch(/0 damaged/);
    }));

  it("keeps no server from starting where something else has its name", () =>
    withStopped(async ({ data }) => {
      for (const path of folders(data)) await rm(path);
      await mkdir(join(data, ".coffre-own"));
      await writeFile(join(data, "blobs", ".coffre-own"), "mine");
      expect(await start(data)).toBeNull();
      expect((await read(data)).slice(0, 2)).toEqual([null, "mine"]);
    }));
});

describe("the keys of a server", () => {
  it("P-72 are never made beside data: the start and every command refuse in words", () =>
    withStopped(async ({ data }) => {
      const aside = join(data, "keys-aside");
      await rename(join(data, "keys"), aside);
      expectRefusal(await start(data), /keys\/receipts\.key is missing beside this server's data/);
      expectRefusal(await runCommand("accounts", "--data", data), /keys\/.* put keys\/ back from a copy/);
      expectRefusal(await runCommand("rebuild", "--data", data), /keys\/.* is missing/);
      expect(await readdir(data)).not.toContain("keys");
      await rename(aside, join(data, "keys"));
      await rm(join(data, "keys", "decoys.key"));
      expectRefusal(await start(data), /keys\/decoys\.key is missing/);
    }));

  it("P-72 are refused when they are others than those of the data, also without a database", () =>
    withStopped(async ({ data }) => {
      await writeFile(join(data, "keys", "tokens.key"), `${randomBytes(32).toString("hex")}\n`);
      expectRefusal(await start(data), /keys\/tokens\.key: not the key that belongs to this data/);
      for (const name of await readdir(data)) if (name.startsWith("coffre.db")) await rm(join(data, name));
      expectRefusal(await start(data), /keys\/tokens\.key: not the key that belongs to this data/);
      expectRefusal(await runCommand("rebuild", "--data", data), /not the key that belongs to this data/);
    }));

  it("keep the certificate of --tls self, which is made another time only when that is asked for", () =>
    withStopped(async ({ data }) => {
      expect(await start(data, "--tls", "self")).toBe(null);
      await rm(join(data, "tls"), { recursive: true });
      expectRefusal(await start(data, "--tls", "self"), /tls\/self\.pem is missing.*--tls self-new/);
      expect(await start(data, "--tls", "self-new")).toBe(null);
      expect(await start(data, "--tls", "self")).toBe(null);
    }));
});

describe("a data folder", () => {
  it("is not made beside another server's, inside it, or among other things", () =>
    withStopped(async ({ data, parent }) => {
      for (const mistyped of [join(parent, "dta"), join(data, "data")]) {
        expectRefusal(await start(mistyped), /a server's data is in .*mkdir/);
        expectRefusal(await runCommand("rebuild", "--data", mistyped), /no server's data/);
      }
      expectRefusal(await start(parent), /holds other things and no server's data/);
      expect(await readdir(parent)).toEqual(["data"]);
      await mkdir(join(parent, "second"));
      expect(await start(join(parent, "second"))).toBe(null);
    }));

  it("P-72 is not served without the stores that belong to its database", () =>
    withStopped(async ({ data }) => {
      for (const name of ["blobs", "journal"]) {
        const aside = join(data, `${name}-aside`);
        await rename(join(data, name), aside);
        expectRefusal(await start(data), new RegExp(`${name}/ is missing beside this server's data`));
        await mkdir(join(data, name));
        expectRefusal(await start(data), new RegExp(`${name}/ is not the store.*mounted`));
        expectRefusal(await runCommand("scrub", "--data", data), new RegExp(`${name}/ is not the store`));
        expect(await readdir(join(data, name))).toEqual([]);
        await rm(join(data, name), { recursive: true });
        await rename(aside, join(data, name));
      }
      await writeFile(join(data, "blobs", "store.json"), JSON.stringify({ store: "0".repeat(64), keys: {} }));
      expectRefusal(await start(data), /blobs\/ is of another store/);
      expect((await runCommand("rebuild", "--data", data)).code).toBe(0);
      expect(await start(data)).toBe(null);
    }));

  it("P-72 gets its marks at the first start of this version only where what the rows name is there", () =>
    withStopped(async ({ data }) => {
      changeDatabase(data, "DELETE FROM settings WHERE name = 'store-note'");
      for (const name of ["blobs", "journal"]) await rm(join(data, name, "store.json"));
      for (const name of ["blobs", "journal"]) {
        const aside = join(data, `${name}-aside`);
        await rename(join(data, name), aside);
        await mkdir(join(data, name));
        expectRefusal(await start(data), new RegExp(`${name}/ holds nothing of what the database names`));
        expect(await readdir(join(data, name))).toEqual([]);
        await rm(join(data, name), { recursive: true });
        await rename(aside, join(data, name));
      }
      expect(await start(data)).toBe(null);
      const marks = await Promise.all(
        ["blobs", "journal"].map((name) => readFile(join(data, name, "store.json"), "utf8")),
      );
      expect(marks[0]).toBe(marks[1]);
    }));
});

describe("operator's commands", () => {
  it("neither make a database nor migrate an older one", () =>
    withStopped(async ({ data, client }) => {
      const commands = [["invite"], ["accounts"], ["quota", client.login, "1G"], ["disable", client.login], ["gc"]];
      for (const name of await readdir(data)) if (name.startsWith("coffre.db")) await rm(join(data, name));
      for (const args of commands) {
        expectRefusal(await runCommand(...args, "--data", data), /there is no database in this folder: .*rebuild/);
      }
      expect(await readdir(data)).not.toContain("coffre.db");
      changeDatabase(data, [...(MIGRATIONS[0] ?? []), "PRAGMA user_version = 1"].join(";"));
      for (const args of [...commands, ["scrub"]]) {
        expectRefusal(await runCommand(...args, "--data", data), /of schema 1, of an older coffre-server/);
      }
      const database = new DatabaseSync(join(data, "coffre.db"));
      expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
      database.close();
    }));

  const canChangeUser = process.geteuid?.() === 0;
  it.runIf(canChangeUser)("as root leave files of the data's owner, and root serves nobody else's data", () =>
    withStopped(async ({ data, parent, client }) => {
      const list = async () => [data, ...(await readdir(data, { recursive: true })).map((name) => join(data, name))];
      await chmod(parent, 0o755);
      for (const path of await list()) await chown(path, 1234, 1234);
      expect((await runCommand("quota", client.login, "1G", "--data", data)).code).toBe(0);
      expect((await runCommand("scrub", "--data", data)).code).toBe(0);
      expect((await runCommand("gc", "--data", data)).code).toBe(0);
      expect((await runCommand("rebuild", "--data", data)).code).toBe(0);
      expectRefusal(await start(data), /belongs to the user with the id 1234/);
      for (const path of await list()) expect([path, (await lstat(path)).uid]).toEqual([path, 1234]);
    }),
  );
});

describe("scrub", () => {
  it("checks a copy without a database by its names and hashes, and says what it could not tell", () =>
    withStopped(async ({ data, parent, client }) => {
      const copy = join(parent, "copy");
      for (const name of ["keys", "journal", "blobs"])
        await cp(join(data, name), join(copy, name), { recursive: true });
      const whole = await runCommand("scrub", "--data", copy);
      expect([whole.code, whole.stderr]).toEqual([0, ""]);
      expect(whole.stdout).toMatch(
        /^1 blobs, 5000 bytes, 0 damaged\n3 journal objects, 0 damaged\n.*what is missing cannot be told/,
      );
      await rename(join(copy, "keys"), join(parent, "keys"));
      const keyless = await runCommand("scrub", "--data", copy);
      expect([keyless.code, keyless.stdout]).toEqual([3, expect.stringContaining("keys/receipts.key is missing")]);
      await rename(join(parent, "keys"), join(copy, "keys"));
      const vaults = [join(copy, "blobs"), join(copy, "journal")].map((root) =>
        join(root, client.vault.slice(0, 2), client.vault),
      );
      for (const [index, spoilt] of [/1 damaged\n3 journal objects, 0/, /1 damaged\n3 journal objects, 1/].entries()) {
        const names = await readdir(vaults[index] ?? "", { recursive: true });
        await writeFile(join(vaults[index] ?? "", names.at(-1) ?? ""), "other bytes");
        const ended = await runCommand("scrub", "--data", copy);
        expect([ended.code, ended.stdout]).toEqual([3, expect.stringMatching(spoilt)]);
      }
      expect((await readdir(copy)).filter((name) => name.startsWith("coffre.db"))).toEqual([]);
    }));

  it("is not green over nothing", () =>
    withFolder(async (data) => {
      expect(await start(data)).toBe(null);
      const ended = await runCommand("scrub", "--data", data);
      expect([ended.code, ended.stdout]).toEqual([3, expect.stringContaining("nothing was checked")]);
      expect((await runCommand("accounts", "--data", data)).stderr).toBe("there are no accounts here yet\n");
    }));

  it("names the account that needs a damaged blob, and is green again when nothing needs it any more", () =>
    withStopped(async ({ data, client, blob }) => {
      await rm(blob);
      const red = await runCommand("scrub", "--data", data);
      expect([red.code, red.stdout]).toEqual([3, expect.stringContaining(`${client.login}: 1 blobs damaged`)]);
      changeDatabase(data, "UPDATE blobs SET referenced = 0, passes = 3");
      const green = await runCommand("scrub", "--data", data);
      expect([green.code, green.stdout]).toEqual([
        0,
        expect.stringMatching(
          /, 0 damaged\n.* 0 records, envelopes and bases are damaged\n1 more blobs are damaged, and no record/,
        ),
      ]);
    }));
});
