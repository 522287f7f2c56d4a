// What the keys of one stolen device can write, and that none of it changes what was recorded before (docs/format.md F-23,
// F-73, F-74). Rule: the restores are those of a machine that has the passphrase and nothing else.

import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { DamageView } from "../../../engine/src/border/views.ts";
import type { ChunkRef } from "../../../engine/src/format/chunk-refs.ts";
import type { Entry } from "../../../engine/src/format/entries.ts";
import { encodeList } from "../../../engine/src/format/list.ts";
import type { ChunkId } from "../../../engine/src/ids.ts";
import { forgetUnreferenced, onlyAccount } from "../../scripted-host/hostile-server.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import {
  backUp,
  backUpAgain,
  expectedTree,
  LOGIN,
  noticesOf,
  type Phone,
  pairPhone,
  type Restored,
  ROOT,
  restoreElsewhere,
  SERVER,
} from "./phone.ts";
import { Thief } from "./thief.ts";

const CONTENT = Buffer.from("what the owner wrote".repeat(40));
const EVIL = Buffer.from("what the thief wrote".repeat(40));

/** A phone whose file `a` was backed up, and a minute passed. */
function backedUp(): Phone {
  const phone = pairPhone(({ ground: { tree } }) => {
    tree.write(`${ROOT}/a`, CONTENT.toString("latin1"));
    tree.write(`${ROOT}/b`, "another file");
  });
  expect(backUp(phone)).toMatchObject({ outcome: "ok" });
  phone.host.ground.tree.write(`${ROOT}/b`, "another file, later");
  phone.world.clock.advance(60_000);
  expect(backUp(phone)).toMatchObject({ outcome: "ok" });
  phone.world.clock.advance(60_000);
  return phone;
}

/** A second device of the phone's vault, with a root `notes` that was backed up. */
function addDevice(phone: Phone): ScriptedHost {
  const host = phone.world.addHost({ makeEngine: phone.makeEngine });
  host.ground.tree.write("/notes/n", "a note");
  host.start();
  expect(host.drive({ kind: "join", server: SERVER, login: LOGIN, deviceName: "tablet" })).toMatchObject({
    outcome: "ok",
  });
  host.drive({ kind: "add-root", name: "notes", locator: "/notes", excludes: [] });
  phone.world.clock.advance(60_000);
  expect(host.drive({ kind: "backup", mode: "once" })).toMatchObject({ outcome: "ok" });
  phone.world.clock.advance(60_000);
  return host;
}

function damagesOf({ host }: Restored): DamageView[] {
  return host.views.flatMap((view) => (view.kind === "damage" ? view.damage : []));
}

/** The codes that a restore named for paths. */
function codesOf(restored: Restored): Record<string, string> {
  return Object.fromEntries(damagesOf(restored).map(({ path, code }) => [path, code]));
}

describe("a moved entry", () => {
  test.each([
    ["of another device", false],
    ["of the device itself", true],
  ])("%s gives nobody other bytes for a chunk, before it or after it", (_, isOwn) => {
    const phone = backedUp();
    const tablet = addDevice(phone);
    const before = restoreElsewhere(phone);
    const atMs = phone.world.clock.nowMs;
    phone.world.clock.advance(60_000);
    const thief = new Thief(phone.world.server, isOwn ? phone.host : tablet);
    const id = thief.idOf(CONTENT);
    const [evil] = thief.store({ id, bytes: EVIL });
    const [noise] = thief.storeSealed(randomBytes(EVIL.length + 28));
    if (evil === undefined || noise === undefined) throw new Error("expected two places");
    thief.write({ entries: (refTo) => [{ kind: "moved", chunk: id, ref: refTo(id, evil) }] });
    thief.write({ entries: (refTo) => [{ kind: "moved", chunk: id, ref: refTo(id, noise) }] });

    for (const restored of [restoreElsewhere(phone, { at: atMs }), restoreElsewhere(phone)]) {
      expect(restored.result).toMatchObject({ outcome: "ok", code: null, filesFailed: 0 });
      expect(damagesOf(restored)).toEqual([]);
      expect(restored.files).toEqual(before.files);
    }
  });

  test("heals a chunk whose blob is gone, after others that name another content", () => {
    const phone = backedUp();
    const tablet = addDevice(phone);
    const before = restoreElsewhere(phone);
    const own = new Thief(phone.world.server, phone.host);
    const other = new Thief(phone.world.server, tablet);
    const id = own.idOf(CONTENT);
    const [evil] = own.store({ id, bytes: EVIL });
    const [stale, good] = other.store({ id, bytes: EVIL }, { id, bytes: CONTENT });
    if (evil === undefined || stale === undefined || good === undefined) throw new Error("expected three places");
    own.write({ entries: (refTo) => [{ kind: "moved", chunk: id, ref: refTo(id, evil) }] });
    // The newest place of a device is the one that counts.
    other.write({ entries: (refTo) => [{ kind: "moved", chunk: id, ref: refTo(id, stale) }] });
    other.write({ entries: (refTo) => [{ kind: "moved", chunk: id, ref: refTo(id, good) }] });
    for (const blob of blobsOf(phone, CONTENT)) phone.world.server.accountOf(LOGIN)?.blobs.delete(blob);

    const restored = restoreElsewhere(phone);
    expect(restored.files.get("photos/a")).toBe(before.files.get("photos/a"));
    expect(codesOf(restored)["a"]).toBeUndefined();
  });

  test("that leads nowhere leaves what the version's own place said, for that file alone", () => {
    const phone = backedUp();
    const thief = new Thief(phone.world.server, phone.host);
    const id = thief.idOf(CONTENT);
    const [evil] = thief.store({ id, bytes: EVIL });
    if (evil === undefined) throw new Error("expected a place");
    thief.write({ entries: (refTo) => [{ kind: "moved", chunk: id, ref: refTo(id, evil) }] });
    for (const blob of blobsOf(phone, CONTENT)) phone.world.server.accountOf(LOGIN)?.blobs.delete(blob);

    const restored = restoreElsewhere(phone);
    expect(codesOf(restored)).toEqual({ a: "blob-missing" });
    expect(restored.files.get("photos/b")).toBe("another file, later");
  });
});

