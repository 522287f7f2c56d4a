// A server that shows less than this machine has seen (docs/format.md F-32, F-37, F-93). Rule: evidence in hand is used before
// a login key leaves and before "ok", and the owner always has an answer that goes on.

import { describe, expect, test } from "vitest";
import type { Ask } from "../../engine/src/border/asks.ts";
import { deriveVaultKeys } from "../../engine/src/crypto/vault-keys.ts";
import { decodeRoster, encodeRoster, type Revocation, type Roster } from "../../engine/src/format/roster.ts";
import { decodeSigned, signPayload } from "../../engine/src/format/signed.ts";
import { type DeviceId, ZERO_DIGEST } from "../../engine/src/ids.ts";
import { createEngine } from "../../engine/src/index.ts";
import { dropRecord, rollBackStructures, withholdRecords } from "../scripted-host/hostile-server.ts";
import { jsonResponse } from "../scripted-host/http-exchange.ts";
import { MemoryServer } from "../scripted-host/memory-server.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import type { Account } from "../scripted-host/server-state.ts";
import { codesOf, damagesOf, LOGIN, listed, restore, SERVER, Stage, textAt } from "./restore-stage.ts";

type OpenAsk = Extract<Ask, { readonly kind: "open-vault" }>;

/** What a home hands to its readers. */
function evidenceOf(home: ScriptedHost): readonly string[] {
  const result = home.drive({ kind: "evidence", login: LOGIN });
  if (result?.ask !== "evidence") throw new Error("expected evidence");
  return result.known;
}

/** A reader on a home's machine, as hosts make it: it is handed the evidence, and the home learns what it gives. */
class HomeReader {
  readonly host: ScriptedHost;
  readonly #home: ScriptedHost;

  constructor(stage: Stage, home: ScriptedHost = stage.phone) {
    this.#home = home;
    this.host = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
    this.host.start();
  }

  open(choice: Partial<OpenAsk> = {}) {
    const known = evidenceOf(this.#home);
    const result = this.host.drive({ kind: "open-vault", server: SERVER, login: LOGIN, known, ...choice });
    this.#learn();
    return result;
  }

  restore(target = "/target") {
    const result = restore(this.host, { target });
    this.#learn();
    return result;
  }

  get notices(): string[] {
    return this.host.views.flatMap((view) => (view.kind === "notice" ? [view.code] : []));
  }

  #learn(): void {
    for (const view of this.host.views) {
      if (view.kind === "evidence") this.#home.drive({ kind: "learn", known: view.known });
    }
  }
}

/** A second device of the stage's vault, with files of its own. */
function join(stage: Stage, name: string): ScriptedHost {
  const laptop = stage.world.addHost({ makeEngine: createEngine });
  laptop.ground.tree.write("/laptop/x", `of ${name}`);
  laptop.start();
  expect(laptop.drive({ kind: "join", server: SERVER, login: LOGIN, deviceName: name })).toMatchObject({
    outcome: "ok",
  });
  laptop.drive({ kind: "add-root", name, locator: "/laptop", excludes: [] });
  stage.world.clock.advance(60_000);
  expect(laptop.drive({ kind: "backup", mode: "once" })).toMatchObject({ outcome: "ok" });
  return laptop;
}

/** Has the owner, whose passphrase a reader was given, sign another roster. */
function signRoster(stage: Stage, change: (roster: Roster) => Roster): void {
  const reader = stage.reader();
  const { signingSeed } = deriveVaultKeys(reader.ground.slots.read("vault-secret") as Uint8Array);
  const now = decodeRoster(decodeSigned(stage.account.rosterBytes).payload);
  const roster = Buffer.from(signPayload("roster", encodeRoster(change(now)), signingSeed)).toString("base64");
  const token = stage.world.server.makeToken({
    ...{ vault: stage.account.vault, device: null, scope: "full", expiresAtMs: Number.MAX_SAFE_INTEGER },
  });
  const body = Buffer.from(JSON.stringify({ roster }));
  const { status } = stage.world.server.handle({ method: "PUT", path: "/v1/roster", bearer: token, range: null, body });
  expect(status).toBe(200);
}

