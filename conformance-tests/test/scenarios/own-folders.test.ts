// Stories of Coffre's own folders inside what is backed up: a server's data, a home, the work of a restore. Rule: they are left
// out by name, whatever path leads there, and that they change with every backup makes no backup.

import { describe, expect, test } from "vitest";
import { OWN_MARK } from "../../scripted-host/folder-effects.ts";
import { backUp, backUpAgain, noticesOf, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

const HOUR_MS = 3_600_000;
const DATA = `${ROOT}/srv/data`;
const OWN = [{ rule: "own-folder", files: 1 }];

function mark(phone: Phone, folder: string): void {
  phone.host.ground.tree.write(`${folder}/${OWN_MARK.name}`, `${OWN_MARK.line}words for people\n`);
}

/** A phone whose server keeps its data in the root: each request leaves something there. */
function pairWithServerInside(isMarked = true): Phone {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/doc`, "d".repeat(50_000)));
  const { tree } = phone.host.ground;
  tree.write(`${DATA}/blobs/ab/first`, "sealed");
  let files = 0;
  phone.world.server.refuse = () => {
    tree.write(`${DATA}/blobs/${files % 100}/${files}`, "sealed".repeat(1_000));
    tree.write(`${DATA}/coffre.db-wal`, `${files++}`);
    return null;
  };
  if (isMarked) mark(phone, DATA);
  return phone;
}

/** Every change of the engine's database changes a file in `home`, as a real one does. */
function keepStateIn(phone: Phone, home: string): void {
  const { store, ground } = phone.host;
  const { observe } = store;
  let writes = 0;
  store.observe = (call, textIn, textOut) => {
    observe(call, textIn, textOut);
    const isWrite = call !== "all" && !textOut.includes('"changes":0');
    if (isWrite) ground.tree.write(`${home}/state.db-wal`, `${writes++}`);
  };
}

/** What the rows know below a path of the root. */
function rowsBelow(phone: Phone, path: string): unknown {
  const [row] = phone.host.store.query(
    "SELECT count(*) AS n FROM entry e JOIN folder f ON f.id = e.folder WHERE f.path = ? OR f.path LIKE ?",
    path,
    `${path}/%`,
  );
  return row?.["n"];
}

function filesBack(phone: Phone): string[] {
  return [...restoreElsewhere(phone).files].flatMap(([path, content]) => (content === "folder" ? [] : [path])).sort();
}

describe("a server's data inside a root", () => {
  test("is left out by name and told once, and the backup takes everything else", () => {
    const phone = pairWithServerInside();
    const result = backUp(phone);
    expect(result).toMatchObject({ outcome: "ok", counts: { filesSynced: 1, filesExcluded: 1, excluded: OWN } });
    expect(noticesOf(phone.host).filter((code) => code === "own-folder")).toHaveLength(1);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", blobsSent: 0, counts: { excluded: OWN } });
    expect(noticesOf(phone.host).filter((code) => code === "own-folder")).toHaveLength(1);
    expect(rowsBelow(phone, "srv/data")).toBe(0);
    expect(filesBack(phone)).toEqual(["photos/doc"]);
  });

  test("makes no work while the root is watched", () => {
    const phone = pairWithServerInside();
    const { host } = phone;
    host.ask({ kind: "backup", mode: "watch" });
    host.runFor(HOUR_MS);
    const before = [host.steps, host.ground.link.exchanges.length];
    host.runFor(HOUR_MS);
    const [steps, exchanges] = [host.steps - (before[0] ?? 0), host.ground.link.exchanges.length - (before[1] ?? 0)];
    // Four sweeps, each of which asks for the head, and a step for what that changes in the server's folder.
    expect(exchanges).toBeLessThan(20);
    expect(steps).toBeLessThan(100);
    host.ground.tree.write(`${ROOT}/new`, "noticed at once");
    host.runFor(60_000);
    expect(host.store.query("SELECT state FROM entry WHERE name = 'new'")).toEqual([{ state: 0 }]);
  });

  test("that was backed up before it had a mark stays restorable as it was, and is not called gone", () => {
    const phone = pairWithServerInside(false);
    phone.world.server.refuse = () => null;
    expect(backUp(phone)?.counts.filesSynced).toBe(2);
    const before = filesBack(phone);
    mark(phone, DATA);
    phone.host.ground.tree.write(`${DATA}/blobs/ab/second`, "sealed");
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1, excluded: OWN } });
    expect(rowsBelow(phone, "srv/data")).toBe(0);
    expect(filesBack(phone)).toEqual(before);
  });

  test("that gets its mark while the root is watched is left out from then on", () => {
    const phone = pairWithServerInside(false);
    phone.world.server.refuse = () => null;
    phone.host.ask({ kind: "backup", mode: "watch" });
    phone.host.runFor(60_000);
    mark(phone, DATA);
    phone.host.runFor(60_000);
    expect([rowsBelow(phone, "srv/data"), noticesOf(phone.host)]).toEqual([0, ["own-folder"]]);
  });

  test("is backed up like any folder once the mark is gone, as its owner wants it", () => {
    const phone = pairWithServerInside();
    phone.world.server.refuse = () => null;
    backUp(phone);
    phone.host.ground.tree.remove(`${DATA}/${OWN_MARK.name}`);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesExcluded: 0, excluded: [] } });
    expect(filesBack(phone)).toContain("photos/srv/data/blobs/ab/first");
  });

  test("in a folder that a pattern excludes makes no work either", () => {
    const phone = pairWithServerInside();
    const { host } = phone;
    host.drive({ kind: "add-root", name: "photos", locator: ROOT, excludes: ["/srv/"] });
    host.ask({ kind: "backup", mode: "watch" });
    host.runFor(HOUR_MS);
    const before = host.steps;
    host.runFor(HOUR_MS);
    expect(host.steps - before).toBeLessThan(100);
    expect(rowsBelow(phone, "srv/data")).toBe(0);
  });

  test("is a user's own folder when a file merely has the mark's name", () => {
    const phone = pairWithServerInside(false);
    phone.world.server.refuse = () => null;
    phone.host.ground.tree.write(`${DATA}/${OWN_MARK.name}`, "do not touch");
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 3, excluded: [] } });
  });
});

describe("a home inside a root", () => {
  for (const how of ["by its mark", "by its place"]) {
    test(`is known ${how}, and its own writes make no work`, () => {
      const home = `${ROOT}/.coffre`;
      const places = how === "by its place" ? { ownFolders: [home] } : {};
      const phone = pairPhone(({ ground: { tree } }) => tree.write(`${home}/state.db`, "rows"), places);
      if (how === "by its mark") mark(phone, home);
      keepStateIn(phone, home);
      const { host } = phone;
      host.ask({ kind: "backup", mode: "watch" });
      host.runFor(HOUR_MS);
      const before = host.steps;
      host.runFor(HOUR_MS);
      expect(host.steps - before).toBeLessThan(100);
      expect(rowsBelow(phone, ".coffre")).toBe(0);
      expect(filesBack(phone)).toEqual([]);
    });
  }
});

describe("a root", () => {
  for (const [what, marked] of [
    ["that is Coffre's own", ROOT],
    ["inside a folder that is Coffre's own", "/"],
  ] as const) {
    test(`${what} is not available, says why, and makes no work`, () => {
      const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/state.db`, "rows"));
      mark(phone, marked === "/" ? "" : marked);
      keepStateIn(phone, ROOT);
      const { host } = phone;
      const result = backUp(phone);
      expect(result).toMatchObject({ outcome: "waiting", counts: { filesSynced: 0 } });
      expect(result?.files).toEqual([{ root: "photos", path: "", reason: "root-unavailable" }]);
      expect(host.drive({ kind: "roots" })).toMatchObject({ roots: [{ unavailable: "own-folder" }] });
      host.ask({ kind: "backup", mode: "watch" });
      host.runFor(HOUR_MS);
      const before = host.steps;
      host.runFor(HOUR_MS);
      expect(host.steps - before).toBeLessThan(100);
    });
  }

  test("is available again when it is Coffre's own no more, and nothing of it was called gone", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/doc`, "text"));
    backUp(phone);
    mark(phone, ROOT);
    phone.host.ground.tree.remove(`${ROOT}/doc`);
    expect(backUpAgain(phone).outcome).toBe("waiting");
    expect(filesBack(phone)).toEqual(["photos/doc"]);
    phone.host.ground.tree.remove(`${ROOT}/${OWN_MARK.name}`);
    phone.host.ground.tree.write(`${ROOT}/doc`, "text");
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
  });
});

test("what a restore works in, inside a root, is left out, and what it restored is backed up", () => {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/doc`, "text"));
  backUp(phone);
  const { tree } = phone.host.ground;
  const work = `${ROOT}/back/.coffre-restore`;
  mark(phone, work);
  tree.write(`${work}/work/3`, "half a file");
  tree.write(`${ROOT}/back/photos/doc`, "text");
  expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2, excluded: OWN } });
  expect(filesBack(phone)).toEqual(["photos/back/photos/doc", "photos/doc"]);
});
