// The host on the JVM with the least memory that a phone gives an app. Rule: the file is twice as large as the heap, so that whoever
// held it, or what was made of it, would fall; larger ones are for `npm run large-files` and `npm run bench:jvm`.

import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stopChildren } from "../end-to-end/child.ts";
import { readCount } from "../end-to-end/client-process.ts";
import { expectDone, Scene } from "../end-to-end/scene.ts";
import { writeSeededFile } from "../end-to-end/seeded-content.ts";
import { type ServerProcess, startServer } from "../end-to-end/server-process.ts";
import { compareTrees, pictureTree } from "../end-to-end/tree-picture.ts";
import { findJvmProgram } from "./jvm-program.ts";

const FILE_BYTES = 128 * 1_048_576;
/** Five times what two busy cores take. */
const TIMEOUT_MS = 300_000;

const jvm = findJvmProgram();
const scene = new Scene("small-heap");
const source = scene.path("source");
let server: ServerProcess;

beforeAll(async () => {
  if (jvm === null) return;
  mkdirSync(source);
  writeSeededFile(scene.path("source", "film"), "twice the heap", FILE_BYTES);
  server = await startServer({ data: scene.path("data") });
});

afterAll(async () => {
  await stopChildren();
  scene.remove();
});

describe.skipIf(jvm === null)("a heap of 64 MiB", () => {
  test.each(["jdk", "conscrypt"])(
    "sends a file of twice its size with the cryptography of %s",
    async (crypto) => {
      const heap = ["-Xmx64m", "-XX:+UseSerialGC", `-Dcoffre.crypto=${crypto}`];
      const account = { url: server.url, login: crypto };
      const machine = scene.machine(`of ${crypto}`);
      expectDone("init", await machine.run(["init", ...scene.as(account), "--device-name", "phone"]));
      expectDone("add", await machine.run(["add", source, "--name", "root"]));
      const end = await machine.with(["java", ...heap, ...(jvm?.driver.slice(2) ?? [])]).run(["backup"]);
      expectDone("backup", end);
      expect(readCount(end, "bytesSent")).toBeGreaterThan(FILE_BYTES);
      if (crypto === "jdk") return;
      expectDone("restore", await scene.restore(account, scene.path("back")));
      expect(compareTrees(pictureTree(source), pictureTree(scene.path("back", "root")))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
