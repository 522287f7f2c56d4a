// A server that returns something else than it was given (docs/format.md F-92). Rule: each deed is named for what it is,
// and whatever else the vault holds comes back.

import { describe, expect, test } from "vitest";
import { seededContent } from "../scripted-host/file-content.ts";
import {
  alterBlob,
  alterEnvelope,
  alterReceipt,
  alterRecord,
  alterRoster,
  alterVaultObject,
  damageBlob,
  dropBlob,
  dropEnvelope,
  dropRecord,
  replayRecord,
  swapBlobs,
  swapRecords,
  truncateBlob,
  withholdRecords,
} from "../scripted-host/hostile-server.ts";
import { htmlResponse } from "../scripted-host/http-exchange.ts";
import { codesOf, damagesOf, LOGIN, openVault, restore, SERVER, Stage, textAt } from "./restore-stage.ts";

/** A vault of four files, each in a record of its own; gives the record of each. */
function fourRecords(): { stage: Stage; records: number[] } {
  const stage = new Stage();
  const records = ["a", "b", "c", "d"].map((name) => stage.backUp({ [name]: `content of ${name}` }).at(-1) as number);
  return { stage, records };
}

/** What comes back of the four files after a deed. */
function restoreAfter(deed: (stage: Stage, records: readonly number[]) => void) {
  const { stage, records } = fourRecords();
  deed(stage, records);
  const reader = stage.reader();
  const result = restore(reader);
  const files = ["a", "b", "c", "d"].filter((name) => textAt(reader, `/target/all/${name}`) === `content of ${name}`);
  return { result, files: files.join(""), codes: codesOf(reader), records, reader };
}

describe("a record that the server", () => {
  test("left as it was comes back with all others, and nothing is named", () => {
    expect(restoreAfter(() => {})).toMatchObject({ files: "abcd", codes: [], result: { outcome: "ok" } });
  });

  test.each([
    ["in its body", -1],
    ["in its header's fields", 40],
  ])("altered %s is named, and the others come back", (_, offset) => {
    const { result, files, codes, records, reader } = restoreAfter((stage, [, b]) =>
      alterRecord(stage.account, stage.device, b as number, offset),
    );
    expect({ files, codes }).toEqual({ files: "acd", codes: ["record-altered"] });
    expect(damagesOf(reader)).toEqual([{ code: "record-altered", device: "phone", record: records[1] }]);
    expect(result).toMatchObject({ outcome: "waiting", code: "peer-damaged", filesRestored: 3 });
  });

  test("swapped with another is named, and all of them come back", () => {
    const { files, codes } = restoreAfter((stage, [, b, c]) =>
      swapRecords(stage.account, stage.device, b as number, c as number),
    );
    expect({ files, codes }).toEqual({ files: "abcd", codes: ["record-swapped"] });
  });

  test("replayed in the place of a later one is named, and the others come back", () => {
    const { files, codes } = restoreAfter((stage, [a, , c]) =>
      replayRecord(stage.account, stage.device, a as number, c as number),
    );
    expect({ files, codes }).toEqual({ files: "abd", codes: ["record-replayed"] });
  });

  test("left out is named, and the others come back although the server counts them anew", () => {
    const { files, records, reader } = restoreAfter((stage, [, b]) =>
      dropRecord(stage.account, stage.device, b as number),
    );
    expect(files).toBe("acd");
    expect(damagesOf(reader)).toEqual([{ code: "record-missing", device: "phone", record: records[1] }]);
  });

  test("hides behind an older head is not missed, and what was seen before stays restorable", () => {
    const { stage, records } = fourRecords();
    const reader = stage.reader();
    expect(restore(reader)).toMatchObject({ outcome: "ok", filesRestored: 4 });
    withholdRecords(stage.account, stage.device, records[1] as number);
    reader.start();
    openVault(reader);
    expect(restore(reader, { target: "/again" })).toMatchObject({ outcome: "waiting", filesRestored: 4 });
    expect(codesOf(reader)).toEqual(["record-withheld"]);
  });

  test("gives with a receipt that does not hold is named, and its files come back all the same", () => {
    const { files, codes, result } = restoreAfter((stage, [, b]) =>
      alterReceipt(stage.account, stage.device, b as number),
    );
    expect({ files, codes }).toEqual({ files: "abcd", codes: ["receipt-not-authentic"] });
    expect(result).toMatchObject({ outcome: "waiting" });
  });
});

