// Stories of something that happens between two moments which belong together: two readings of one file, a listing and a
// comparison of heads.

import { describe, expect, test } from "vitest";
import { seededContent } from "../../scripted-host/file-content.ts";
import { dropEnvelope, onlyAccount, onlyDevice } from "../../scripted-host/hostile-server.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, backUpAgain, expectedTree, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

const CHUNK_BYTES = 983_040;

describe("between a listing and the comparison of heads", () => {
  test("a file whose record the server lost is recorded anew, although it was about to be read already", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/old`, "old"), {
      delayMs: ({ kind }) => (kind === "hash" ? 1_000 : 0),
    });
    backUp(phone);
    const old = phone.world.server.snapshot();
    phone.host.ground.tree.write(`${ROOT}/newer`, "old");
    phone.world.clock.advance(5_000);
    backUpAgain(phone);
    phone.world.server.restore(old);
    // Nothing but its change time moves, so the same version is read again; its bytes the server still has.
    phone.host.ground.tree.chmod(`${ROOT}/newer`, 0o600);
    phone.host.ground.tree.chmod(`${ROOT}/newer`, 0o644);
    phone.world.clock.advance(5_000);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    checkGuarantees(phone.host);
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});

describe("between two readings of one file", () => {
  test("a listing that finds it changed starts it anew, and the reading under way adds nothing", () => {
    const slow = { hash: 0 };
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/film`, seededContent(1, 12 * CHUNK_BYTES)), {
      delayMs: (effect) => (effect.kind === "hash" ? slow.hash : 0),
    });
    const { host } = phone;
    host.ask({ kind: "backup", mode: "watch" });
    slow.hash = 1_000;
    const isSecond = (): boolean =>
      host.effectsUnderWay.some((effect) => effect.kind === "hash" && effect.files.some(({ first }) => first > 0));
    while (!isSecond()) host.step();
    expect(host.effectsUnderWay.length).toBeGreaterThan(0);
    host.ground.tree.write(`${ROOT}/film`, seededContent(2, 12 * CHUNK_BYTES));
    host.tell({ kind: "changed", root: ROOT, folders: [""] });
    host.runFor(600_000);
    checkGuarantees(host);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});

describe("between a record and its receipt", () => {
  /** A phone whose first record is frozen, and busy is all that the server says to what `refused` names. */
  function phoneWithFrozenRecord(): Phone {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/file`, "the same"));
    refuse(phone, "/records/");
    backUp(phone);
    return phone;
  }

  function refuse({ world: { server } }: Phone, refused: string | null): void {
    server.refuse = ({ path }) => (refused !== null && path.includes(refused) ? { code: "busy" } : null);
  }

  /** Nothing but its change time moves, so the same version is read again. */
  function touch({ host, world }: Phone): void {
    host.ground.tree.chmod(`${ROOT}/file`, 0o600);
    host.ground.tree.chmod(`${ROOT}/file`, 0o644);
    world.clock.advance(5_000);
  }

  function expectAllBack(phone: Phone): void {
    refuse(phone, null);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    checkGuarantees(phone.host);
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  }

  test("a file that is read again as the same is not synced by that", () => {
    const phone = phoneWithFrozenRecord();
    touch(phone);
    expect(backUpAgain(phone)).toMatchObject({ counts: { filesSynced: 0, filesWaiting: 1 } });
    checkGuarantees(phone.host);
    expectAllBack(phone);
  });

  test("a file that is read again as the same is recorded by the record after the one that the server refused", () => {
    const phone = phoneWithFrozenRecord();
    const account = onlyAccount(phone.world.server.state);
    dropEnvelope(account, onlyDevice(account), 1);
    refuse(phone, "/epochs/");
    expect(backUpAgain(phone)).toMatchObject({ counts: { filesSynced: 0 } });
    touch(phone);
    expectAllBack(phone);
  });

  test("a file that goes and comes back as the same is recorded again", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/file`, "the same"));
    const { tree } = phone.host.ground;
    backUp(phone);
    tree.rename(`${ROOT}/file`, "/file");
    refuse(phone, "/records/");
    backUpAgain(phone);
    tree.rename("/file", `${ROOT}/file`);
    phone.world.clock.advance(5_000);
    expectAllBack(phone);
  });

  test("a file that goes and comes back as the same while its record is under way is recorded again", () => {
    const phone = phoneWithFrozenRecord();
    const { tree } = phone.host.ground;
    tree.rename(`${ROOT}/file`, "/file");
    backUpAgain(phone);
    tree.rename("/file", `${ROOT}/file`);
    phone.world.clock.advance(5_000);
    expectAllBack(phone);
  });

  test("a file that changed within one tick of its reading is read once more before the backup ends", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      tree.tickMs = 10;
      tree.write(`${ROOT}/file`, "the first");
    });
    const { tree } = phone.host.ground;
    backUp(phone);
    // Its bytes are on the server already, so nothing reads them once more to send them.
    tree.chmod(`${ROOT}/file`, 0o600);
    tree.faults.whileRead(`${ROOT}/file`, () => {
      const { mtimeUs } = tree.at(`${ROOT}/file`);
      tree.write(`${ROOT}/file`, "the other");
      tree.touch(`${ROOT}/file`, mtimeUs);
    });
    refuse(phone, "/records/");
    expect(backUpAgain(phone)).toMatchObject({ counts: { filesSynced: 0 } });
    expectAllBack(phone);
  });
});
