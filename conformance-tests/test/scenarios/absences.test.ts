// Stories of much that is missing at once: a disk that was unplugged, a provider that gives an empty answer, and an owner who
// really deleted it. Rule: nothing is recorded as gone without a word, and ordinary deletions stay ordinary.

import { describe, expect, test } from "vitest";
import type { FileTree } from "../../scripted-host/file-tree.ts";
import { checkGuarantees } from "./guarantees.ts";
import {
  type BackupResult,
  backUp,
  backUpAgain,
  noticesOf,
  type Phone,
  pairPhone,
  ROOT,
  restoreElsewhere,
} from "./phone.ts";

const USB = `${ROOT}/usb`;
const DAY_MS = 86_400_000;

function pairWithDisk(files = 3): Phone {
  const phone = pairPhone(({ ground: { tree } }) => {
    tree.write(`${ROOT}/docs/x`, "x");
    tree.addFolder(USB);
    tree.mount(USB);
    for (let at = 0; at < files; at++) tree.write(`${USB}/${at}`, `${at}`);
    tree.write(`${USB}/deep/er`, "deep");
  });
  expect(backUp(phone)?.outcome).toBe("ok");
  return phone;
}

function treeOf(phone: Phone): FileTree {
  return phone.host.ground.tree;
}

function waitingOf(result: BackupResult): string[] {
  checkResult(result);
  return result.files.map(({ path, reason }) => `${path}: ${reason}`).sort();
}

function checkResult(result: BackupResult): void {
  expect(result.code).toBeNull();
}

function pathsBack(phone: Phone): string[] {
  checkGuarantees(phone.host);
  return [...restoreElsewhere(phone).files].flatMap(([path, content]) => (content === "folder" ? [] : [path])).sort();
}

const EVERYTHING = ["photos/docs/x", "photos/usb/0", "photos/usb/1", "photos/usb/2", "photos/usb/deep/er"];

describe("a disk inside a root", () => {
  test("that is unplugged is told and waited for, and goes on when it is back", () => {
    const phone = pairWithDisk();
    const disk = treeOf(phone).at(USB);
    treeOf(phone).unmount(USB);
    for (let run = 0; run < 2; run++) {
      phone.world.clock.advance(2 * DAY_MS);
      expect(waitingOf(backUpAgain(phone))).toEqual(["usb: disk-away"]);
    }
    expect(noticesOf(phone.host)).toContain("disk-away");
    expect(pathsBack(phone)).toEqual(EVERYTHING);
    if (disk.kind === "folder") treeOf(phone).mount(USB, disk);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", bytesRead: 0 });
    expect(pathsBack(phone)).toEqual(EVERYTHING);
  });

  test("in whose place something was written is told, and what was written is taken", () => {
    const phone = pairWithDisk();
    treeOf(phone).unmount(USB);
    treeOf(phone).write(`${USB}/below`, "below");
    expect(waitingOf(backUpAgain(phone))).toEqual(["usb: disk-away"]);
    expect(pathsBack(phone)).toEqual([...EVERYTHING, "photos/usb/below"].sort());
  });

  test("in whose place another disk is, with folders of the same names, is told", () => {
    const phone = pairWithDisk();
    treeOf(phone).unmount(USB);
    treeOf(phone).mount(USB);
    treeOf(phone).write(`${USB}/deep/other`, "other");
    expect(waitingOf(backUpAgain(phone))).toEqual(["usb: disk-away"]);
    expect(pathsBack(phone)).toEqual(EVERYTHING);
  });

  test("whose folder goes with it is told, wherever above that is", () => {
    for (const gone of [USB, `${ROOT}/media`]) {
      const phone = pairPhone(({ ground: { tree } }) => {
        const place = gone === USB ? USB : `${gone}/usb`;
        tree.addFolder(place);
        tree.mount(place);
        tree.write(`${place}/a`, "a");
        tree.write(`${ROOT}/b`, "b");
      });
      backUp(phone);
      const before = pathsBack(phone);
      treeOf(phone).remove(gone);
      expect(waitingOf(backUpAgain(phone))).toEqual([`${gone.slice(ROOT.length + 1)}: disk-away`]);
      expect(pathsBack(phone)).toEqual(before);
    }
  });

  test("that hides a folder of files is told", () => {
    const phone = pairWithDisk();
    treeOf(phone).mount(`${ROOT}/docs`);
    expect(waitingOf(backUpAgain(phone))).toEqual(["docs: disk-away"]);
    expect(pathsBack(phone)).toEqual(EVERYTHING);
  });

  test("is recorded as gone when its owner says so, and what is deleted on one that is there is gone at once", () => {
    const phone = pairWithDisk();
    treeOf(phone).remove(`${USB}/0`);
    treeOf(phone).remove(`${USB}/1`);
    treeOf(phone).remove(`${USB}/2`);
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(pathsBack(phone)).toEqual(["photos/docs/x", "photos/usb/deep/er"]);
    treeOf(phone).unmount(USB);
    expect(backUpAgain(phone).outcome).toBe("waiting");
    expect(phone.host.drive({ kind: "believe-gone", name: "photos" })).toMatchObject({ outcome: "ok" });
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(pathsBack(phone)).toEqual(["photos/docs/x"]);
    expect(phone.host.drive({ kind: "believe-gone", name: "phots" })).toMatchObject({ code: "user-root-unknown" });
  });
});

