// A root's own folder: its mode and its time come back like those of any folder, also where nothing is in it.

import { describe, expect, test } from "vitest";
import { onlyAccount } from "../../scripted-host/hostile-server.ts";
import { checkGuarantees } from "./guarantees.ts";
import {
  type BackupResult,
  backUp,
  backUpAgain,
  type Phone,
  pairPhone,
  type Restored,
  ROOT,
  restoreElsewhere,
  TARGET,
} from "./phone.ts";

const TIME_US = 1_234_567_890_123_456;

function countRecords(phone: Phone): number {
  return [...onlyAccount(phone.world.server.state).devices.values()].reduce((sum, log) => sum + log.records.length, 0);
}

function rootOf({ host }: Restored): { mode: number; mtimeUs: number } {
  const { mode, mtimeUs } = host.ground.tree.at(`${TARGET}/photos`);
  return { mode, mtimeUs };
}

describe("a root's own folder", () => {
  test("comes back with its mode and its time", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.write(`${ROOT}/file`, "file");
      tree.chmod(ROOT, 0o2751);
      tree.touch(ROOT, TIME_US);
    });
    backUp(phone);
    checkGuarantees(phone.host);
    // What lends the rights of a group does not come back, as everywhere.
    expect(rootOf(restoreElsewhere(phone))).toEqual({ mode: 0o751, mtimeUs: TIME_US });
  });

  test("comes back when nothing is in it, and when all that was in it is gone", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.touch(ROOT, TIME_US));
    backUp(phone);
    const empty = restoreElsewhere(phone);
    expect(empty.result.outcome).toBe("ok");
    expect([...empty.files]).toEqual([["photos", "folder"]]);
    expect(rootOf(empty)).toEqual({ mode: 0o755, mtimeUs: TIME_US });
    const { tree } = phone.host.ground;
    tree.write(`${ROOT}/file`, "file");
    backUpAgain(phone);
    tree.remove(`${ROOT}/file`);
    backUpAgain(phone);
    expect([...restoreElsewhere(phone).files]).toEqual([["photos", "folder"]]);
    expect(phone.host.store.query("SELECT state FROM entry")).toEqual([{ state: 0 }]);
  });

  test("is recorded once when its mode alone changes, and not again", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/file`, "file"));
    backUp(phone);
    const records = countRecords(phone);
    backUpAgain(phone);
    expect(countRecords(phone)).toBe(records);
    phone.host.ground.tree.chmod(ROOT, 0o711);
    backUpAgain(phone);
    backUpAgain(phone);
    expect(countRecords(phone)).toBe(records + 1);
    expect(rootOf(restoreElsewhere(phone)).mode).toBe(0o711);
  });

  test("is not taken for a name that another folder in its place lacks", () => {
    const phone = pairPhone(() => {});
    backUp(phone);
    const { tree } = phone.host.ground;
    tree.remove(ROOT);
    tree.addFolder(ROOT, 0o700);
    const result = backUpAgain(phone);
    expect(result.counts.filesWaiting).toBe(0);
    expect(rootOf(restoreElsewhere(phone)).mode).toBe(0o700);
  });

  test("stays as it was recorded while it is away", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.chmod(ROOT, 0o711));
    backUp(phone);
    const records = countRecords(phone);
    phone.host.ground.tree.remove(ROOT);
    const result = backUpAgain(phone);
    expect(result.counts.waiting.map(({ reason }) => reason)).toEqual(["root-unavailable"]);
    expect(countRecords(phone)).toBe(records);
    expect(rootOf(restoreElsewhere(phone)).mode).toBe(0o711);
  });

  test("waits with its reason when its time is beyond what the format holds, and does not hold up what is in it", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.write(`${ROOT}/file`, "file");
      tree.faults.tellAs(ROOT, { mtimeS: 2 ** 60 });
    });
    const { counts } = backUp(phone) as BackupResult;
    expect([counts.filesSynced, counts.waiting]).toEqual([1, [{ reason: "out-of-range", files: 1, bytes: 0 }]]);
    phone.host.ground.tree.faults.tellAs(ROOT, {});
    expect(backUpAgain(phone).counts.filesWaiting).toBe(0);
    expect(rootOf(restoreElsewhere(phone)).mode).toBe(0o755);
  });
});
