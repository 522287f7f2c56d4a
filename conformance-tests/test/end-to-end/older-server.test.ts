// A server that was set back to an older copy of itself, met by machines that have seen more (docs/format.md F-93). Rule: what
// is known to be missing is named and never called whole, and there is an answer that goes on.

import { cpSync, rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { stopChildren } from "../../end-to-end/child.ts";
import { type ClientEnd, readCount } from "../../end-to-end/client-process.ts";
import { expectDone, type Machine, readDamage, Scene } from "../../end-to-end/scene.ts";
import { type ServerProcess, startServer } from "../../end-to-end/server-process.ts";

const scene = new Scene("older-server");
const data = scene.path("data");
let server: ServerProcess;
let machine: Machine;

beforeAll(async () => {
  server = await startServer({ data });
  const source = scene.source("source", { old: "old" });
  machine = await scene.pairedMachine({ url: server.url, login: "ada" }, source);
  await machine.backUp();
  await server.stop();
  cpSync(data, scene.path("older data"), { recursive: true });
  server = await startServer({ data, port: server.port });
  scene.source("source", { added: "new" });
  await machine.backUp();
});

afterEach(async () => {
  await server.stop();
});

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

async function setBack(): Promise<void> {
  await server.stop();
  rmSync(data, { recursive: true });
  cpSync(scene.path("older data"), data, { recursive: true });
  server = await startServer({ data, port: server.port });
}

const passphrase = (): readonly string[] => ["--passphrase-file", scene.passphraseFile];

function codeOf(end: ClientEnd): unknown {
  return [end.code, end.summary["code"]];
}

test("a paired machine's listing and restore name what is missing, give what is there, and take the server's word when told", async () => {
  await setBack();
  const listing = await machine.run(["ls", ...passphrase()]);
  expect([codeOf(listing), readDamage(listing)]).toEqual([[3, "peer-damaged"], ["record-withheld 2"]]);
  const restored = await machine.run(["restore", "--to", scene.path("back"), ...passphrase()]);
  expect([restored.code, readCount(restored, "filesRestored"), readDamage(restored)]).toEqual([
    ...[3, 1],
    ["record-withheld 2"],
  ]);
  expectDone("ls", await machine.run(["ls", "--accept-older", ...passphrase()]));
  // What the machine itself has not sent again is still known to be missing.
  expect((await machine.run(["ls", ...passphrase()])).code).toBe(3);
  await machine.backUp();
  expectDone("ls", await machine.run(["ls", ...passphrase()]));
});