test("a folder that no record names yet is not recorded as gone with the disk that it lies on", () => {
  for (const place of [ROOT, USB]) {
    const phone = pairWithDisk();
    treeOf(phone).addFolder(`${place}/new`);
    for (const name of ["usb/0", "usb/1", "usb/2", "docs"]) treeOf(phone).remove(`${ROOT}/${name}`);
    phone.host.ground.link.up = false;
    backUpAgain(phone);
    phone.host.ground.link.up = true;
    if (place === USB) treeOf(phone).unmount(USB);
    else treeOf(phone).rename(ROOT, "/away");
    if (place === ROOT) treeOf(phone).addFolder(ROOT);
    expect(backUpAgain(phone).outcome).toBe("waiting");
    const states = phone.host.store.query("SELECT state FROM entry WHERE name = 'new'").map(({ state }) => state);
    expect(states).not.toContain(7);
    expect(states).not.toContain(8);
  }
});

describe("another folder in a root's place", () => {
  function replaceRoot(phone: Phone, ...names: string[]): void {
    treeOf(phone).rename(ROOT, "/away");
    treeOf(phone).addFolder(ROOT);
    for (const name of names) treeOf(phone).write(`${ROOT}/${name}`, name);
  }

  test.each([
    ["with lost+found", ["lost+found/x"]],
    ["with other names", ["a", "b", "c", "d"]],
    ["with a lone name of before", ["docs/y"]],
  ])("%s is told as replaced, once a run, and nothing is gone", (_, names) => {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (const name of ["docs/x", "k", "l", "m"]) tree.write(`${ROOT}/${name}`, name);
    });
    backUp(phone);
    const before = pathsBack(phone);
    replaceRoot(phone, ...names);
    expect(waitingOf(backUpAgain(phone))).toEqual([": root-unavailable"]);
    const told = phone.host.views.flatMap((view) => (view.kind === "notice" ? [`${view.code} ${view.reason}`] : []));
    expect(told).toEqual(["root-unavailable replaced"]);
    expect(pathsBack(phone)).toEqual(before);
  });

  test("of so many names that it takes several listings is told as replaced too", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (let at = 0; at < 5; at++) tree.write(`${ROOT}/z${at}`, "z");
    });
    backUp(phone);
    replaceRoot(phone, ...Array.from({ length: 1_200 }, (_, at) => `a${at}`));
    expect(backUpAgain(phone).counts.waiting).toContainEqual({ reason: "root-unavailable", files: 1, bytes: 0 });
    expect(pathsBack(phone)).toEqual(expect.arrayContaining(["photos/z0", "photos/z4"]));
  });

  test("with the same names is the root, and one that its owner says yes to becomes it", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "a"));
    backUp(phone);
    replaceRoot(phone, "a");
    expect(backUpAgain(phone).outcome).toBe("ok");
    treeOf(phone).remove("/away");
    replaceRoot(phone, "b");
    expect(backUpAgain(phone).outcome).toBe("waiting");
    phone.host.drive({ kind: "believe-gone", name: "photos" });
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(pathsBack(phone)).toEqual(["photos/b"]);
  });
});

