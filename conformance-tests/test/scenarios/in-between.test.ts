// Stories of something that happens between two moments which belong together: two readings of one file, a listing and a
// comparison of heads.

import { describe, expect, test } from "vitest";
import { seededContent } from "../../scripted-host/file-content.ts";
import { checkGuarantees } from "./guarantees.ts";
import { backUp, backUpAgain, expectedTree, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

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
