// The demonstration, run as its user runs it.

import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
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
    expect(text).toContain("all 3 entries are equal");
    expect(text).toContain("none was found (the same search finds 1 of the 1 in the restored folder)");
    expect(text).toMatch(/vaults, 1 row vault=[0-9a-f]{8}….* login=demo/);
  });

  test("says of a folder in use what could not be read and what changed, and ends with 0", async () => {
    const input = join(folder, "in use");
    mkdirSync(join(input, "locked"), { recursive: true });
    writeFileSync(join(input, "steady.bin"), seededBytes("steady", 100_000));
    writeFileSync(join(input, "log of something"), "line\n");
    writeFileSync(join(input, "private.txt"), "for nobody", { mode: 0 });
    chmodSync(join(input, "locked"), 0);
    const demo = runDemo([input]);
    // The folder was looked at when the server listens; from now on others are at work in it.
    await demo.line("the vault was made", (line) => line.includes("coffre-server listens"));
    for (let n = 0; n < 50; n++) writeFileSync(join(input, "log of something"), `line\n`.repeat(n + 2));
    mkdirSync(join(input, "new"));
    writeFileSync(join(input, "new", "file"), "came meanwhile");
    const { code, stdout, stderr } = await demo.ended;
    const text = stdout.join("\n").replace(/\s+/g, " ");
    expect([code, stderr]).toEqual([0, ""]);
    if (process.getuid?.() !== 0)
      expect(text).toContain("2 cannot be read by this user and are left out: locked (EACCES)");
    expect(text).toContain("entries changed, came or went while this ran");
    expect(text).toMatch(/[0-9]+ entries are equal/);
  });

  test("is not green over a folder without anything in it", async () => {
    const input = join(folder, "nothing");
    mkdirSync(input);
    const { code, stderr } = await runDemo([input]).ended;
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^demo: that folder holds nothing .*: give one with files\n$/),
    ]);
  });

  test("works where its own folder lies in the folder that it is given", async () => {
    const input = join(folder, "a [home]");
    mkdirSync(join(input, "tmp"), { recursive: true });
    writeFileSync(join(input, "a"), "x");
    const demo = new Child({ args: [DEMO, input], environment: { TMPDIR: join(input, "tmp") } });
    const { code, stdout, stderr } = await demo.ended;
    expect([code, stderr]).toEqual([0, ""]);
    // Nothing in it is long enough to be searched for, but its name in the vault is.
    expect(stdout.join(" ").replace(/\s+/g, " ")).toContain(
      "searched for 1 name and 0 pieces of content: none was found",
    );
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
