// What `backup --watch` says while nobody is at a terminal, and `--quiet` for programs that mail every line.

import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sayRest } from "../../src/watch-report.ts";
import { eventually } from "../host/eventually.ts";
import { makeFolder, write } from "../host/scratch.ts";
import { pairHome, runCoffre, spawnCoffre } from "./run-coffre.ts";

test("a watching backup says in lines when all is synced, and again when something is new", async () => {
  const { home } = await pairHome();
  const source = makeFolder();
  write(source, "first", "x");
  await runCoffre("--home", home, "add", source, "--name", "s");
  const watching = spawnCoffre("--home", home, "backup", "--watch");
  let printed = "";
  watching.stdout?.on("data", (bytes) => (printed += String(bytes)));
  const lines = () => printed.split("\n").filter((line) => line.includes("all synced at"));
  await eventually(() => expect(lines().length).toBe(1));
  expect(lines()[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}all synced at \d\d:\d\d, watching 1 folder$/);
  write(source, "second", "y");
  await eventually(() => expect(lines().length).toBe(2));
  // A file that goes away changes no count of what is to be sent, and is news all the same.
  rmSync(join(source, "second"));
  await eventually(() => expect(lines().length).toBe(3));
  watching.kill("SIGTERM");
  expect((await once(watching, "exit"))[0]).toBe(0);
});

test("a quiet backup prints nothing when all is synced, and everything when something waits", async () => {
  const { home } = await pairHome();
  const source = makeFolder();
  write(source, "f", "x");
  await runCoffre("--home", home, "add", source, "--name", "s");
  expect(await runCoffre("--home", home, "backup", "--quiet")).toMatchObject({ exitCode: 0, out: "", error: "" });
  rmSync(source, { recursive: true });
  const waiting = await runCoffre("--home", home, "backup", "--quiet");
  expect(waiting.exitCode).toBe(3);
  expect(waiting.out).toContain("Waiting   ");
});

test("a rest with something that waits is not called synced", () => {
  const counts = {
    ...{ filesSynced: 3, bytesSynced: 0, filesWaiting: 2, bytesWaiting: 0, filesExcluded: 0, excluded: [] },
    waiting: [{ reason: "unreadable", files: 2, bytes: 0 } as const],
  };
  const status = {
    kind: "status",
    paired: true,
    device: null,
    counts,
    roots: [],
    files: [],
    lastReceipt: null,
    verified: null,
    drilled: null,
    lastSyncedAtMs: null,
  } as const;
  const words = sayRest({ ...status, state: "ok", next: { what: "nothing", atMs: null } }, 0);
  expect(words).toMatch(/^3 files synced at \d\d:\d\d, 2 waiting \(coffre status says why\), watching 0 folders$/);
});
