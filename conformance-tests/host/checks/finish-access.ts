// Restoring with an ordinary user's rights. Rule: a mode that shuts out its owner is no reason to stop, one that shuts out the
// host is told, and the other items are done.

import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FinishItem } from "coffre-engine";
import { type Check, expectEqual, Unavailable } from "../check.ts";
import { expectFinished, file, finish, link, makePlaces, OK, TIME } from "../finished-items.ts";

/** Nobody's on most systems; any number that is not the suite's own will do. */
const ANOTHER_USER = 65_534;

/** Its owner may enter it, and not list it. */
const ENTER_ONLY = 0o100;

export const FINISH_ACCESS_CHECKS: readonly Check[] = [
  {
    says: "goes on with a file that had its mode already when a process ended",
    proves: ["H-25"],
    run: async (stage) => {
      const places = makePlaces(stage, { one: "1", two: "2" });
      const items = [file("one", "one", 1, { mode: 0o444 }), file("two", "two", 1, { mode: 0o200 })];
      for (const { from, mode } of items) chmodSync(join(places.work, String(from)), Number(mode));
      expectEqual("the answer", await finish(await stage.ordinary(), places, items), [OK, OK]);
    },
  },
  {
    says: "fills a folder that its owner may not write, and leaves it its mode",
    proves: ["H-25"],
    needs: ["mode"],
    run: async (stage) => {
      const places = makePlaces(stage, { one: "1" });
      for (const path of ["closed", "closed/below"]) mkdirSync(join(places.target, path));
      for (const path of ["closed/below", "closed"]) chmodSync(join(places.target, path), 0o555);
      const items = [file("one", "closed/one", 1), file(null, "closed/below/new/two", 0), link("closed/link", "x")];
      const adapter = await stage.ordinary();
      expectEqual("the answer", await finish(adapter, places, items), [OK, OK, OK]);
      for (const path of ["closed/below", "closed"]) {
        expectEqual(`the mode of ${path}`, statSync(join(places.target, path)).mode & 0o7777, 0o555);
        // For whoever removes the folder, without rights over what they do not own.
        chmodSync(join(places.target, path), 0o755);
      }
    },
  },
  {
    says: "says permission in another user's folder, and does the other items",
    proves: ["H-25"],
    run: async (stage) => {
      const places = makePlaces(stage, { one: "1", two: "2" });
      const closed = join(places.target, "closed");
      mkdirSync(closed);
      if (process.getuid?.() !== 0) throw new Unavailable("only the superuser can make another user's folder");
      chownSync(closed, ANOTHER_USER, ANOTHER_USER);
      const adapter = await stage.ordinary();
      const refused = { kind: "refused", reason: "permission" };
      const items = [file("one", "closed/one", 1), file("two", "open/two", 1), link("closed/link", "x")];
      expectEqual("the answer", await finish(adapter, places, items), [refused, OK, refused]);
      expectEqual("what is closed", readdirSync(closed), []);
    },
  },
  {
    says: "finishes folders that shut out their owner, with what is in them, also a second time",
    proves: ["H-25"],
    needs: ["mode"],
    run: async (stage) => {
      const places = makePlaces(stage);
      const adapter = await stage.ordinary();
      const times = (path: string): FinishItem => ({ kind: "folder-times", path, mode: ENTER_ONLY, ...TIME });
      const folders = [times("a/b"), times("a")];
      expectEqual("the answer", await finish(adapter, places, [file(null, "a/b/c", 0), ...folders]), [OK, OK, OK]);
      expectEqual("the folders again", await finish(adapter, places, folders), [OK, OK]);
      for (const path of ["a", "a/b"]) expectFinished(adapter, join(places.target, path), ENTER_ONLY);
      expectFinished(adapter, join(places.target, "a/b/c"), 0o640);
    },
  },
];
