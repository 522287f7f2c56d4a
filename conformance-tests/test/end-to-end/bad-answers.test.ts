// Servers, and what stands before them, that do not answer as they should. Rule: the client ends with a code and a sentence,
// or goes on when the answer becomes better; it never hangs, and never calls synced what is not.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { readCount } from "../../end-to-end/client-process.ts";
import { Gateway } from "../../end-to-end/gateway.ts";
import { type Account, expectDone, type Machine, readSentence, Scene } from "../../end-to-end/scene.ts";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type ServerProcess, startServer, startServerChild } from "../../end-to-end/server-process.ts";
import { compareTrees, pictureTree } from "../../end-to-end/tree-picture.ts";

const BLOB = /^\/v1\/blobs\/[0-9a-f]{64}$/;
const HTML = {
  status: 200,
  body: "<!doctype html><title>Log in to the hotel</title>",
  headers: { "content-type": "text/html" },
};
const PROXY_LIMIT_BYTES = 2_500_000;
const SENTENCE = /^[A-Z][^\n]*\.$/;

const scene = new Scene("bad-answers");
let server: ServerProcess;
let gateway: Gateway;
let number = 0;
let account: Account;
let source: string;
let machine: Machine;

beforeAll(async () => {
  server = await startServer({ data: scene.path("data") });
  gateway = await Gateway.open(server.url);
  account = { url: gateway.url, login: "ada" };
  machine = await scene.pairedMachine(account, scene.source("started", {}));
  await machine.backUp();
});

beforeEach(async () => {
  number += 1;
  gateway.passAll();
  const files = { "large.mov": seededBytes(`large ${number}`, 9_000_000), "small.txt": `small ${number}` };
  source = scene.source(`source ${number}`, files);
  expectDone("add", await machine.run(["add", source, "--name", `root-${number}`]));
});

afterAll(async () => {
  await stopChildren();
  await gateway.close();
  scene.remove();
});

async function expectRestored(): Promise<void> {
  const to = scene.path(`back ${number}`);
  expectDone("restore", await scene.restore(account, to, [`root-${number}`]));
  expect(compareTrees(pictureTree(source), pictureTree(`${to}/root-${number}`))).toEqual([]);
}

describe("pairing and restoring", () => {
  test.each([
    ["nothing listens there", () => "break" as const, "peer-unreachable"],
    ["a web page answers", () => HTML, "peer-not-coffre"],
    ["every answer is 500", () => ({ status: 500, body: "oops" }), "peer-error"],
  ])("ends with exit code 1 and one sentence when %s", async (_, rule, code) => {
    gateway.rule = rule;
    const stranger = scene.as({ url: gateway.url, login: `new-${number}` });
    const [init, restore] = await Promise.all([
      scene.machine(`init ${number}`).run(["init", ...stranger]),
      scene.restore(account, scene.path(`none ${number}`)),
    ]);
    expect([init.code, init.summary["code"], SENTENCE.test(readSentence(init))]).toEqual([1, code, true]);
    expect([restore.code, restore.summary["code"], SENTENCE.test(readSentence(restore))]).toEqual([1, code, true]);
  });
});

describe("a backup", () => {
  test.each([
    ["cannot be reached", () => "break" as const],
    ["is a web page", () => HTML],
    ["answers 500", () => ({ status: 500, body: "oops" })],
  ])("ends with exit code 1 or 3 and a reason when the server %s, and is complete the next time", async (_, rule) => {
    gateway.rule = rule;
    const end = await machine.run(["backup"]);
    expect([1, 3]).toContain(end.code);
    expect(end.code === 1 ? SENTENCE.test(readSentence(end)) : readCount(end, "filesWaiting") > 0).toBe(true);
    gateway.passAll();
    await machine.backUp();
    await expectRestored();
  });

  test("gets over a few answers of 500 by itself", async () => {
    let left = 2;
    gateway.rule = ({ method, path }) => {
      if (method !== "PUT" || !BLOB.test(path) || left === 0) return "pass";
      left -= 1;
      return { status: 500, body: "oops" };
    };
    await machine.backUp();
    await expectRestored();
  });

  test("sends smaller blobs when a proxy takes only small bodies (413)", async () => {
    gateway.rule = ({ method, path, sizeBytes }) =>
      method === "PUT" && BLOB.test(path) && sizeBytes > PROXY_LIMIT_BYTES
        ? { status: 413, body: "too large" }
        : "pass";
    const end = await machine.backUp();
    expect(end.events.filter(({ type, code }) => type === "notice" && code === "smaller-blobs")).not.toEqual([]);
    gateway.passAll();
    await expectRestored();
  });
});

describe("a server's data folder", () => {
  test("belongs to one server: the second refuses to start and says so", async () => {
    const { code, stderr } = await startServerChild({ data: scene.path("data") }).ended;
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^coffre-server: another coffre-server is running on [^\n]*\n$/),
    ]);
  });

  test("is whole after SIGTERM, which ends with exit code 0", async () => {
    const { code } = await server.stop("SIGTERM");
    server = await startServer({ data: scene.path("data") });
    gateway.target = server.url;
    expect(code).toBe(0);
    await machine.backUp();
    await expectRestored();
  });
});
