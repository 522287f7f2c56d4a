// Databases and servers that went back in time, as the simulator found them to matter. Rule: what is called synced must come
// back, whatever was forgotten on either side.

import { describe, expect, test } from "vitest";
import { backUp, backUpAgain, expectedTree, noticesOf, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

describe("a database that went back in time", () => {
  test("to before a rotation, whose old secrets are erased, goes on under a new epoch", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
    backUp(phone);
    const before = phone.host.store.snapshot();
    phone.host.ask({ kind: "rotate" });
    backUp(phone);
    phone.host.crash();
    phone.host.store.restore(before);
    phone.host.ground.tree.write(`${ROOT}/b`, "second");
    phone.world.clock.advance(10_000);

    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("to before a rotation, with a blob planned under the old epoch, plans it anew", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
    backUp(phone);
    phone.host.ground.tree.write(`${ROOT}/b`, "second");
    phone.world.clock.advance(10_000);
    phone.host.ask({ kind: "backup", mode: "once" });
    while (!phone.host.effectsUnderWay.some(({ kind }) => kind === "upload")) phone.host.step();
    const planned = phone.host.store.snapshot();
    phone.host.runFor(60_000);
    phone.host.ask({ kind: "rotate" });
    backUp(phone);
    phone.host.crash();
    phone.host.store.restore(planned);

    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});

describe("a server that went back in time", () => {
  test("between two runs of one process is noticed by the second (F-90)", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
    const empty = phone.world.server.snapshot();
    backUp(phone);
    phone.world.server.restore(empty);

    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    expect(noticesOf(phone.host)).toContain("server-lost-records:1");
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});