describe("a version that names a content", () => {
  const file = (path: string, sizeBytes: number) =>
    ({ kind: "file", root: 0, path: [path], sizeBytes, mtimeS: 1, mtimeUs: 0, mode: null }) as const;

  test("and stores another under a right seal fails with a name, and alone", () => {
    const phone = backedUp();
    const thief = new Thief(phone.world.server, phone.host);
    const id = thief.idOf(CONTENT);
    const [evil] = thief.store({ id, bytes: EVIL });
    if (evil === undefined) throw new Error("expected a place");
    thief.write({
      roots: ["photos"],
      entries: (refTo) => [{ ...file("c", EVIL.length), chunks: { kind: "inline", refs: [refTo(id, evil)] } }],
    });

    const restored = restoreElsewhere(phone);
    expect(codesOf(restored)).toEqual({ c: "chunk-not-authentic" });
    expect([...restored.files.keys()]).toEqual(["photos", "photos/a", "photos/b"]);
  });

  test("by a list that is another one fails with a name, and alone", () => {
    const phone = backedUp();
    const thief = new Thief(phone.world.server, phone.host);
    const chunk = thief.idOf(CONTENT);
    const [good] = thief.store({ id: chunk, bytes: CONTENT });
    if (good === undefined) throw new Error("expected a place");
    const list = encodeList({
      sources: [{ device: thief.device, epoch: 1 }],
      blobs: [good.blob],
      refs: [{ id: chunk, source: 0, blob: 0, offsetBytes: 0, sealedBytes: good.sealedBytes }],
    });
    const id = thief.idOf(Buffer.from("the list that was meant"));
    const [evil] = thief.store({ id, bytes: list, kind: "list" });
    if (evil === undefined) throw new Error("expected a place");
    thief.write({
      roots: ["photos"],
      entries: (refTo) => [{ ...file("c", CONTENT.length), chunks: { kind: "lists", refs: [refTo(id, evil)] } }],
    });

    const restored = restoreElsewhere(phone);
    expect(codesOf(restored)).toEqual({ c: "list-not-authentic" });
    expect([...restored.files.keys()]).toEqual(["photos", "photos/a", "photos/b"]);
  });

  test.each([262_145, 393_216, 983_040])("by a list of %i bytes, longer than any, fails alone", (sizeBytes) => {
    const phone = backedUp();
    const thief = new Thief(phone.world.server, phone.host);
    const bytes = Buffer.alloc(sizeBytes, "no list");
    const id = thief.idOf(bytes);
    const [evil] = thief.store({ id, bytes, kind: "list" });
    if (evil === undefined) throw new Error("expected a place");
    thief.write({
      roots: ["photos"],
      entries: (refTo) => [{ ...file("c", CONTENT.length), chunks: { kind: "lists", refs: [refTo(id, evil)] } }],
    });

    const restored = restoreElsewhere(phone);
    expect(codesOf(restored)).toEqual({ c: "list-malformed" });
    expect([...restored.files.keys()]).toEqual(["photos", "photos/a", "photos/b"]);
  });
});

