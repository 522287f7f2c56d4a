// The in-memory server against docs/protocol.md. Rule: each test cites what it checks.

import { beforeEach, describe, expect, test } from "vitest";
import { toBase64, toHex } from "../../scripted-host/border-text.ts";
import {
  alterBlob,
  damageEnvelope,
  damageRecord,
  dropRecord,
  forgetUnreferenced,
  onlyAccount,
  onlyDevice,
} from "../../scripted-host/hostile-server.ts";
import { MemoryServer } from "../../scripted-host/memory-server.ts";
import { sha256 } from "../../scripted-host/server-structures.ts";
import { VirtualClock } from "../../scripted-host/virtual-clock.ts";
import { PaperVault } from "./paper-vault.ts";

let clock: VirtualClock;
let server: MemoryServer;
let vault: PaperVault;

beforeEach(() => {
  clock = new VirtualClock();
  server = new MemoryServer(clock);
  vault = new PaperVault(server);
});

function problem(code: string): object {
  return { json: { type: `urn:coffre:problem:${code}` } };
}

/** A vault with one epoch; the token of its device. */
function pair(): string {
  expect(vault.createAccount().status).toBe(201);
  const { token = "" } = vault.openDevice().json;
  expect(vault.putEpoch(token).status).toBe(201);
  return token;
}

describe("accounts and sessions", () => {
  test("an account is made once and may be repeated (P-2, P-20)", () => {
    expect(vault.createAccount()).toMatchObject({ status: 201, json: { vault: toHex(vault.vault) } });
    expect(vault.createAccount().status).toBe(200);
    expect(new PaperVault(server, 2).createAccount()).toMatchObject(problem("login-taken"));
  });

  test("an invitation serves once, and an equal account is success before it is looked at (P-20)", () => {
    server.registration = "invitation";
    server.state.invitations.add("code");
    expect(vault.createAccount()).toMatchObject(problem("invitation-required"));
    expect(vault.createAccount("other")).toMatchObject(problem("invitation-refused"));
    expect(vault.createAccount("code").status).toBe(201);
    expect(vault.createAccount("code").status).toBe(200);
    expect(new PaperVault(server, 2, "bob").createAccount("code")).toMatchObject(problem("invitation-refused"));
  });

  test("an unknown login gets parameters too, always the same (P-21)", () => {
    vault.createAccount();
    const kdf = (login: string): unknown => vault.ask("POST", "/v1/kdf", { login }).json;
    expect(kdf("nobody")).toEqual(kdf("nobody"));
    expect(kdf("nobody")).not.toEqual(kdf("someone"));
    expect(kdf("ada")).toMatchObject({ salt16: toBase64(new Uint8Array(16).fill(1)), memoryKiB: 65_536 });
  });

  test("a wrong login key and an unknown login look the same (P-22)", () => {
    vault.createAccount();
    expect(vault.openSession().status).toBe(201);
    const wrong = vault.openSession(new Uint8Array(32));
    expect(wrong).toMatchObject(problem("login-refused"));
    expect(new PaperVault(server, 3, "eve").openSession()).toEqual(wrong);
  });

  test("a vault object is replaced by the next number only (P-24)", () => {
    vault.createAccount();
    const { token = "", tag } = vault.openSession().json;
    const put = (number: number, previousTag: unknown): unknown =>
      vault.ask("PUT", "/v1/vault", { vaultObject: toBase64(vault.vaultObject(number)), previousTag }, token);
    expect(put(3, tag)).toMatchObject(problem("number-differs"));
    expect(put(2, "0".repeat(64))).toMatchObject(problem("tag-differs"));
    expect(put(2, tag)).toMatchObject({ status: 200 });
    expect(put(2, tag)).toMatchObject({ status: 200 });
  });

  test("tokens end: by time, by logging out, by revocation (P-22, P-23, P-26, P-31)", () => {
    const append = pair();
    const { token = "" } = vault.openSession().json;
    const head = (bearer: string): number => vault.ask("GET", `/v1/devices/${vault.device}/head`, null, bearer).status;
    expect([head(append), head(token), head("forged")]).toEqual([200, 200, 401]);
    clock.advance(15 * 60_000);
    expect([head(append), head(token)]).toEqual([401, 200]);
    expect(vault.ask("DELETE", "/v1/sessions", null, token).status).toBe(204);
    expect(head(token)).toBe(401);
    const { token: later = "" } = vault.openSession().json;
    const { token: again = "" } = vault.openDevice().json;
    const revocation = [Buffer.from(vault.device, "hex"), 0, new Uint8Array(32)];
    const roster = toBase64(vault.roster(2, [revocation]));
    expect(vault.ask("PUT", "/v1/roster", { roster }, later).status).toBe(200);
    expect(head(again)).toBe(401);
    expect(vault.openDevice()).toMatchObject(problem("device-revoked"));
  });

  test("a challenge serves once and for five minutes (P-30)", () => {
    vault.createAccount();
    expect(vault.openDevice().status).toBe(201);
    vault.ask("POST", "/v1/challenges", { vault: toHex(vault.vault), device: vault.device });
    clock.advance(5 * 60_000);
    expect(server.takeChallenges(toHex(vault.vault), vault.device)).toEqual([]);
  });
});

