// The demonstration, run as its user runs it.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { Child } from "../../conformance-tests/end-to-end/child.ts";
import { makeScratchFolder, removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { seededBytes } from "../../conformance-tests/end-to-end/seeded-content.ts";

const DEMO = fileURLToPath(new URL("../src/demo.ts", import.meta.url));

const folder = makeScratchFolder("demo-test");

afterAll(() => removeScratchFolder(folder));

const runDemo = (args: readonly string[]): Child => new Child({ args: [DEMO, ...args] });

describe("the demo", () => {
  test("brings a folder there and back, shows what the server sees, and ends with 0", async () => {
    const input = join(folder, "input");
    mkdirSync(join(input, "empty"), { recursive: true });
    writeFileSync(join(input, "photo of the sea.jpg"), seededBytes("photo", 300_000));
    const { code, stdout, stderr } = await runDemo([input]).ended;
    const text = stdout.join("\n").replace(/\s+/g, " ");
    expect([code, stderr]).toEqual([0, ""]);
    expect(text).toContain("all 2 entries are equal");
    expect(text).toContain("none was found (the same search finds 1 of the 1 in the restored folder)");
    expect(text).toMatch(/vaults, 1 row vault=[0-9a-f]{8}….* login=demo/);
  });

  test("leaves nothing behind when it is stopped in the middle", async () => {
    const within = join(folder, "temporary");
    mkdirSync(within);
    const demo = new Child({ args: [DEMO], environment: { TMPDIR: within } });
    await demo.line("the vault was made", (line) => line.includes("coffre-server listens"));
    expect(readdirSync(within)).toHaveLength(1);
    const { code } = await demo.stop("SIGINT");
    expect([code, readdirSync(within)]).toEqual([130, []]);
  });

  test("says in one sentence what is wrong with its arguments", async () => {
    const { code, stderr } = await runDemo([join(folder, "nowhere")]).ended;
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^demo: \S+ is not a folder: give one that is\n$/)]);
  });
});