describe("a record whose reference blob leaves out what its entries need (F-64)", () => {
  test("keeps its own versions from lasting, and nothing that was recorded before", () => {
    const phone = backedUp();
    const before = restoreElsewhere(phone);
    const atMs = phone.world.clock.nowMs;
    phone.world.clock.advance(60_000);
    const thief = new Thief(phone.world.server, phone.host);
    const id = thief.idOf(EVIL);
    const [evil] = thief.store({ id, bytes: EVIL });
    const [noise] = thief.storeSealed(randomBytes(EVIL.length));
    if (evil === undefined || noise === undefined) throw new Error("expected two places");
    const [reference] = thief.storeSealed(Buffer.from(noise.blob, "hex"));
    const file = {
      kind: "file",
      root: 0,
      path: ["a"],
      sizeBytes: EVIL.length,
      mtimeS: 1,
      mtimeUs: 0,
      mode: null,
    } as const;
    thief.write({
      roots: ["photos"],
      entries: (refTo) => [{ ...file, chunks: { kind: "inline", refs: [refTo(id, evil)] } }],
      references: [(reference as typeof noise).blob],
    });
    expect(restoreElsewhere(phone).files.get("photos/a")).toBe(EVIL.toString());
    // What no record names is collected.
    forgetUnreferenced(onlyAccount(phone.world.server.state));
    const later = restoreElsewhere(phone);
    expect(codesOf(later)).toEqual({ a: "blob-missing" });
    expect(later.files.get("photos/b")).toBe("another file, later");
    const past = restoreElsewhere(phone, { at: atMs });
    expect(past.result).toMatchObject({ outcome: "ok" });
    expect(past.files).toEqual(before.files);
  });
});

describe("a record of a copied home that the phone adopts", () => {
  const LATER = Buffer.from("what the owner writes later".repeat(40));

  /** Backs up by a new process; what it was told, and how it ended. */
  function backUpTold(phone: Phone): { notices: string[]; code: string | null } {
    const before = noticesOf(phone.host).length;
    const { code } = backUpAgain(phone);
    return { notices: noticesOf(phone.host).slice(before), code };
  }

  test.each([
    ["in-progress", (id: ChunkId, ref: ChunkRef): Entry => ({ ...progress, refs: [{ ...ref, id }] })],
    ["moved", (id: ChunkId, ref: ChunkRef): Entry => ({ kind: "moved", chunk: id, ref })],
    [
      "file",
      (_: ChunkId, ref: ChunkRef): Entry => ({
        ...{ ...place, kind: "file", sizeBytes: LATER.length, mode: null },
        chunks: { kind: "inline", refs: [ref] },
      }),
    ],
  ])("gives no place for a content that comes later: %s", (_, entry) => {
    const phone = backedUp();
    const thief = new Thief(phone.world.server, phone.host);
    const id = thief.idOf(LATER);
    const [evil] = thief.store({ id, bytes: Buffer.alloc(LATER.length, "evil") });
    if (evil === undefined) throw new Error("expected a place");
    thief.write({
      roots: ["photos"],
      startId: thief.startIds[0] ?? "",
      entries: (refTo) => [entry(id, refTo(id, evil))],
    });
    expect(backUpTold(phone)).toEqual({ notices: ["records-adopted:1"], code: null });

    phone.host.ground.tree.write(`${ROOT}/later`, LATER.toString("latin1"));
    phone.world.clock.advance(60_000);
    expect(backUpTold(phone)).toEqual({ notices: [], code: null });
    const restored = restoreElsewhere(phone);
    expect(restored.files.get("photos/later")).toBe(LATER.toString("latin1"));
    expect(damagesOf(restored).filter(({ path }) => path !== "x")).toEqual([]);
  });

  test("is told each time, and the second time the run stops, whatever start id it has", () => {
    const phone = backedUp();
    const thief = new Thief(phone.world.server, phone.host);
    const write = (): void => thief.write({ entries: () => [], startId: thief.startIds.at(-1) ?? "" });
    write();
    expect(backUpTold(phone)).toEqual({ notices: ["records-adopted:1"], code: null });
    // The phone has made another epoch since, and the thief has a copy of that home too.
    new Thief(phone.world.server, phone.host).write({ entries: () => [], startId: thief.startIds.at(-1) ?? "" });
    expect(backUpTold(phone)).toEqual({ notices: ["records-adopted:1"], code: "peer-cloned" });
  });

  test("and that is malformed has everything looked at again, and stops nothing", () => {
    const phone = backedUp();
    new Thief(phone.world.server, phone.host).writeBody(new Uint8Array(4_096).fill(7));
    expect(backUpTold(phone)).toEqual({ notices: ["records-adopted:1"], code: null });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  const place = { root: 0, path: ["x"], mtimeS: 1, mtimeUs: 0 } as const;
  const progress = { ...place, kind: "in-progress", sizeBytes: LATER.length, firstChunk: 0 } as const;
});

/** The blobs in which the phone stored a content. */
function blobsOf(phone: Phone, content: Uint8Array): string[] {
  const id = new Thief(phone.world.server, phone.host).idOf(content);
  const sql = `SELECT b.sha FROM chunk c JOIN blob b ON b.id = c.blob WHERE c.digest = '${id}'`;
  return phone.host.store.query(sql).map((row) => String(row["sha"]));
}