describe("an envelope that the server", () => {
  test("altered is named with the records that need it", () => {
    const { codes, result } = restoreAfter((stage) => alterEnvelope(stage.account, stage.device, 1));
    expect(codes).toEqual(["envelope-not-authentic"]);
    expect(result).toMatchObject({ outcome: "waiting" });
  });

  test("left out is named with the records that need it", () => {
    const { codes, result } = restoreAfter((stage) => dropEnvelope(stage.account, stage.device, 1));
    expect(codes).toEqual(["envelope-missing"]);
    expect(result).toMatchObject({ outcome: "waiting" });
  });
});

describe("a blob that the server", () => {
  /** The blobs of the record that holds file b. */
  const blobsOf = (stage: Stage, record: number) => stage.log.records[record - 1]?.blobs as readonly string[];
  const blobOfB = (stage: Stage, records: readonly number[]) => blobsOf(stage, records[1] as number)[0] as string;

  test.each([
    ["altered", "blob-altered", (stage: Stage, id: string) => alterBlob(stage.account, id, 20)],
    ["cut short", "blob-truncated", (stage: Stage, id: string) => truncateBlob(stage.account, id, 20)],
    ["left out", "blob-missing", (stage: Stage, id: string) => dropBlob(stage.account, id)],
  ])("%s is named, and other blobs' files come back", (_, code, deed) => {
    const { files, result, reader } = restoreAfter((stage, records) => deed(stage, blobOfB(stage, records)));
    expect(files).toBe("acd");
    expect(damagesOf(reader)).toEqual([{ code, device: "phone", root: "all", path: "b" }]);
    expect(result).toMatchObject({ outcome: "waiting", filesRestored: 3, filesFailed: 1 });
  });

  test("swapped with another is named for both, and nothing of them is taken for something else", () => {
    const { files, codes } = restoreAfter((stage, records) =>
      swapBlobs(stage.account, blobOfB(stage, records), blobsOf(stage, records[2] as number)[0] as string),
    );
    expect({ files, codes }).toEqual({ files: "ad", codes: ["blob-altered"] });
  });

  test("altered in one of many parts costs only the files of that part", () => {
    const stage = new Stage();
    const names = Array.from({ length: 20 }, (_, index) => `file-${String(index).padStart(2, "0")}`);
    const [record] = stage.backUp(Object.fromEntries(names.map((name, seed) => [name, seededContent(seed, 3_000)])));
    const blob = stage.log.records[(record as number) - 1]?.blobs[0] as string;
    alterBlob(stage.account, blob, 40);
    const reader = stage.reader();
    expect(restore(reader)).toMatchObject({ outcome: "waiting", filesRestored: 19, filesFailed: 1 });
    expect(codesOf(reader)).toEqual(["blob-altered"]);
    // Once the server knows, it gives what is left in ranges alone.
    damageBlob(stage.account, blob);
    const later = stage.reader();
    expect(restore(later)).toMatchObject({ outcome: "waiting", filesRestored: 19, filesFailed: 1 });
    expect(codesOf(later)).toEqual(["blob-altered"]);
  });

  test.each([0, 40])("never gives without an error is given up, and %i others come back", (others) => {
    const { stage, records } = fourRecords();
    for (let number = 0; number < others; number++) stage.backUp({ [`${number}`]: seededContent(number, 900_000) });
    const bad = blobOfB(stage, records);
    stage.world.server.refuse = ({ path }) => (path.includes(bad) ? { code: "internal" } : null);
    const reader = stage.reader();
    const result = restore(reader);
    expect(codesOf(reader)).toEqual(["blob-unreachable"]);
    expect(result).toMatchObject({ outcome: "waiting", filesRestored: 3 + others, filesFailed: 1 });
  });
});

describe("a vault whose server", () => {
  const open = (deed: (stage: Stage) => void) => {
    const { stage } = fourRecords();
    const reader = stage.reader();
    deed(stage);
    reader.start();
    return reader.drive({ kind: "open-vault", server: SERVER, login: LOGIN });
  };

  test("altered the vault object is not opened", () => {
    expect(open((stage) => alterVaultObject(stage.account))).toMatchObject({ code: "peer-vault-not-authentic" });
  });

  test("altered the roster is not opened", () => {
    expect(open((stage) => alterRoster(stage.account))).toMatchObject({ code: "peer-roster-not-authentic" });
  });

  test("answers with HTML is no Coffre", () => {
    const { stage } = fourRecords();
    const reader = stage.reader();
    reader.ground.link.faultOf = () => ({ kind: "answer", response: htmlResponse(200) });
    expect(openVault(reader)).toMatchObject({ outcome: "failed", code: "peer-not-coffre" });
  });
});
