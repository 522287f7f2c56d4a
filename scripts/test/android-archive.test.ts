// Archives and pins of the Android build, on small ones made here. Rule: what the build relies on is tried without Android.

import { describe, expect, test } from "vitest";
import { findApkFaults } from "../android/apk-check.ts";
import { parsePins } from "../android/pinned-files.ts";
import { compareArchives } from "../android/second-build.ts";
import { listZip, readZip, writeZip } from "../android/zip-archive.ts";

const PAGE_BYTES = 16_384;
const engine = Buffer.from("the engine");
const native = Buffer.from("native code");

function makeApk(parts: { readonly script?: Buffer; readonly align?: number } = {}): Buffer {
  const { script = engine, align = PAGE_BYTES } = parts;
  const entries = [
    { name: "AndroidManifest.xml", bytes: Buffer.from("manifest"), isStored: false },
    { name: "classes.dex", bytes: Buffer.alloc(70_000, 3), isStored: false },
    { name: "lib/arm64-v8a/libquickjs.so", bytes: native, isStored: true },
    { name: "org/coffre/host/script/engine.js", bytes: script, isStored: false },
    { name: "resources.arsc", bytes: Buffer.from("résources"), isStored: true },
  ];
  return writeZip(entries, (name) => (name.endsWith(".so") ? align : 4));
}

describe("an archive", () => {
  test("comes back as it was written, whatever is packed", () => {
    const entries = readZip(makeApk());
    expect(entries.map(({ name }) => name)).toHaveLength(5);
    expect(entries.find(({ name }) => name.endsWith(".so"))?.bytes).toEqual(native);
    expect(entries.find(({ name }) => name === "classes.dex")?.bytes).toEqual(Buffer.alloc(70_000, 3));
  });

  test("is the same each time", () => {
    expect(makeApk()).toEqual(makeApk());
  });

  test("has its stored entries where they were wanted", () => {
    const aligned = listZip(makeApk()).filter(({ isStored }) => isStored);
    expect(aligned.map(({ offset }) => offset % 4)).toEqual([0, 0]);
    expect((aligned[0]?.offset ?? 1) % PAGE_BYTES).toBe(0);
  });

  test("that is none is refused", () => {
    expect(() => readZip(Buffer.from("not a zip archive at all, whatever else it is"))).toThrow(
      "expected a zip archive",
    );
  });
});

describe("two builds", () => {
  test("are equal when every byte is", () => {
    expect(compareArchives("a.apk", makeApk(), makeApk())).toEqual([]);
  });

  test("that differ are told apart by the files that do, or by how they are packed", () => {
    const other = makeApk({ script: Buffer.from("another") });
    expect(compareArchives("a.apk", makeApk(), other)).toEqual([
      "a.apk came out otherwise: org/coffre/host/script/engine.js",
    ]);
    expect(compareArchives("a.apk", makeApk(), makeApk({ align: 4 }))).toEqual([
      "a.apk came out otherwise: how it is packed or signed",
    ]);
  });
});

describe("an APK", () => {
  const abis = ["arm64-v8a"];

  test("is good when it holds the engine, native code on whole pages, and no more than it may", () => {
    expect(findApkFaults(makeApk(), engine, abis, 1)).toEqual([]);
  });

  test.each([
    ["another engine", makeApk({ script: Buffer.from("another") }), abis, 1, /engine's script/],
    ["native code between pages", makeApk({ align: 4 }), abis, 1, /whole page/],
    ["a processor too few", makeApk(), ["arm64-v8a", "x86"], 1, /not for arm64-v8a, x86/],
    ["too many bytes", makeApk(), abis, 0.0001, /more than/],
  ])("is refused with %s", (_, apk, wanted, mostMib, fault) => {
    expect(findApkFaults(apk, engine, wanted, mostMib).join("; ")).toMatch(fault);
  });
});

describe("the list of pins", () => {
  const sha256 = "ab".repeat(32);

  test("has a scope, coordinates and a SHA-256 a line", () => {
    const [pin] = parsePins(`# a comment\n\nmain androidx.work:work-runtime:2.12.0:aar ${sha256}\n`);
    expect(pin).toEqual({
      scope: "main",
      group: "androidx.work",
      artifact: "work-runtime",
      version: "2.12.0",
      type: "aar",
      sha256,
    });
  });

  test.each([
    `other a:b:1:jar ${sha256}`,
    `main a:b:1:jar ${sha256}0`,
    `main a:b:1:jar ${sha256.toUpperCase()}`,
    "main a:b:1:jar",
    `main a:b:jar ${sha256}`,
  ])("refuses `%s`", (line) => {
    expect(() => parsePins(line)).toThrow("expected a pinned file");
  });
});