describe("blobs", () => {
  test("a blob is its bytes' SHA-256 (P-40, P-41)", () => {
    const token = pair();
    const bytes = Buffer.from("sealed");
    const id = toHex(sha256(bytes));
    const missing = (): unknown => vault.ask("POST", "/v1/blobs/missing", { ids: [id] }, token).json.missing;
    expect(missing()).toEqual([id]);
    expect(vault.putBlob(token, bytes, "0".repeat(64))).toMatchObject(problem("not-the-named-bytes"));
    expect([vault.putBlob(token, bytes).status, vault.putBlob(token, bytes).status]).toEqual([201, 200]);
    expect(missing()).toEqual([]);
    const ids = Array.from({ length: 1_001 }, () => id);
    expect(vault.ask("POST", "/v1/blobs/missing", { ids }, token)).toMatchObject({ status: 400 });
  });

  test("only people read blobs, also in ranges (P-42)", () => {
    const token = pair();
    const id = toHex(sha256(Buffer.from("sealed")));
    vault.putBlob(token, Buffer.from("sealed"));
    const { token: full = "" } = vault.openSession().json;
    const get = (bearer: string, range: [number, number] | null): [number, string] => {
      const response = server.handle({ method: "GET", path: `/v1/blobs/${id}`, bearer, range, body: null });
      return [response.status, Buffer.from(response.body).toString()];
    };
    expect(get(token, null)[0]).toBe(403);
    expect([get(full, null), get(full, [2, 4]), get(full, [9, 12])]).toEqual([
      [200, "sealed"],
      [206, "al"],
      [416, ""],
    ]);
    expect(new PaperVault(server, 2, "bob").ask("GET", `/v1/blobs/${id}`, null, "").status).toBe(401);
  });

  test("limits, quota and a full disk have their own answers (P-10, P-80, P-81)", () => {
    const token = pair();
    server.limits.blobBytes = 4;
    expect(vault.putBlob(token, Buffer.from("12345"))).toMatchObject(problem("body-too-large"));
    server.quotaBytes = 6;
    expect(vault.putBlob(token, Buffer.from("1234")).status).toBe(201);
    expect(vault.putBlob(token, Buffer.from("5678"))).toMatchObject(problem("quota-exceeded"));
    expect(vault.putBlob(token, Buffer.from("1234")).status).toBe(200);
    server.full = true;
    expect(vault.putBlob(token, Buffer.from("5"))).toMatchObject(problem("storage-full"));
  });
});