describe("most files of a root at once", () => {
  function pairWithMany(count: number): Phone {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (let at = 0; at < count; at++) tree.write(`${ROOT}/album/${at}`, `${at}`);
      tree.write(`${ROOT}/note`, "note");
    });
    backUp(phone);
    return phone;
  }

  test("wait for a second look a day later, and are told then", () => {
    const phone = pairWithMany(120);
    treeOf(phone).remove(`${ROOT}/album`);
    treeOf(phone).addFolder(`${ROOT}/album`);
    expect(waitingOf(backUpAgain(phone))).toEqual(["album: many-missing"]);
    expect(noticesOf(phone.host)).toEqual(["many-missing:120"]);
    phone.world.clock.advance(DAY_MS - 3_600_000);
    expect(waitingOf(backUpAgain(phone))).toEqual(["album: many-missing"]);
    expect(pathsBack(phone)).toHaveLength(121);
    phone.world.clock.advance(2 * 3_600_000);
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(noticesOf(phone.host)).toContain("many-gone:120");
    expect(pathsBack(phone)).toEqual(["photos/note"]);
  });

  test("that come back within that day were never gone", () => {
    const phone = pairWithMany(120);
    treeOf(phone).rename(`${ROOT}/album`, "/elsewhere");
    expect(waitingOf(backUpAgain(phone))).toEqual([": many-missing"]);
    treeOf(phone).rename("/elsewhere", `${ROOT}/album`);
    phone.world.clock.advance(2 * DAY_MS);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", bytesRead: 0 });
    expect(pathsBack(phone)).toHaveLength(121);
  });

  test("are gone at once when their owner says so", () => {
    const phone = pairWithMany(120);
    treeOf(phone).remove(`${ROOT}/album`);
    phone.host.drive({ kind: "believe-gone", name: "photos" });
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(pathsBack(phone)).toEqual(["photos/note"]);
  });

  test("that only moved to another folder are no loss", () => {
    const phone = pairWithMany(120);
    treeOf(phone).rename(`${ROOT}/album`, `${ROOT}/pictures`);
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(pathsBack(phone)).toHaveLength(121);
  });

  test("but few are gone at once, with a word when they are nearly all", () => {
    const phone = pairWithMany(30);
    treeOf(phone).remove(`${ROOT}/album`);
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(noticesOf(phone.host)).toEqual(["many-gone:30"]);
    expect(pathsBack(phone)).toEqual(["photos/note"]);
  });

  test("but less than half are gone at once, without a word", () => {
    const phone = pairWithMany(500);
    for (let at = 0; at < 200; at++) treeOf(phone).remove(`${ROOT}/album/${at}`);
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(noticesOf(phone.host)).toEqual([]);
    expect(pathsBack(phone)).toHaveLength(301);
  });
});

describe("a partial listing", () => {
  test("brings what is new and changed, and calls nothing gone until a whole one", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (const name of ["a", "b", "c"]) tree.write(`${ROOT}/${name}`, name);
    });
    backUp(phone);
    treeOf(phone).faults.listPartially(ROOT);
    treeOf(phone).remove(`${ROOT}/a`);
    treeOf(phone).write(`${ROOT}/b`, "b changed");
    treeOf(phone).write(`${ROOT}/d`, "d");
    phone.world.clock.advance(5_000);
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(restoreElsewhere(phone).files.get("photos/b")).toBe("b changed");
    expect(pathsBack(phone)).toEqual(["photos/a", "photos/b", "photos/c", "photos/d"]);
    treeOf(phone).faults.healAll();
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(pathsBack(phone)).toEqual(["photos/b", "photos/c", "photos/d"]);
  });

  test("of which one piece of several lacks names calls nothing gone", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (const name of ["a", "b", "c", "d"]) tree.write(`${ROOT}/${name}`, name);
    });
    backUp(phone);
    const { faults } = treeOf(phone);
    faults.entriesAtOnce = 1;
    faults.listPartially(ROOT);
    treeOf(phone).remove(`${ROOT}/a`);
    treeOf(phone).remove(`${ROOT}/d`);
    expect(backUpAgain(phone).outcome).toBe("ok");
    expect(pathsBack(phone)).toHaveLength(4);
  });
});

test("a root that is not watched is told once, and status says so until it is", () => {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "a"));
  backUp(phone);
  const unwatched = (value: boolean): unknown => {
    phone.host.tell({ kind: "unwatched", root: ROOT, unwatched: value });
    phone.host.step();
    phone.host.ask({ kind: "roots" });
    phone.host.step();
    const result = phone.host.views.at(-1);
    return result?.kind === "result" && result.ask === "roots" ? result.roots[0]?.unwatched : null;
  };
  expect([unwatched(true), unwatched(true)]).toEqual([true, true]);
  expect(noticesOf(phone.host)).toEqual(["root-unwatched"]);
  expect(unwatched(false)).toBe(false);
});
