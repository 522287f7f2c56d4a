// The server in independent/, which was written from the documents alone, against the real `coffre` command: what one of them
// takes for granted and the documents do not say, fails here. Rule: both are black boxes.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CHECKS } from "./src/checks/all.ts";
import { formatResult } from "./src/reports/console.ts";
import { runChecks } from "./src/run.ts";
import { reachTarget } from "./src/wire/target.ts";

const SOURCES = join(import.meta.dirname, "independent");
const COFFRE = join(import.meta.dirname, "../../node_modules/.bin/coffre");
const PASSPHRASE = "seven green lanterns over quiet water";

/** The first build on a machine compiles Go's own library too. */
const MAX_BUILD_MS = 600_000;
/** Eight starts of `coffre`, most of which stretch a passphrase: half a minute, but several on a machine that does other things. */
const MAX_STORY_MS = 600_000;

const hasGo = spawnSync("go", ["version"]).status === 0;
const runs = hasGo || process.env["CI"] === "true";
const title = runs ? "the independent server" : "the independent server (not built: there is no `go` here)";

interface Running {
  readonly process: ChildProcess;
  readonly url: string;
}

interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
}

async function run(program: string, parameters: readonly string[], cwd: string): Promise<Outcome> {
  const child = spawn(program, parameters, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, output };
}

describe.skipIf(!runs)(title, () => {
  let folder: string;
  let server: Running | undefined;
  const at = (...parts: string[]) => join(folder, ...parts);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "coffre-independent-"));
    writeFileSync(at("passphrase"), PASSPHRASE);
    const { exitCode, output } = await run("go", ["build", "-buildvcs=false", "-o", at("independent"), "."], SOURCES);
    expect(exitCode, output).toBe(0);
  }, MAX_BUILD_MS);

  afterEach(() => stop());

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function startServer(listen: string, data = "data", ...options: string[]): Promise<Running> {
    const child = spawn(at("independent"), ["--data", at(data), "--listen", listen, ...options], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const { msg, url } = JSON.parse(line) as { msg: string; url: string };
      if (msg === "listening") return { process: child, url };
    }
    throw new Error("the server ended before it listened");
  }

  async function stop(): Promise<void> {
    const child = server?.process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  }

  const coffre = (home: string, ...command: string[]) => run(COFFRE, ["--home", at(home), ...command], folder);

  async function succeeds(home: string, ...command: string[]): Promise<string> {
    const { exitCode, output } = await coffre(home, ...command);
    expect(exitCode, output).toBe(0);
    return output;
  }

  function expectSame(restored: string): void {
    const { status, stdout } = spawnSync("diff", ["-r", at("photos"), at(restored, "photos")], { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  }

  test(
    "passes the conformance suite at every level, also through a kill",
    async () => {
      const open = ["--registration", "open"];
      server = await startServer("127.0.0.1:0", "checked", ...open);
      const { host } = new URL(server.url);
      const { results } = await runChecks({
        target: await reachTarget(new URL(server.url), { pin: null, mayInsecureLoopback: false }),
        checks: CHECKS,
        invitations: [],
        commands: {
          kill: stop,
          restart: async () => {
            server = await startServer(host, "checked", ...open);
          },
        },
      });
      const bad = results.filter(({ state }) => state !== "pass" && state !== "not-applicable");
      expect(bad.map((result) => formatResult(result, new URL(server?.url ?? "")))).toEqual([]);
      expect(results.filter(({ state }) => state === "pass").length).toBeGreaterThan(120);
    },
    MAX_STORY_MS,
  );

  test(
    "takes an invitation once, keeps what is backed up through a kill, and gives it to other machines",
    async () => {
      server = await startServer("127.0.0.1:0");
      const { url } = server;
      const login = ["--server", url, "--login", "ada", "--passphrase-file", at("passphrase")];

      expect((await coffre("first", "init", ...login, "--invitation", "NOT-ONE")).exitCode).toBe(1);
      const invited = spawnSync(at("independent"), ["invite", "--data", at("data")], { encoding: "utf8" });
      const invitation = ["--invitation", invited.stdout.trim()];
      const init = await succeeds("first", "--json", "init", ...login, ...invitation);
      const { recoveryWords } = JSON.parse(init.trim().split("\n").at(-1) ?? "") as { recoveryWords: string };
      const bob = ["--server", url, "--login", "bob", "--passphrase-file", at("passphrase")];
      expect((await coffre("bob", "init", ...bob, ...invitation)).exitCode).toBe(1);

      mkdirSync(at("photos", "2026"), { recursive: true });
      for (let index = 0; index < 20; index += 1)
        writeFileSync(at("photos", "2026", `${index}.jpg`), randomBytes(index * 997));
      await succeeds("first", "add", at("photos"), "--name", "photos");
      await succeeds("first", "backup");

      // The next upload begins with a file in tmp/: that is the moment for the kill.
      writeFileSync(at("photos", "large"), randomBytes(24_000_000));
      writeFileSync(at("photos", "2026", "1.jpg"), "changed");
      const arriving = watch(at("data", "tmp"));
      const began = once(arriving, "change");
      const backup = coffre("first", "backup");
      await began;
      arriving.close();
      await stop();
      server = await startServer(new URL(url).host);
      const { exitCode, output } = await backup;
      expect(exitCode, output).toBe(0);

      await succeeds("second", "restore", "--to", at("by-passphrase"), ...login);
      expectSame("by-passphrase");
      writeFileSync(at("words"), recoveryWords);
      const words = ["--server", url, "--login", "ada", "--recovery-file", at("words")];
      await succeeds("third", "restore", "--to", at("by-words"), ...words);
      expectSame("by-words");
    },
    MAX_STORY_MS,
  );
});