describe("records", () => {
  test("a record gets one receipt, and the same one again (P-50)", () => {
    const token = pair();
    const record = vault.record(1);
    const first = vault.putRecord(token, 1, record);
    expect(first.status).toBe(201);
    expect(vault.putRecord(token, 1, record)).toEqual({ ...first, status: 200 });
  });

  test("what is damaged of a log keeps its place in the head, and the same bytes write it again (P-32, P-33, P-50)", () => {
    const token = pair();
    const record = vault.record(1);
    const first = vault.putRecord(token, 1, record);
    const account = onlyAccount(server.state);
    const device = onlyDevice(account);
    damageRecord(account, device, 1);
    damageEnvelope(account, device, 1);
    const head = (): unknown => vault.ask("GET", `/v1/devices/${device}/head`, undefined, token).json;
    const records = (): unknown => vault.ask("GET", `/v1/devices/${device}/records?after=0`, undefined, token).json;
    expect(head()).toMatchObject({ number: 1, epoch: 1, damagedRecords: [1], damagedEpochs: [1] });
    expect(vault.openSession().json).toMatchObject({
      heads: [{ damagedRecords: [1], damagedEpochs: [1] }],
      envelopes: [],
    });
    expect(records()).toMatchObject({ records: [] });
    expect(vault.putRecord(token, 1, record)).toEqual({ ...first, status: 200 });
    expect(vault.putEpoch(token).status).toBe(200);
    expect(head()).toMatchObject({ damagedRecords: [], damagedEpochs: [] });
    expect(records()).toMatchObject({ records: [{ number: 1 }] });
  });

  test("what does not continue the log is a conflict that shows the head (P-51)", () => {
    const token = pair();
    vault.putRecord(token, 1, vault.record(1));
    expect(vault.putRecord(token, 3, vault.record(3))).toMatchObject({ status: 409, json: { head: { number: 1 } } });
    vault.previousHash = new Uint8Array(32);
    expect(vault.putRecord(token, 2, vault.record(2))).toMatchObject(problem("record-conflict"));
    expect(vault.putRecord(token, 2, vault.record(3))).toMatchObject(problem("malformed"));
  });

  test("a record needs its blobs, those in reference blobs, and its envelope (P-52)", () => {
    const token = pair();
    const blob = Buffer.from("blob");
    const id = toHex(sha256(blob));
    const reference = Buffer.from(id, "hex");
    const referenceId = toHex(sha256(reference));
    const lacks = (...missing: string[]): object => ({ status: 409, json: { missing, envelope: false } });
    expect(vault.putRecord(token, 1, vault.record(1, [id]))).toMatchObject(lacks(id));
    const record = vault.record(1, [], [referenceId]);
    expect(vault.putRecord(token, 1, record)).toMatchObject(lacks(referenceId));
    vault.putBlob(token, reference);
    expect(vault.putRecord(token, 1, record)).toMatchObject(lacks(id));
    vault.putBlob(token, blob);
    const { envelopeHash } = vault;
    vault.envelopeHash = new Uint8Array(32);
    expect(vault.putRecord(token, 1, vault.record(1, [id]))).toMatchObject({ json: { missing: [], envelope: true } });
    vault.envelopeHash = envelopeHash;
    expect(vault.putRecord(token, 1, record).status).toBe(201);
    expect(forgetUnreferenced(onlyAccount(server.state))).toBe(0);
  });

  test("pages and start bundles stay within 368,640 bytes and say how to go on (P-22, P-53)", () => {
    const token = pair();
    for (let number = 1; number <= 150; number++)
      expect(vault.putRecord(token, number, vault.record(number)).status).toBe(201);
    const session = vault.openSession();
    expect(JSON.stringify(session.json).length).toBeLessThanOrEqual(368_640);
    expect(session.json.heads).toMatchObject([{ number: 150 }]);
    let next = session.json.tail?.next ?? null;
    let seen = session.json.tail?.records.length ?? 0;
    expect(next).toBe(seen);
    while (next !== null) {
      const page = vault.ask("GET", `/v1/devices/${vault.device}/records?after=${next}`, null, token).json;
      expect(JSON.stringify(page).length).toBeLessThanOrEqual(368_640);
      expect(page.records?.[0]?.number).toBe(seen + 1);
      seen += page.records?.length ?? 0;
      next = page.next ?? null;
    }
    expect(seen).toBe(150);
  });
});

describe("what a test can do to a server", () => {
  test("a snapshot brought back is an older server", () => {
    const token = pair();
    vault.putRecord(token, 1, vault.record(1));
    const snapshot = server.snapshot();
    vault.putRecord(token, 2, vault.record(2));
    vault.putBlob(token, Buffer.from("later"));
    server.restore(snapshot);
    const head = vault.ask("GET", `/v1/devices/${vault.device}/head`, null, token);
    expect(head.json.number).toBe(1);
    expect(onlyAccount(server.state).blobs.size).toBe(0);
    vault.putBlob(token, Buffer.from("later"));
    server.restore(snapshot);
    expect(onlyAccount(server.state).blobs.size).toBe(0);
  });

  test("hostile deeds change what is served, and nothing else", () => {
    const token = pair();
    const bytes = Buffer.from("sealed");
    vault.putBlob(token, bytes);
    const record = vault.record(1);
    vault.putRecord(token, 1, record);
    const account = onlyAccount(server.state);
    alterBlob(account, toHex(sha256(bytes)));
    dropRecord(account, vault.device, 1);
    expect(bytes.toString()).toBe("sealed");
    const { token: full = "" } = vault.openSession().json;
    const path = `/v1/blobs/${toHex(sha256(bytes))}`;
    const served = server.handle({ method: "GET", path, bearer: full, range: null, body: null });
    expect(Buffer.from(served.body).toString()).toBe("realed");
    expect(vault.ask("GET", `/v1/devices/${vault.device}/head`, null, token).json.number).toBe(0);
  });
});
