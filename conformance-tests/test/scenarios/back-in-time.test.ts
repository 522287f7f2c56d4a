// Databases and servers that went back in time, as the simulator found them to matter. Rule: what is called synced must come
// back, whatever was forgotten on either side.

import { describe, expect, test } from "vitest";
import type { Effect } from "../../../engine/src/border/effects.ts";
import { backUp, backUpAgain, expectedTree, noticesOf, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

function isEnvelope(effect: Effect): boolean {
  return effect.kind === "upload" && effect.path.includes("/epochs/");
}

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

  test("to when the envelope of an epoch was under way that was erased since, goes on under another", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
    phone.host.ask({ kind: "backup", mode: "once" });
    while (!phone.host.effectsUnderWay.some(isEnvelope)) phone.host.step();
    const underWay = phone.host.store.snapshot();
    phone.host.runFor(60_000);
    phone.host.ask({ kind: "rotate" });
    backUp(phone);
    phone.host.crash();
    phone.host.store.restore(underWay);

    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("together with its server, to an epoch whose secrets are erased, goes on under another", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
    backUp(phone);
    const before = { phone: phone.host.store.snapshot(), server: phone.world.server.snapshot() };
    phone.host.ask({ kind: "rotate" });
    backUp(phone);
    phone.host.crash();
    phone.host.store.restore(before.phone);
    phone.world.server.restore(before.server);
    phone.host.ground.tree.write(`${ROOT}/b`, "second");
    phone.world.clock.advance(10_000);

    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});

describe("a path that the adopted log speaks of", () => {
  test("is recorded anew when the phone's old memory of it and the tree agree again", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
    backUp(phone);
    const { tree } = phone.host.ground;
    const older = phone.host.store.snapshot();
    tree.rename(`${ROOT}/a`, "/aside");
    tree.write(`${ROOT}/a`, "second");
    phone.world.clock.advance(10_000);
    backUp(phone);
    phone.host.crash();
    phone.host.store.restore(older);
    tree.rename("/aside", `${ROOT}/a`);
    phone.world.clock.advance(10_000);

    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("comes back when the log calls its folder gone and it is there again", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/trip/a`, "first"));
    backUp(phone);
    const { tree } = phone.host.ground;
    const older = phone.host.store.snapshot();
    tree.rename(`${ROOT}/trip`, "/aside");
    phone.world.clock.advance(10_000);
    backUp(phone);
    phone.host.crash();
    phone.host.store.restore(older);
    tree.rename("/aside", `${ROOT}/trip`);
    phone.world.clock.advance(10_000);

    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 1 } });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});

describe("a root that is replaced by an empty folder", () => {
  test("while its folders are listed is no owner who deleted everything", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (let i = 0; i < 60; i++) tree.write(`${ROOT}/trip ${i}/a`, `${i}`);
    });
    backUp(phone);
    const { tree } = phone.host.ground;
    phone.host.ask({ kind: "backup", mode: "once" });
    let scans = 0;
    while (scans < 2) {
      phone.host.step();
      if (phone.host.effectsUnderWay.some(({ kind }) => kind === "scan")) scans++;
    }
    tree.rename(ROOT, "/unmounted");
    tree.addFolder(ROOT);
    phone.host.runFor(60_000);
    backUp(phone);
    tree.remove(ROOT);
    tree.rename("/unmounted", ROOT);
    phone.world.clock.advance(10_000);

    expect(noticesOf(phone.host)).toContain("root-unavailable");
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 60 }, bytesSent: 0 });
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

describe("a phone and a server that both went back", () => {
  test("and whose logs parted is told that they did, and stops", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
    const { host, world } = phone;
    const write = (name: string): void => {
      host.ground.tree.write(`${ROOT}/${name}`, name);
      world.clock.advance(10_000);
      backUpAgain(phone);
    };
    backUp(phone);
    const server = world.server.snapshot();
    write("lost");
    const older = host.store.snapshot();
    world.server.restore(server);
    write("other");
    write("last");
    host.stop();
    host.store.restore(older);

    expect(backUpAgain(phone)).toMatchObject({ outcome: "failed", code: "peer-forked" });
  });
});