/** Revokes a device after all that it wrote. */
function revoke(stage: Stage, device: string, more = 0): void {
  const records = stage.account.devices.get(device)?.records ?? [];
  const last = records.at(-1 - more);
  const revocation = { device, lastNumber: records.length - more, lastHash: last?.hash ?? ZERO_DIGEST } as Revocation;
  signRoster(stage, (roster) => ({ ...roster, version: roster.version + 1, revocations: [revocation] }));
}

function structuresOf(stage: Stage): Account {
  return { ...stage.account };
}

describe("a paired machine that restores from a server", () => {
  test("as it left it is told nothing", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const reader = new HomeReader(stage);
    expect(reader.open()).toMatchObject({ outcome: "ok" });
    expect(reader.restore()).toMatchObject({ outcome: "ok", filesRestored: 1 });
    expect(reader.notices).toEqual([]);
  });

  test.each([1, 0])("that went back to record %i gets what is there, and the rest is named as withheld", (last) => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const [second] = stage.backUp({ b: "b" });
    withholdRecords(stage.account, stage.device, last);
    const reader = new HomeReader(stage);
    expect(reader.open()).toMatchObject({ outcome: "ok" });
    expect(reader.restore()).toMatchObject({ outcome: "waiting", code: "peer-damaged", filesRestored: last });
    expect(damagesOf(reader.host)).toEqual([{ code: "record-withheld", device: "phone", record: last + 1 }]);
    expect(second).toBe(2);
  });

  test("that went back and went on with other records under the same numbers is not believed to have all", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const before = stage.world.server.snapshot();
    const home = stage.phone.store.snapshot();
    stage.backUp({ b: "b" });
    const known = evidenceOf(stage.phone);
    stage.world.server.restore(before);
    stage.phone.stop();
    stage.phone.store.restore(home);
    stage.phone.start();
    stage.phone.ground.tree.remove("/phone/b");
    stage.backUp({ c: "c" });
    const reader = new HomeReader(stage);
    expect(reader.open({ known })).toMatchObject({ outcome: "ok" });
    expect(reader.restore()).toMatchObject({ outcome: "waiting", filesRestored: 2 });
    expect(damagesOf(reader.host)).toEqual([{ code: "record-withheld", device: "phone", record: 2 }]);
  });

  test("that leaves another device's newest record out names it, once a reader has seen it", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const device = stage.device;
    const laptop = join(stage, "laptop");
    const first = new HomeReader(stage, laptop);
    first.open();
    expect(first.restore()).toMatchObject({ outcome: "ok", filesRestored: 2 });
    withholdRecords(stage.account, device, 0);
    const second = new HomeReader(stage, laptop);
    second.open();
    expect(second.restore()).toMatchObject({ outcome: "waiting", filesRestored: 1 });
    expect(damagesOf(second.host)).toEqual([{ code: "record-withheld", device: "phone", record: 1 }]);
  });

  test("whose older state is accepted is told nothing more of it", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const device = stage.device;
    const laptop = join(stage, "laptop");
    const seen = new HomeReader(stage, laptop);
    seen.open();
    seen.restore();
    withholdRecords(stage.account, device, 0);
    const accepting = new HomeReader(stage, laptop);
    expect(accepting.open({ acceptOlder: true })).toMatchObject({ outcome: "ok" });
    expect(accepting.restore()).toMatchObject({ outcome: "ok", filesRestored: 1 });
    const later = new HomeReader(stage, laptop);
    later.open();
    expect(later.restore()).toMatchObject({ outcome: "ok", filesRestored: 1 });
  });

  test("with another key never gets the login key", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const other = new MemoryServer(stage.world.clock, 2);
    other.restore(stage.world.server.snapshot());
    const reader = new HomeReader(stage);
    const asked: string[] = [];
    reader.host.ground.link.faultOf = ({ path, body, method }) => {
      asked.push(path);
      return { kind: "answer", response: other.handle({ method, path, range: null, body, bearer: null }) };
    };
    expect(reader.open()).toMatchObject({ outcome: "failed", code: "peer-key-changed" });
    expect(reader.open({ words: stage.words })).toMatchObject({ outcome: "failed", code: "peer-key-changed" });
    expect(asked).toEqual(["/v1/kdf", "/.well-known/coffre"]);
  });
});

