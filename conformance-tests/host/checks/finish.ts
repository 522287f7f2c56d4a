// Restored files, folders and links put into their places. Rule: what stands in the target afterwards is read from the file
// system, and what stood beside it is still there.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { FinishItem } from "coffre-engine";
import { AWKWARD_NAMES } from "../../end-to-end/awkward-names.ts";
import { nameText, systemPath } from "../awkward-things.ts";
import { type Check, type CheckGroup, expectEqual, expectThat } from "../check.ts";
import {
  conflict,
  EXISTS,
  expectFinished,
  file,
  finish,
  link,
  makePlaces,
  NAME_REFUSED,
  OK,
  TIME,
} from "../finished-items.ts";
import { FINISH_ACCESS_CHECKS } from "./finish-access.ts";

const PLACING: readonly Check[] = [
  {
    says: "gives files their size, mode and time, and moves them into folders that it makes",
    proves: ["H-25"],
    run: async (stage) => {
      const places = makePlaces(stage, { same: "content", short: "con", long: "content and more", mode: "x" });
      const { adapter } = stage;
      const times = [
        { mtimeS: -158_000_000, mtimeUs: 250_000 },
        { mtimeS: 0, mtimeUs: 1 },
        { mtimeS: 4_102_444_800, mtimeUs: 999_999 },
      ];
      const items = [
        file("same", "a/b/same", 7),
        file("short", "short", 7, times[0]),
        file("long", "a/long", 7, { ...times[1], mode: 0o444 }),
        file(null, "a/empty 🌊\n", 0, times[2]),
        file(null, "-zeros", 10_000),
        file("mode", "no mode", 1, { mode: null }),
      ];
      expectEqual(
        "the answer",
        await finish(adapter, places, items),
        items.map(() => OK),
      );
      const content = (path: string): string => readFileSync(join(places.target, path), "latin1");
      expectEqual("the files", ["a/b/same", "short", "a/long"].map(content), ["content", "con\0\0\0\0", "content"]);
      expectEqual("the new ones", [content("a/empty 🌊\n"), content("-zeros")], ["", "\0".repeat(10_000)]);
      for (const { path, mode, mtimeS, mtimeUs } of items) {
        expectFinished(adapter, join(places.target, path), mode, { mtimeS, mtimeUs });
      }
      expectEqual("what is left in work", readdirSync(places.work), []);
    },
  },
  {
    says: "makes awkward names, of 255 bytes, of control characters, and that are not UTF-8",
    proves: ["H-25", "H-9"],
    needs: ["names-not-utf8"],
    run: async (stage) => {
      const places = makePlaces(stage);
      const items = AWKWARD_NAMES.map(({ name }) => file(null, `in/${nameText(name)}`, 0));
      expectEqual(
        "the answer",
        await finish(stage.adapter, places, items),
        items.map(() => OK),
      );
      for (const { why, name } of AWKWARD_NAMES) {
        expectThat(`the name that is ${why} is not there`, existsSync(systemPath(join(places.target, "in"), name)));
      }
      expectEqual("how many names there are", readdirSync(join(places.target, "in")).length, AWKWARD_NAMES.length);
    },
  },
  {
    says: "makes folders, and sets their times when their contents are there",
    proves: ["H-25"],
    run: async (stage) => {
      const places = makePlaces(stage, { one: "1" });
      const { adapter } = stage;
      const times = (path: string): FinishItem => ({ kind: "folder-times", path, mode: 0o750, ...TIME });
      const items: FinishItem[] = [
        { kind: "folder", path: "a/b" },
        { kind: "folder", path: "a" },
        { kind: "folder", path: "empty" },
        file("one", "a/b/file", 1),
        times("a/b"),
        times("a"),
        times("empty"),
      ];
      expectEqual(
        "the answer",
        await finish(adapter, places, items),
        items.map(() => OK),
      );
      for (const path of ["a/b", "a", "empty"]) expectFinished(adapter, join(places.target, path), 0o750);
      expectEqual("the same again", await finish(adapter, places, items.slice(0, 3)), [OK, OK, OK]);
    },
  },
  {
    says: "makes links with any target and with their own time, and follows none",
    proves: ["H-25"],
    needs: ["links"],
    run: async (stage) => {
      const places = makePlaces(stage);
      const { adapter } = stage;
      const hex = "636166e9";
      const targets = ["nothing", "../../above", "/etc/hostname", ".", "🌊\n"];
      const items: FinishItem[] = [
        ...targets.map((target, at) => link(`links/${at}`, target)),
        { kind: "link", path: "links/bytes", targetHex: hex, ...TIME, existing: "refuse" },
      ];
      expectEqual(
        "the answer",
        await finish(adapter, places, items),
        items.map(() => OK),
      );
      for (const [at, target] of targets.entries()) {
        const path = join(places.target, "links", String(at));
        expectEqual("the target", readlinkSync(path), target);
        expectFinished(adapter, path, null);
      }
      const bytes = readlinkSync(join(places.target, "links", "bytes"), "buffer").toString("hex");
      expectEqual("a target that is not UTF-8", bytes, hex);
      expectEqual(
        "the same again",
        await finish(adapter, places, items),
        items.map(() => OK),
      );
    },
  },
];

