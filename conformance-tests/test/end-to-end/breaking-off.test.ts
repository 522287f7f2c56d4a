// Processes that are killed while they work. Rule: the moment is a request at the gateway, so that it is the same each time;
// what counts is that the same command, run again, ends with everything there.

import { rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { readCount } from "../../end-to-end/client-process.ts";
import { Gateway, type Judgement, type Rule } from "../../end-to-end/gateway.ts";
import { type Account, expectDone, type Machine, Scene } from "../../end-to-end/scene.ts";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type ServerProcess, startServer } from "../../end-to-end/server-process.ts";
import { compareTrees, pictureTree } from "../../end-to-end/tree-picture.ts";

const BLOB = /^\/v1\/blobs\/[0-9a-f]{64}$/;
const FILES = 30;
const FILE_BYTES = 1_500_000;

const scene = new Scene("breaking-off");
let server: ServerProcess;
let gateway: Gateway;
let number = 0;
let account: Account;
let source: string;
let machine: Machine;

beforeAll(async () => {
  server = await startServer({ data: scene.path("data") });
  gateway = await Gateway.open(server.url);
});

beforeEach(async () => {
  number += 1;
  gateway.passAll();
  const files = Array.from({ length: FILES }, (_, index) => [
    `photo ${index}`,
    seededBytes(`${number} ${index}`, FILE_BYTES),
  ]);
  source = scene.source(`source ${number}`, Object.fromEntries(files));
  account = { url: gateway.url, login: `login-${number}` };
  rmSync(scene.machine("the first").home, { recursive: true, force: true });
  machine = await scene.pairedMachine(account, source);
});

afterAll(async () => {
  await stopChildren();
  await gateway.close();
  scene.remove();
});

/** Does something once, at the `nth` request of this kind, which then breaks off. */
function breakAt(method: string, nth: number, act: () => unknown): Rule {
  let count = 0;
  return async (seen) => {
    if (seen.method !== method || !BLOB.test(seen.path)) return "pass";
    count += 1;
    if (count !== nth) return "pass";
    await act();
    return "break";
  };
}

async function expectRestored(name: string): Promise<void> {
  const to = scene.path(`${name} ${number}`);
  expectDone("restore", await scene.restore(account, to));
  expect(compareTrees(pictureTree(source), pictureTree(`${to}/root`))).toEqual([]);
}

describe("a backup", () => {
  test("that is killed in the middle goes on when it is run again, and sends no more than what is missing", async () => {
    const first = machine.start(["backup"]);
    gateway.rule = breakAt("PUT", 4, () => first.signal("SIGKILL"));
    expect((await first.ended).signal).toBe("SIGKILL");
    gateway.passAll();
    const again = await machine.backUp();
    expect(readCount(again, "filesSynced")).toBe(FILES);
    expect(readCount(again, "bytesSent")).toBeLessThan(FILES * FILE_BYTES);
    await expectRestored("after a kill");
  });

  test("that is killed after its last blob loses nothing", async () => {
    const first = machine.start(["backup"]);
    gateway.rule = ({ method, path }) => {
      if (method !== "PUT" || !path.includes("/records/")) return "pass";
      first.signal("SIGKILL");
      return "break";
    };
    expect((await first.ended).signal).toBe("SIGKILL");
    gateway.passAll();
    const again = await machine.backUp();
    expect([readCount(again, "filesSynced"), readCount(again, "blobsSent")]).toEqual([FILES, 0]);
    await expectRestored("after the last blob");
  });

  test("goes on by itself when the server was killed and started again", async () => {
    gateway.rule = breakAt("PUT", 4, async () => {
      const { port } = server;
      await server.stop("SIGKILL");
      server = await startServer({ data: scene.path("data"), port });
    });
    const end = await machine.backUp();
    expect(readCount(end, "filesSynced")).toBe(FILES);
    gateway.passAll();
    await expectRestored("after the server");
  });

  test("that is asked to end by SIGTERM ends soon, and the next one goes on", async () => {
    const first = machine.start(["backup"]);
    gateway.rule = (seen) => {
      if (seen.method === "PUT" && BLOB.test(seen.path)) first.signal("SIGTERM");
      gateway.passAll();
      return "pass";
    };
    const { code, signal } = await first.ended;
    expect([signal, code === 1 || code === 3 || code === 0]).toEqual([null, true]);
    gateway.passAll();
    await machine.backUp();
    await expectRestored("after a request to end");
  });
});

describe("a restore", () => {
  test("that is killed in the middle goes on when it is run again, and fetches no more than what is missing", async () => {
    await machine.backUp();
    const to = scene.path(`killed ${number}`);
    const args = ["restore", ...scene.as(account), "--to", to];
    const first = scene.machine("a new machine").start(args);
    gateway.rule = breakAt("GET", 4, () => first.signal("SIGKILL"));
    expect((await first.ended).signal).toBe("SIGKILL");
    gateway.passAll();
    const before = gateway.count("GET", BLOB);
    expectDone("restore", await scene.machine("a new machine").run(args));
    expect(compareTrees(pictureTree(source), pictureTree(`${to}/root`))).toEqual([]);
    expect(gateway.count("GET", BLOB) - before).toBeLessThan(gateway.count("PUT", BLOB));
  });
});

describe("a lock", () => {
  test("lets one coffre work with a home, and tells the second so", async () => {
    let second: Promise<unknown> = Promise.resolve();
    let codes: unknown = null;
    gateway.rule = async (seen): Promise<Judgement> => {
      if (seen.method !== "PUT" || !BLOB.test(seen.path) || codes !== null) return "pass";
      codes = "asked";
      second = machine.run(["backup"]).then(({ code, summary }) => {
        codes = [code, summary["code"]];
      });
      await second;
      return "pass";
    };
    await machine.backUp();
    await second;
    expect(codes).toEqual([1, "user-home-busy"]);
  });
});