describe("a server that shows an older roster than this machine has seen", () => {
  function rolledBack() {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const older = structuresOf(stage);
    const laptop = join(stage, "laptop");
    const newer = structuresOf(stage);
    rollBackStructures(stage.account, older);
    return { stage, laptop, newer };
  }

  test("is given the newer one again, and all devices' files come back", () => {
    const { stage, laptop, newer } = rolledBack();
    const reader = new HomeReader(stage, laptop);
    expect(reader.open()).toMatchObject({ outcome: "ok" });
    expect(reader.restore()).toMatchObject({ outcome: "ok", filesRestored: 2 });
    expect(stage.account.rosterBytes).toEqual(newer.rosterBytes);
    expect(reader.notices).toEqual(["server-given-back"]);
  });

  test.each([
    ["does not take the newer one", true],
    ["says that it took the newer one, and did not,", false],
  ])("and %s is read by the newer one all the same", (_, isSaid) => {
    const { stage, laptop, newer } = rolledBack();
    for (const device of newer.roster.devices.keys()) if (device !== stage.device) stage.account.devices.delete(device);
    stage.world.server.refuse = ({ method, path }) =>
      isSaid && method === "PUT" && path === "/v1/roster" ? { code: "roster-records" } : null;
    const reader = new HomeReader(stage, laptop);
    reader.host.ground.link.faultOf = ({ method, path }) =>
      !isSaid && method === "PUT" && path === "/v1/roster" ? { kind: "answer", response: jsonResponse(200, {}) } : null;
    expect(reader.open()).toMatchObject({ outcome: "ok" });
    expect(reader.notices).toEqual(["server-went-back"]);
    expect(reader.restore()).toMatchObject({ outcome: "waiting", filesRestored: 1 });
    expect(damagesOf(reader.host)).toEqual([{ code: "record-withheld", device: "laptop", record: 1 }]);
  });

  test("is taken at its word when the owner accepts it", () => {
    const { stage, laptop } = rolledBack();
    const reader = new HomeReader(stage, laptop);
    expect(reader.open({ acceptOlder: true })).toMatchObject({ outcome: "ok" });
    expect(reader.restore()).toMatchObject({ outcome: "ok", filesRestored: 1 });
    expect(reader.notices).toEqual([]);
  });
});

describe("a roster that takes back what was seen before", () => {
  /** A phone that has seen a laptop revoked, and then a roster of a higher version that the vault signed without it. */
  function contradicted(change: (roster: Roster) => Roster) {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const phone = stage.device as DeviceId;
    join(stage, "laptop");
    const device = [...stage.account.roster.devices.keys()].find((id) => id !== phone) as string;
    const log = stage.account.devices.get(device);
    revoke(stage, device, 1);
    const seen = new HomeReader(stage);
    expect(seen.open()).toMatchObject({ outcome: "ok" });
    const { roster, rosterBytes } = stage.account;
    // As if the server had gone back, and another machine of the owner had signed what followed.
    const now = decodeRoster(decodeSigned(rosterBytes).payload);
    stage.account.roster = { ...roster, version: 1, devices: new Map(), revocations: new Map() };
    stage.account.devices.set(device, log as never);
    const { signingSeed } = deriveVaultKeys(seen.host.ground.slots.read("vault-secret") as Uint8Array);
    const other = change({ ...now, version: now.version + 1 });
    stage.account.rosterBytes = signPayload("roster", encodeRoster(other), signingSeed);
    stage.account.roster = { ...roster, version: other.version };
    return new HomeReader(stage);
  }

  test.each([
    ["lacks a revocation", "roster-lacks-revocation", (roster: Roster) => ({ ...roster, revocations: [] })],
    [
      "lets more of a revoked device's records in",
      "roster-loosens-revocation",
      (roster: Roster) => ({
        ...roster,
        revocations: roster.revocations.map((revoked) => ({ ...revoked, lastNumber: revoked.lastNumber + 1 })),
      }),
    ],
    [
      "lacks a device",
      "roster-lacks-device",
      (roster: Roster) => ({
        ...roster,
        devices: roster.devices.filter(({ device }) => device !== roster.revocations[0]?.device),
        revocations: [],
      }),
    ],
  ])("and %s is asked about, and taken only on the owner's word", (_, notice, change) => {
    const reader = contradicted(change);
    expect(reader.open()).toMatchObject({ outcome: "failed", code: "peer-roster-contradicts" });
    expect(reader.host.views).toContainEqual({ kind: "notice", code: notice, device: "laptop" });
    expect(reader.open()).toMatchObject({ outcome: "failed", code: "peer-roster-contradicts" });
    expect(reader.open({ acceptOlder: true })).toMatchObject({ outcome: "ok" });
    expect(reader.open()).toMatchObject({ outcome: "ok" });
  });
});