const KEEPING: readonly Check[] = [
  {
    says: "refuses what stands there, or replaces files and links, and never a folder",
    proves: ["H-25"],
    needs: ["links"],
    run: async (stage) => {
      const names = ["file", "link", "folder"];
      const places = makePlaces(stage, Object.fromEntries(names.map((name) => [name, `new ${name}`])));
      const { adapter } = stage;
      const at = (name: string): string => join(places.target, name);
      writeFileSync(at("file"), "old");
      writeFileSync(at("outside"), "outside");
      symlinkSync("outside", at("link"));
      mkdirSync(at("folder"));
      const files = (existing: "refuse" | "replace") =>
        names.map((name) => file(name, name, `new ${name}`.length, { existing }));
      expectEqual("files, to be refused", await finish(adapter, places, files("refuse")), [EXISTS, EXISTS, EXISTS]);
      expectEqual("what stood there", [readFileSync(at("file"), "utf8"), readlinkSync(at("link"))], ["old", "outside"]);
      const replaced = [OK, OK, conflict("is-a-folder")];
      expectEqual("files, to replace", await finish(adapter, places, files("replace")), replaced);
      expectThat("a link was followed", lstatSync(at("link")).isFile());
      const contents = ["file", "link", "outside"].map((name) => readFileSync(at(name), "utf8"));
      expectEqual("the contents", contents, ["new file", "new link", "outside"]);
      const links = (existing: "refuse" | "replace") => names.map((name) => link(name, "elsewhere", existing));
      expectEqual("links, to be refused", await finish(adapter, places, links("refuse")), [EXISTS, EXISTS, EXISTS]);
      expectEqual("links, to replace", await finish(adapter, places, links("replace")), replaced);
      expectEqual("the links", [readlinkSync(at("file")), readlinkSync(at("link"))], ["elsewhere", "elsewhere"]);
      const folder: FinishItem = { kind: "folder", path: "outside" };
      expectEqual("a folder where a file is", await finish(adapter, places, [folder]), [conflict("not-a-folder")]);
    },
  },
  {
    says: "writes nothing outside its target, neither through links nor by names",
    proves: ["H-25"],
    needs: ["links"],
    run: async (stage) => {
      const places = makePlaces(stage, { one: "1" });
      const { adapter } = stage;
      const outside = stage.folder();
      symlinkSync(outside, join(places.target, "out"));
      mkdirSync(join(places.target, "inner"));
      symlinkSync("inner", join(places.target, "in"));
      writeFileSync(join(places.target, "file"), "");
      const inLink = conflict("link-in-path");
      const expected: readonly (readonly [item: FinishItem, result: unknown])[] = [
        [file("one", "out/file", 1, { existing: "replace" }), inLink],
        [file("one", "in/file", 1, { existing: "replace" }), inLink],
        [link("out/link", "x", "replace"), inLink],
        [{ kind: "folder", path: "out/folder" }, inLink],
        [{ kind: "folder-times", path: "out", mode: 0o700, ...TIME }, inLink],
        [file("one", "file/below", 1), conflict("not-a-folder")],
        ...["../escaped", "a/../../escaped", "..", ".", "", "/etc/x", "a//b", "a\u0000b", "/61", "x".repeat(256)].map(
          (path) => [file("one", path, 1), NAME_REFUSED] as const,
        ),
        [link("../escaped", "x"), NAME_REFUSED],
        [{ kind: "folder", path: "../escaped" }, NAME_REFUSED],
      ];
      const before = lstatSync(outside, { bigint: true }).mtimeNs;
      const results = await finish(
        adapter,
        places,
        expected.map(([item]) => item),
      );
      for (const [at, [item, result]] of expected.entries()) {
        expectEqual(`what became of ${JSON.stringify(item)}`, results[at], result);
      }
      expectEqual(
        "what is outside",
        [readdirSync(outside), lstatSync(outside, { bigint: true }).mtimeNs],
        [[], before],
      );
      expectThat("a name above the target was made", !existsSync(join(places.target, "..", "escaped")));
      expectEqual("what waits in work", readdirSync(places.work), ["one"]);
      expectEqual("what is in the target", readdirSync(places.target).sort(), ["file", "in", "inner", "out"]);
    },
  },
  {
    says: "may be asked again for what it did before, and discards",
    proves: ["H-25"],
    run: async (stage) => {
      const places = makePlaces(stage, { one: "content", dropped: "x" });
      const { adapter } = stage;
      for (const existing of ["refuse", "replace"] as const) {
        writeFileSync(join(places.work, "one"), "content");
        const items: FinishItem[] = [file("one", `a/${existing}`, 7, { existing }), file(null, `b ${existing}`, 0)];
        expectEqual("the first time", await finish(adapter, places, items), [OK, OK]);
        expectEqual("the second time", await finish(adapter, places, items), [OK, OK]);
        const [first] = await finish(adapter, places, [file("one", `a/${existing}`, 8, { existing })]);
        expectThat("a file that is not there was put into place", first?.kind !== "ok", first);
        const [moved] = await finish(adapter, places, [file("one", `a/${existing} other`, 7, { existing })]);
        expectThat("a file that is not there was put into place", moved?.kind !== "ok", moved);
        expectEqual("the file", readFileSync(join(places.target, `a/${existing}`), "utf8"), "content");
      }
      const discard: FinishItem = { kind: "discard", from: "dropped" };
      expectEqual("discarding, twice", await finish(adapter, places, [discard, discard]), [OK, OK]);
      expectEqual("what is left in work", readdirSync(places.work), []);
    },
  },
];

export const FINISH_CHECKS: CheckGroup = {
  title: "Finishing files",
  checks: [...PLACING, ...KEEPING, ...FINISH_ACCESS_CHECKS],
};
