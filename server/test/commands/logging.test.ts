import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { describeFault } from "../../src/routes/fault-lines.ts";
import { withFolder } from "../running-server.ts";
import { runCommand } from "../server-process.ts";
import { send } from "../vault-client.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Serves with this standard output, asks `count` times, and gives the exit code after SIGTERM. */
async function serveWith(output: number | "pipe", count: number): Promise<number | null> {
  let code: number | null = null;
  await withFolder(async (data) => {
    const port = await findPort();
    const child = spawn(process.execPath, [MAIN, "--data", data, "--listen", `127.0.0.1:${port}`], {
      stdio: ["ignore", output, "ignore"],
    });
    const ended = once(child, "exit");
    const url = `http://127.0.0.1:${port}`;
    while ((await send(url, "GET", "/health/ready").catch(() => null))?.status !== 200 && child.exitCode === null) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let done = 0; done < count; done += 1) expect((await send(url, "GET", "/health/live")).status).toBe(200);
    child.kill("SIGTERM");
    [code] = await ended;
  });
  return code;
}

describe("a log that cannot be written", () => {
  it.runIf(process.platform === "linux")(
    "is no reason not to serve, or not to stop, when its disk is full",
    async () => {
      const full = await open("/dev/full", "w");
      try {
        expect(await serveWith(full.fd, 20)).toBe(0);
      } finally {
        await full.close();
      }
    },
  );

  it("is no reason not to serve, or not to stop, when nobody reads it", async () => {
    expect(await serveWith("pipe", 600)).toBe(0);
  });
});

describe("a line about an error that nobody expected", () => {
  it("P-8 holds code, call and places, and no path and no words of the system", async () => {
    const error = await open("/nowhere/vault-id-in-a-path", "r").catch((caught: unknown) => caught);
    const text = JSON.stringify(describeFault(error));
    expect(text).toContain("ENOENT");
    expect(text).not.toMatch(/vault-id|nowhere|\/work|file:/);
    expect(describeFault(new Error("invariant broken: a rule")).message).toBe("invariant broken: a rule");
  });
});

describe("a start that fails", () => {
  it("has not used the only invitation up", () =>
    withFolder(async (data) => {
      const taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const address = taken.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const failed = await runCommand("--data", data, "--listen", `127.0.0.1:${port}`);
      taken.close();
      expect([failed.code, failed.stdout]).toEqual([1, ""]);
    }));
});