describe("joining a vault", () => {
  /** A machine that has read the vault, and is not paired. */
  function visitor(stage: Stage): ScriptedHost {
    const home = stage.world.addHost({ makeEngine: createEngine });
    home.start();
    expect(new HomeReader(stage, home).open()).toMatchObject({ outcome: "ok" });
    return home;
  }
  const JOIN: Ask = { kind: "join", server: SERVER, login: LOGIN, deviceName: "tablet" };

  test("signs over the newest roster that this machine has seen, so that no revocation is undone", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const phone = stage.device;
    join(stage, "laptop");
    const older = structuresOf(stage);
    const laptop = [...stage.account.roster.devices.keys()].find((id) => id !== phone) as string;
    revoke(stage, laptop);
    const tablet = visitor(stage);
    rollBackStructures(stage.account, older);
    expect(tablet.drive(JOIN)).toMatchObject({ outcome: "ok" });
    expect([...stage.account.roster.revocations.keys()]).toEqual([laptop]);
    expect(stage.account.roster.devices.size).toBe(3);
  });

  test("shows the devices and revocations that it signs", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const phone = stage.device;
    join(stage, "laptop");
    const laptop = [...stage.account.roster.devices.keys()].find((id) => id !== phone) as string;
    revoke(stage, laptop);
    const tablet = visitor(stage);
    expect(tablet.drive(JOIN)).toMatchObject({ outcome: "ok" });
    const [shown] = tablet.views.flatMap((view) => (view.kind === "devices" ? [view.devices] : []));
    expect(shown?.map(({ name, revokedAfter }) => ({ name, revokedAfter }))).toEqual(
      expect.arrayContaining([
        { name: "phone", revokedAfter: null },
        { name: "laptop", revokedAfter: 1 },
      ]),
    );
    expect(shown).toHaveLength(2);
  });

  test("over a server that lost what the newest roster names asks, and goes on when the older one is accepted", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const phone = stage.device;
    const older = structuresOf(stage);
    join(stage, "laptop");
    const laptop = [...stage.account.roster.devices.keys()].find((id) => id !== phone) as string;
    revoke(stage, laptop);
    const tablet = visitor(stage);
    rollBackStructures(stage.account, older);
    withholdRecords(stage.account, laptop, 0);
    expect(tablet.drive(JOIN)).toMatchObject({ outcome: "failed", code: "peer-went-back" });
    expect(tablet.drive({ ...JOIN, acceptOlder: true } as Ask)).toMatchObject({ outcome: "ok" });
  });
});

describe("a session's first records", () => {
  test("that an empty head denies are read, and the contradiction is named", () => {
    const stage = new Stage();
    stage.backUp({ a: "a" });
    const reader = stage.world.addHost({ makeEngine: createEngine, role: "restore" });
    reader.ground.link.faultOf = (request) => {
      if (request.path !== "/v1/sessions" || request.method !== "POST") return null;
      const answer = stage.world.server.handle(request);
      const bundle = JSON.parse(Buffer.from(answer.body ?? []).toString("utf8"));
      const heads = bundle.heads.map((head: object) => ({ ...head, number: 0, hash: "0".repeat(64), receipt: null }));
      return { kind: "answer", response: jsonResponse(201, { ...bundle, heads }) };
    };
    reader.start();
    reader.drive({ kind: "open-vault", server: SERVER, login: LOGIN });
    expect(restore(reader)).toMatchObject({ outcome: "waiting", filesRestored: 1 });
    expect(textAt(reader, "/target/all/a")).toBe("a");
    expect(codesOf(reader)).toEqual(["record-withheld"]);
  });

  test("that leave one out do not hide it behind a head that counts anew", () => {
    const stage = new Stage();
    for (const name of ["a", "b", "c"]) stage.backUp({ [name]: name });
    dropRecord(stage.account, stage.device, 2);
    const reader = new HomeReader(stage);
    reader.open();
    expect(listed(reader.host).map(({ path }) => path)).toEqual(["", "a", "c"]);
    expect(damagesOf(reader.host)).toEqual([{ code: "record-missing", device: "phone", record: 2 }]);
  });
});
