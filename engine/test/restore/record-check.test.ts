import { describe, expect, test } from "vitest";
import { ed25519PublicKey } from "../../src/crypto/ed25519.ts";
import { encodeReceipt } from "../../src/format/receipt.ts";
import { encodeRecordHeader, type RecordHeader, recordHash } from "../../src/format/record-header.ts";
import { signPayload } from "../../src/format/signed.ts";
import type { DeviceId, Digest, VaultId } from "../../src/ids.ts";
import { ZERO_DIGEST } from "../../src/ids.ts";
import type { LoggedRecord } from "../../src/peer/answers.ts";
import { orderPage } from "../../src/restore/index/page-order.ts";
import { checkRecord } from "../../src/restore/index/record-check.ts";

const VAULT = "aa".repeat(32) as VaultId;
const DEVICE = "bb".repeat(32) as DeviceId;
const OTHER = "cc".repeat(32) as DeviceId;
const SEED = new Uint8Array(32).fill(7);
const SERVER_KEY = ed25519PublicKey(SEED);

/** A record and its receipt as a server lists them. */
function makeRecord(number: number, choice: Partial<RecordHeader> = {}, seed = SEED): LoggedRecord {
  const header: RecordHeader = {
    ...{ vault: VAULT, device: DEVICE, number, epoch: 1, envelopeHash: "ee".repeat(32) as Digest },
    previousHash: number === 1 ? ZERO_DIGEST : ("11".repeat(32) as Digest),
    ...{ startId: "0".repeat(32), blobs: [], referenceBlobs: [], checkpoint: null, ...choice },
  };
  const record = Uint8Array.from([...encodeRecordHeader(header), ...new Uint8Array(4_096 + 28)]);
  const { vault, device } = header;
  const receipt = encodeReceipt({
    ...{ vault, device, number: header.number, recordHash: recordHash(record) },
    ...{ durability: "flushed", timeMs: 1_000 },
  });
  return { number, record, receipt: signPayload("receipt", receipt, seed) };
}

function check(logged: LoggedRecord, choice: { hash?: Digest; lastNumber?: number; lastHash?: Digest } = {}) {
  const { hash = "11".repeat(32) as Digest, lastNumber } = choice;
  const position = {
    vault: VAULT,
    device: DEVICE,
    number: logged.number - 1,
    hash: logged.number === 1 ? ZERO_DIGEST : hash,
  };
  const lastHash = choice.lastHash ?? ZERO_DIGEST;
  const revocation = lastNumber === undefined ? null : { device: DEVICE, lastNumber, lastHash };
  return checkRecord(
    logged,
    position,
    SERVER_KEY,
    revocation,
    false,
    (device) => device === DEVICE || device === OTHER,
  );
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[at] = (flipped[at] as number) ^ 1;
  return flipped;
}

describe("a record", () => {
  test("that fits its place, its receipt and its chain has nothing wrong, and its receipt's time", () => {
    expect(check(makeRecord(5))).toMatchObject({ kind: "readable", damage: null, receiptFits: true, timeMs: 1_000 });
  });

  test("whose body was altered can be read no further than its receipt says it is another", () => {
    const logged = makeRecord(5);
    const altered = { ...logged, record: flip(logged.record, logged.record.length - 1) };
    expect(check(altered)).toMatchObject({ kind: "readable", receiptFits: false, timeMs: null });
  });

  test("whose header is none any more was altered, and the chain can be followed past it", () => {
    const logged = makeRecord(5);
    const altered = { ...logged, record: flip(logged.record, 0) };
    expect(check(altered)).toEqual({ kind: "unreadable", code: "record-altered", hash: recordHash(logged.record) });
  });

  test("that a receipt vouches for and that is none is malformed", () => {
    const { number } = makeRecord(5);
    const record = Uint8Array.of(1, 2, 3);
    const payload = { vault: VAULT, device: DEVICE, number, recordHash: recordHash(record), timeMs: 1 };
    const receipt = signPayload("receipt", encodeReceipt({ ...payload, durability: "flushed" }), SEED);
    expect(check({ number, record, receipt })).toMatchObject({ code: "record-malformed" });
  });

  test.each([
    ["number", { ...makeRecord(6), number: 5 }],
    ["device", makeRecord(5, { device: OTHER })],
  ])("of another %s was swapped", (_, logged) => {
    expect(check(logged)).toMatchObject({ kind: "unreadable", code: "record-swapped" });
  });

  test("with another's receipt, or one of another server, is named for its receipt", () => {
    const fake = makeRecord(5, {}, new Uint8Array(32).fill(8));
    expect(check(fake)).toMatchObject({ damage: "receipt-not-authentic", timeMs: null });
    expect(check({ ...makeRecord(5), receipt: makeRecord(4).receipt })).toMatchObject({
      damage: "receipt-not-authentic",
    });
  });

  test("that was written behind another record than the one before it was swapped, and can be read", () => {
    expect(check(makeRecord(5), { hash: "22".repeat(32) as Digest })).toMatchObject({
      ...{ kind: "readable", damage: "record-swapped" },
    });
  });

  test.each([
    [4, null, "unreadable"],
    [5, "own", "readable"],
    [5, "other", "unreadable"],
    [6, null, "readable"],
  ])("of a device that was revoked at record %i with %s hash is %s", (lastNumber, which, kind) => {
    const logged = makeRecord(5);
    const lastHash = which === "own" ? recordHash(logged.record) : ZERO_DIGEST;
    const checked = check(logged, { lastNumber, lastHash });
    expect(checked.kind).toBe(kind);
    if (checked.kind === "unreadable") expect(checked.code).toBe("record-after-revocation");
  });
});

describe("a page", () => {
  const numbersOf = (records: readonly LoggedRecord[]) =>
    orderPage(records, DEVICE).map(({ logged, listed, isDisplaced }) => [logged.number, listed, isDisplaced]);

  test("is read in the order that its records name themselves", () => {
    const swapped = [makeRecord(1), { ...makeRecord(3), number: 2 }, { ...makeRecord(2), number: 3 }];
    expect(numbersOf(swapped)).toEqual([
      [1, 1, false],
      [2, 3, true],
      [3, 2, false],
    ]);
  });

  test("is read as listed where a record does not agree with its receipt", () => {
    const altered = { ...makeRecord(3), record: makeRecord(9).record, number: 2 };
    expect(numbersOf([makeRecord(1), altered])).toEqual([
      [1, 1, false],
      [2, 2, false],
    ]);
  });
});
