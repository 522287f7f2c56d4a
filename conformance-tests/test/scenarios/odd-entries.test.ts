// Stories of names that a file system says odd things of. Rule: beside each stands a good file, and that is synced.

import { describe, expect, test } from "vitest";
import { checkGuarantees } from "./guarantees.ts";
import {
  type BackupResult,
  backUp,
  backUpAgain,
  expectedTree,
  type Phone,
  pairPhone,
  ROOT,
  restoreElsewhere,
} from "./phone.ts";

const ODD = `${ROOT}/odd`;

/** A phone with a good file and an odd one, which is synced in its ordinary state. */
function pairWithOdd(): Phone {
  const phone = pairPhone(({ ground: { tree } }) => {
    tree.write(`${ROOT}/good`, "good");
    tree.write(ODD, "odd");
    tree.addFolder(`${ROOT}/odd folder`);
    tree.write(`${ROOT}/odd folder/inside`, "inside");
    tree.link(`${ROOT}/odd link`, "good");
  });
  return phone;
}

/** What waits, as `path: reason`. */
function waitingOf(result: BackupResult): string[] {
  return result.files.map(({ path, reason }) => `${path}: ${reason}`).sort();
}

describe("a synced file that cannot be looked at any more", () => {
  test.each([
    ["permission", "unreadable"],
    ["io", "io-error"],
    ["not-a-folder", "io-error"],
    ["too-long", "path-too-long"],
    ["vanished", "io-error"],
  ])("since %s waits as %s, and is synced again without being read when it can", (failed, reason) => {
    const phone = pairWithOdd();
    expect(backUp(phone)?.outcome).toBe("ok");
    const { faults } = phone.host.ground.tree;
    faults.tellAs(ODD, { failed });
    for (let run = 0; run < 2; run++) {
      const result = backUpAgain(phone);
      checkGuarantees(phone.host);
      expect([result.outcome, waitingOf(result), result.counts.filesSynced]).toEqual([
        "waiting",
        [`odd: ${reason}`],
        2,
      ]);
    }
    faults.healAll();
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", bytesRead: 0, counts: { filesSynced: 3 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("is excluded when a pattern says so, and waits again without it", () => {
    const phone = pairWithOdd();
    backUp(phone);
    phone.host.ground.tree.faults.tellAs(ODD, { failed: "permission" });
    backUpAgain(phone);
    phone.host.drive({ kind: "add-root", name: "photos", locator: ROOT, excludes: ["/odd"] });
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesExcluded: 1 } });
    phone.host.drive({ kind: "add-root", name: "photos", locator: ROOT, excludes: [] });
    expect(waitingOf(backUpAgain(phone))).toEqual(["odd: unreadable"]);
  });
});

test("a name that vanishes once while it is listed is nobody's trouble", () => {
  const phone = pairWithOdd();
  const { tree } = phone.host.ground;
  tree.faults.fail(`${ROOT}/odd`, "vanished", 1);
  expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 3 } });
});

test("a folder that its own folder shows and that cannot be found is told", () => {
  const phone = pairWithOdd();
  backUp(phone);
  phone.host.ground.tree.faults.fail(`${ROOT}/odd folder`, "vanished");
  expect(waitingOf(backUpAgain(phone))).toEqual(["odd folder: folder-unreadable"]);
});

test("what is not there when it is read keeps the word that it waited for", () => {
  const phone = pairWithOdd();
  const { tree } = phone.host.ground;
  tree.faults.fail(ODD, "permission");
  expect(waitingOf(backUpAgain(phone))).toEqual(["odd: unreadable"]);
  tree.rename(ROOT, "/elsewhere");
  expect(waitingOf(backUpAgain(phone))).toEqual([": root-unavailable", "odd: unreadable"]);
});

const MOST = Number.MAX_SAFE_INTEGER;

