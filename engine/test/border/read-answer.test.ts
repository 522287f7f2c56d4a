// Answers of hosts, when they do not fit: the host is at fault, and no other.

import { describe, expect, test } from "vitest";
import type { AnsweredKind } from "../../src/border/answers.ts";
import { readAnswer } from "../../src/border/read-answer.ts";
import { fromBase64, toBase64 } from "../../src/bytes.ts";
import { CoffreError } from "../../src/errors.ts";

const STAT = { sizeBytes: 5, mtimeS: 1, mtimeUs: 2, identity: "1:2" };
const RESPONSE = { kind: "response", status: 201, headers: {}, body: null, elapsedMs: 3 };
const ID = "ab".repeat(32);

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof CoffreError ? error.code : String(error);
  }
}

describe("readAnswer", () => {
  test.each<[string, AnsweredKind, unknown]>([
    ["an answer of another effect", "hash", { kind: "scanned" }],
    ["a kind that every object has", "wake", { kind: "toString" }],
    ["no object", "wake", null],
    ["a failure of its own making", "seal", { kind: "failed", reason: "host-tired" }],
    ["a folder that fails for no known reason", "scan", scanned([{ path: "", failed: "mood" }])],
    ["entries that are no list", "scan", scanned([{ path: "", entries: {}, end: true }])],
    ["a digest of 63 digits", "hash", hashed({ kind: "ok", stat: STAT, digests: [ID.slice(1)] })],
    ["a stat without identity", "hash", hashed({ kind: "ok", stat: { ...STAT, identity: undefined }, digests: [] })],
    ["a size that is text", "hash", hashed({ kind: "ok", stat: { ...STAT, sizeBytes: "5" }, digests: [] })],
    ["an upload without its SHA-256", "upload", { ...RESPONSE, sizeBytes: 4 }],
    ["a part by a negative index", "upload", { kind: "part-failed", parts: [{ part: -1, reason: "changed" }] }],
    ["opened bytes that are no base64", "open", { kind: "opened", bytes: "A" }],
    ["a downloaded part of unknown kind", "download", downloaded({ kind: "fine" })],
    ["a header that is a number", "request", { ...RESPONSE, headers: { "retry-after": 3 } }],
  ])("says that the host is at fault for %s", (_what, kind, answer) => {
    expect(codeOf(() => readAnswer(kind, answer))).toBe("host-malformed");
  });

  test.each<[string, AnsweredKind, unknown]>([
    ["fields of a later version", "wake", { kind: "woken", late: true }],
    ["a cancelled effect", "upload", { kind: "cancelled" }],
    ["an entry that says anything", "scan", scanned([{ path: "", entries: [{ name: 5 }, null], end: false }])],
    ["a size that no double holds", "hash", hashed({ kind: "ok", stat: { ...STAT, sizeBytes: 1.8e19 }, digests: [] })],
    ["a folder of Coffre's own", "scan", scanned([{ path: "a", own: true }])],
  ])("takes %s", (_what, kind, answer) => {
    expect(codeOf(() => readAnswer(kind, answer))).toBe(null);
  });

  test.each(["", "AA==", "AAA=", "AAAA", "AB==", "AAB=", "A===", "AA=", "A", "A-AA", "AA==AAAA", "====", " AAA"])(
    "takes %j as bytes when the engine can decode it, and then alone",
    (bytes) => {
      const isRead = codeOf(() => readAnswer("seal", { kind: "sealed", bytes })) === null;
      expect(isRead).toBe(codeOf(() => toBase64(fromBase64(bytes))) === null);
    },
  );
});

function scanned(folders: unknown): unknown {
  return { kind: "scanned", identity: "1:1", stat: STAT, folders };
}

function hashed(file: unknown): unknown {
  return { kind: "hashed", files: [file] };
}

function downloaded(part: unknown): unknown {
  return { ...RESPONSE, sizeBytes: 1, sha256Ok: null, parts: [part] };
}
