// The host on the JVM beside the Node host, each as its user sees it. Rule: what one host sent, the other gets back, byte for
// byte, and a home that one began the other goes on with.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LEAST_FILES, makeAwkwardTree } from "../end-to-end/awkward-tree.ts";
import { stopChildren } from "../end-to-end/child.ts";
import { readCount } from "../end-to-end/client-process.ts";
import { type Account, expectDone, type Machine, Scene } from "../end-to-end/scene.ts";
import { type ServerProcess, startServer } from "../end-to-end/server-process.ts";
import { compareTrees, pictureTree, sumPicture } from "../end-to-end/tree-picture.ts";
import { findJvmProgram } from "./jvm-program.ts";

const jvm = findJvmProgram();
const scene = new Scene("jvm-host");
const source = scene.path("everything awkward");
let server: ServerProcess;

beforeAll(async () => {
  if (jvm === null) return;
  makeAwkwardTree(source, { seed: "jvm host", files: LEAST_FILES + 20, largestBytes: 11_000_000 });
  server = await startServer({ data: scene.path("data") });
});

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

/** Pairs a machine whose only root is the awkward tree. */
async function pair(name: string, account: Account, program: readonly string[] | undefined): Promise<Machine> {
  const machine = scene.machine(name).with(program);
  expectDone("init", await machine.run(["init", ...scene.as(account), "--device-name", name]));
  expectDone("add", await machine.run(["add", source, "--name", "root"]));
  return machine;
}

async function expectRestored(account: Account, to: string, program: readonly string[] | undefined): Promise<void> {
  const machine = scene.machine(`restoring ${to}`).with(program);
  const end = await machine.run(["restore", ...scene.as(account), "--to", scene.path(to)]);
  expectDone("restore", end);
  const before = pictureTree(source);
  expect(compareTrees(before, pictureTree(scene.path(to, "root")))).toEqual([]);
  expect([readCount(end, "filesRestored"), readCount(end, "filesFailed")]).toEqual([sumPicture(before).files, 0]);
}

describe.skipIf(jvm === null)("a folder with everything awkward in it", () => {
  const program = jvm?.driver;

  test("goes up from the JVM and comes back through the Node host, and is not sent again", async () => {
    const account = { url: server.url, login: "from-jvm" };
    const machine = await pair("on the JVM", account, program);
    const end = await machine.backUp();
    expect(readCount(end, "filesSynced")).toBe(sumPicture(pictureTree(source)).files);
    await expectRestored(account, "back on Node", undefined);
    const again = await machine.backUp();
    expect([readCount(again, "bytesSent"), readCount(again, "blobsSent")]).toEqual([0, 0]);
    expect(readCount(again, "requests")).toBeLessThanOrEqual(3);
  });

  test("goes up from the Node host and comes back on the JVM", async () => {
    const account = { url: server.url, login: "from-node" };
    await (await pair("on Node", account, undefined)).backUp();
    await expectRestored(account, "back on the JVM", program);
  });

  test("goes on from one host to the other over the same home, and nothing is sent twice", async () => {
    const account = { url: server.url, login: "from-both" };
    const machine = await pair("on both", account, undefined);
    await machine.backUp();
    for (const other of [program, undefined, program]) {
      const end = await machine.with(other).backUp();
      expect([readCount(end, "bytesSent"), readCount(end, "blobsSent")]).toEqual([0, 0]);
    }
    await expectRestored(account, "back from both", program);
  });
});