describe("an extreme of a field, beside a good file", () => {
  const waits: readonly (readonly [string, object])[] = [
    ["a size beyond 2^53", { sizeBytes: MOST + 1 }],
    ["the largest size of 64 bits", { sizeBytes: 2 ** 63 - 1 }],
    ["a size that no record holds", { sizeBytes: MOST }],
    ["a size below 0", { sizeBytes: -1 }],
    ["a size that is no number", { sizeBytes: "3" }],
    ["a time beyond 2^53", { mtimeS: MOST + 1 }],
    ["a time below -2^53", { mtimeS: -MOST - 1 }],
    ["the lowest time of 64 bits", { mtimeS: -(2 ** 63) }],
    ["a time that is no number", { mtimeS: null }],
    ["a second of a million microseconds and more", { mtimeUs: 1_000_000 }],
    ["a second of less than none", { mtimeUs: -1 }],
  ];
  test.each(waits)("%s makes the file wait", (_, fields) => {
    const phone = pairWithOdd();
    phone.host.ground.tree.faults.tellAs(ODD, fields);
    const result = backUp(phone);
    expect([result?.code, result === null ? [] : waitingOf(result)]).toEqual([null, ["odd: out-of-range"]]);
    expect(result?.counts.filesSynced).toBe(2);
    phone.host.ground.tree.faults.healAll();
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 3 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  const passes: readonly (readonly [string, object])[] = [
    ["a time of change beyond 2^53", { ctimeS: MOST + 1 }],
    ["a time of change that is no number", { ctimeS: "yesterday" }],
    ["a mode with the kind's bits", { mode: 0o100_644 }],
    ["a mode below 0", { mode: -1 }],
    ["a mode beyond 2^53", { mode: 2 ** 60 }],
    ["no identity", { identity: "" }],
    ["an identity that is no text", { identity: 7 }],
    ["a long identity", { identity: "x".repeat(10_000) }],
    ["an unknown field", { colour: "red" }],
  ];
  test.each(passes)("%s is no reason to wait", (_, fields) => {
    const phone = pairWithOdd();
    phone.host.ground.tree.faults.tellAs(ODD, fields);
    expect(backUp(phone)).toMatchObject({ outcome: "ok", code: null, counts: { filesSynced: 3 } });
    expect(restoreElsewhere(phone).result).toMatchObject({ outcome: "ok", filesRestored: 3 });
  });

  test("an unknown kind is excluded by its rule", () => {
    const phone = pairWithOdd();
    phone.host.ground.tree.faults.tellAs(ODD, { kind: "door" });
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { excluded: [{ rule: "kind:unknown", files: 1 }] } });
  });

  test.each([
    ["an empty target", { target: "" }],
    ["none at all", { target: undefined }],
    ["one of 4,097 bytes", { target: `${"é".repeat(2_048)}x` }],
    ["a NUL in it", { target: "a\0b" }],
    ["bytes that are text", { target: undefined, targetHex: "61" }],
    ["what is no hexadecimal", { target: undefined, targetHex: "zz" }],
  ])("a link with %s waits", (_, fields) => {
    const phone = pairWithOdd();
    phone.host.ground.tree.faults.tellAs(`${ROOT}/odd link`, fields);
    const result = backUp(phone);
    expect(result === null ? [] : waitingOf(result)).toEqual(["odd link: out-of-range"]);
  });

  test("a link to 4,096 bytes that are no text is synced", () => {
    const phone = pairWithOdd();
    phone.host.ground.tree.faults.tellAs(`${ROOT}/odd link`, { target: undefined, targetHex: "ff".repeat(4_096) });
    expect(backUp(phone)?.outcome).toBe("ok");
  });

  test("a folder of a time beyond 2^53 waits itself, and what is in it is synced", () => {
    const phone = pairWithOdd();
    phone.host.ground.tree.faults.tellAs(`${ROOT}/odd folder`, { mtimeS: 2 ** 60 });
    const result = backUp(phone);
    expect(result === null ? [] : waitingOf(result)).toEqual(["odd folder: out-of-range"]);
    expect(result?.counts.filesSynced).toBe(3);
  });

  test("sizes of sparse files that add up to more than 2^53 are counted as far as numbers go", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.write(`${ROOT}/good`, "good");
      for (let at = 0; at < 3; at++) {
        tree.write(`${ROOT}/odd${at}`, "x");
        tree.faults.tellAs(`${ROOT}/odd${at}`, { sizeBytes: MOST - 1 });
      }
    });
    expect(backUp(phone)).toMatchObject({ code: null, counts: { filesSynced: 1, filesWaiting: 3 } });
  });

  test("an entry without a name makes its folder wait, and the others are synced", () => {
    const phone = pairWithOdd();
    phone.host.ground.tree.faults.tellAs(ODD, { name: 7 });
    const result = backUp(phone);
    expect(result === null ? [] : waitingOf(result)).toEqual([": folder-unreadable"]);
    expect(result?.counts.filesSynced).toBe(2);
  });
});

describe("a folder that is deeper than a path may be", () => {
  test("waits, and stops nothing beside it", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.write(`${ROOT}/docs/important`, "x");
      tree.addFolder(ROOT + "/a".repeat(514));
    });
    const result = backUp(phone);
    expect([result?.code, result?.counts.filesSynced]).toEqual([null, 1]);
    expect(result?.files).toEqual([{ root: "photos", path: `${"a/".repeat(512)}a`, reason: "path-too-long" }]);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "waiting", code: null });
  });

  test("that an earlier version wanted to list is forgotten", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/good`, "good"));
    phone.host.store.query("INSERT INTO folder (root, path, due) VALUES (1, ?, 1)", `${"a/".repeat(512)}a`);
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
  });
});

describe("a size that is not true", () => {
  test("of a file with less in it makes it wait, and is no change that never comes to rest", () => {
    const phone = pairWithOdd();
    phone.host.ground.tree.faults.shorten(ODD);
    const result = backUp(phone);
    expect(result === null ? [] : waitingOf(result)).toEqual(["odd: size-untrue"]);
    phone.host.ground.tree.faults.healAll();
    expect(backUpAgain(phone).outcome).toBe("ok");
  });
});
