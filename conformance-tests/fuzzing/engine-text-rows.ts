// The engine's decoders of texts: answers of servers, messages of hosts, paths, patterns, words, ids. Rule: a refusal
// names the side that the text came from.

import { readAnswer } from "../../engine/src/border/read-answer.ts";
import { readStep } from "../../engine/src/border/read-step.ts";
import { fromBase64, fromHex, toBase64, toHex } from "../../engine/src/bytes.ts";
import { keyFromWords, wordsFromKey } from "../../engine/src/crypto/words.ts";
import { formatEvidence, parseEvidence } from "../../engine/src/evidence/evidence-text.ts";
import { matchElements, parseElements } from "../../engine/src/exclusion/name-pattern.ts";
import { charactersOf, findRule, parsePatterns } from "../../engine/src/exclusion/patterns.ts";
import { isContext } from "../../engine/src/format/contexts.ts";
import { formatPath, parsePath } from "../../engine/src/format/path.ts";
import { parseLogin } from "../../engine/src/format/vault-object.ts";
import {
  type DeviceId,
  type Digest,
  parseBlobId,
  parseDeviceId,
  parseDigest,
  parseHostDigest,
  parseVaultId,
  type VaultId,
} from "../../engine/src/ids.ts";
import * as answers from "../../engine/src/peer/answers.ts";
import { classify, parseObject } from "../../engine/src/peer/exchange.ts";
import { run } from "../vectors/area.ts";
import { type DecoderRow, row } from "./decoder-row.ts";
import { refusesWith } from "./engine-byte-rows.ts";
import { validTexts } from "./samples.ts";

const PEER = refusesWith("peer-malformed");
const HOST = refusesWith("host-malformed");
const NEVER = (): boolean => false;

const ID = toHex(run(32, 7));
const BYTES = toBase64(run(80));
const RECORDS = [{ number: 1, record: BYTES, receipt: BYTES }];
const HEAD = { number: 3, hash: ID, receipt: BYTES };
const ENVELOPES = [{ number: 1, envelope: BYTES, device: ID }];
const START = {
  token: "a.b-c_d",
  vault: ID,
  vaultObject: BYTES,
  tag: ID,
  roster: BYTES,
  heads: [{ ...HEAD, device: ID }],
  tail: { device: ID, records: RECORDS, next: 1 },
  envelopes: ENVELOPES,
};

/** A reader of a server's answer. */
function answerRow(name: string, body: unknown, decode: (body: string) => unknown, refuses = PEER): DecoderRow {
  const samples = [JSON.stringify(body)];
  return row({ name: `engine/src/peer/answers.ts ${name}`, samples, form: "json", decode, refuses });
}

const ANSWER_ROWS: readonly DecoderRow[] = [
  answerRow("readBody", START, answers.readBody),
  answerRow("readServerKey", { serverKey: toBase64(run(32)) }, answers.readServerKey),
  answerRow(
    "readKdf",
    { memoryKiB: 65_536, passes: 3, lanes: 4, salt16: toBase64(run(16)), serverKey: toBase64(run(32)) },
    answers.readKdf,
    refusesWith("peer-malformed", "peer-kdf-refused"),
  ),
  answerRow("readToken", { token: "a.b-c_d", expiresAt: "2026-11-21T10:00:00Z" }, answers.readToken),
  answerRow("readChallenge", { challenge: toBase64(run(32)) }, answers.readChallenge),
  answerRow("readReceipt", { receipt: BYTES }, answers.readReceipt),
  answerRow("readDeviceHead", { ...HEAD, epoch: 1, damaged: [ID] }, answers.readDeviceHead),
  answerRow("readMissing", { missing: [ID, ID] }, answers.readMissing),
  answerRow(
    "readEnrolment",
    {
      secret: "JBSWY3DPEHPK3PXP",
      uri: "otpauth://totp/Coffre:ada?secret=JBSWY3DPEHPK3PXP",
      recoveryCodes: ["ABCD-EFGH"],
    },
    answers.readEnrolment,
  ),
  answerRow("readServerTime", { time: "2026-11-21T10:15:00.000Z" }, answers.readServerTime),
  answerRow("readAnswers", { answers: [toBase64(run(32)), null] }, (body) => answers.readAnswers(body, 2)),
  answerRow("readRecordPage", { records: RECORDS, next: null }, answers.readRecordPage),
  answerRow("readEnvelopePage", { envelopes: ENVELOPES, next: 2 }, answers.readEnvelopePage),
  answerRow("readStartBundle", START, answers.readStartBundle),
  answerRow("readConflictHead", { head: HEAD }, (body) => answers.readConflictHead(answers.readBody(body))),
  answerRow("readRecordNeeds", { missing: [ID], envelope: true }, (body) =>
    answers.readRecordNeeds(answers.readBody(body)),
  ),
  row({
    name: "engine/src/peer/exchange.ts parseObject",
    samples: [JSON.stringify(START)],
    form: "json",
    decode: parseObject,
    refuses: NEVER,
  }),
  row({
    name: "engine/src/peer/exchange.ts classify",
    samples: [JSON.stringify({ type: "urn:coffre:problem:busy", title: "", status: 503, retryable: true })],
    form: "json",
    decode: (body) => {
      const headers = { "content-type": "application/problem+json", "retry-after": body.slice(0, 8) };
      return classify({ kind: "response", status: 503, headers, body, elapsedMs: 1 });
    },
    refuses: NEVER,
  }),
];

const STEP = {
  now: 1_700_000_000_000,
  entropy: toBase64(run(64)),
  inputs: [
    { kind: "started", role: "backup", ownFolders: ["/a"], software: "x/1" },
    { kind: "answer", effect: 3, answer: { kind: "response", status: 200, headers: {}, body: "{}", elapsedMs: 2 } },
    { kind: "changed", root: "/a", folders: null },
    { kind: "ask", ask: { kind: "backup", mode: "once" } },
  ],
};

const STAT = { sizeBytes: 5, mtimeS: 1, mtimeUs: 2, ctimeS: 3, ctimeUs: 4, mode: 420, identity: "1:2" };
const RESPONSE = { kind: "response", status: 200, headers: { etag: "a" }, body: null, elapsedMs: 2 };
const ANSWERS = {
  scan: {
    kind: "scanned",
    identity: "1:1",
    stat: STAT,
    folders: [
      { path: "", mounted: false, partial: true, entries: [{ ...STAT, name: "a", kind: "file" }], end: true },
      { path: "b", failed: "io" },
      { path: "c", own: true },
    ],
  },
  hash: {
    kind: "hashed",
    files: [
      { kind: "ok", stat: STAT, digests: [ID] },
      { kind: "unreadable", reason: "size" },
    ],
  },
  upload: { ...RESPONSE, sha256: ID, sizeBytes: 7 },
  download: { ...RESPONSE, sizeBytes: 7, sha256Ok: true, parts: [{ kind: "ok", bytes: BYTES }, { kind: "outside" }] },
  open: { kind: "opened", bytes: BYTES },
  "finish-file": { kind: "finished", items: [{ kind: "ok" }, { kind: "refused", reason: "name" }] },
  request: { kind: "no-answer", reason: "tls" },
  derive: { kind: "weak", reason: "too-common" },
} as const;
const ANSWERED = Object.keys(ANSWERS) as (keyof typeof ANSWERS)[];

/** A path that each row of patterns is matched with. */
const NAMES = ["photos", "2026", "été 🌊 [x].tmp", "a"];

const TEXT_ROWS: readonly DecoderRow[] = [
  row({
    name: "engine/src/evidence/evidence-text.ts parseEvidence",
    samples: [
      formatEvidence({
        growth: "higher",
        vault: ID as VaultId,
        servers: [{ url: "https://a.example", login: "ada", key: run(32) }],
        object: run(80),
        roster: null,
        heads: new Map([[ID as DeviceId, { number: 3, hash: ID as Digest }]]),
      }),
    ],
    decode: parseEvidence,
    refuses: HOST,
  }),
  row({
    name: "engine/src/border/read-step.ts readStep",
    samples: [JSON.stringify(STEP)],
    form: "json",
    decode: readStep,
    refuses: HOST,
  }),
  row({
    name: "engine/src/border/read-answer.ts readAnswer",
    samples: [JSON.stringify(ANSWERS)],
    form: "json",
    decode: (text) => {
      const answers = parseObject(text) ?? {};
      return ANSWERED.map((kind) => readAnswer(kind, answers[kind]));
    },
    refuses: HOST,
  }),
  row({
    name: "engine/src/format/path.ts parsePath",
    samples: validTexts("path", "path"),
    decode: parsePath,
    encode: formatPath,
    refuses: HOST,
  }),
  row({
    name: "engine/src/exclusion/patterns.ts parsePatterns",
    samples: ["*.tmp\n!keep.tmp\n/cache/\n\\#a\n**/b/**/c\n[!a-z\\]]?*\n\\ \n[é-🌊]/", "a/**\r\n**"],
    decode: (text) => {
      const patterns = parsePatterns(text.split("\n"));
      return { patterns, rule: findRule(patterns, NAMES, true) };
    },
    refuses: refusesWith("user-pattern-malformed"),
  }),
  row({
    name: "engine/src/exclusion/name-pattern.ts parseElements",
    samples: ["*.tmp", "[!a-z\\]]?*", "\\*[[]a]", "[[:alpha:]-]x\\/y"],
    decode: (text) =>
      parseElements(charactersOf(text))?.map((segment) => matchElements(segment, charactersOf(NAMES[2] ?? ""))),
    refuses: NEVER,
  }),
  row({
    name: "engine/src/crypto/words.ts keyFromWords",
    samples: validTexts("words", "key").map((key) => wordsFromKey(fromHex(key))),
    decode: keyFromWords,
    refuses: NEVER,
  }),
  row({
    name: "engine/src/format/vault-object.ts parseLogin",
    samples: validTexts("login", "login"),
    decode: parseLogin,
    refuses: NEVER,
  }),
  row({
    name: "engine/src/format/contexts.ts isContext",
    samples: validTexts("contexts", "context"),
    decode: isContext,
    refuses: NEVER,
  }),
  row({
    name: "engine/src/bytes.ts fromHex",
    samples: ["", "00ff", ID],
    decode: fromHex,
    encode: toHex,
    refuses: PEER,
  }),
  row({
    name: "engine/src/bytes.ts fromBase64",
    samples: ["", "AA==", "AAA=", "AAAA", BYTES],
    decode: fromBase64,
    encode: toBase64,
    refuses: PEER,
  }),
  ...[parseDigest, parseVaultId, parseDeviceId, parseBlobId].map((decode) =>
    row({ name: `engine/src/ids.ts ${decode.name}`, samples: [ID], decode, encode: (id: string) => id, refuses: PEER }),
  ),
  row({
    name: "engine/src/ids.ts parseHostDigest",
    samples: [ID],
    decode: parseHostDigest,
    encode: (id: string) => id,
    refuses: HOST,
  }),
];

export const ENGINE_TEXT_ROWS: readonly DecoderRow[] = [...ANSWER_ROWS, ...TEXT_ROWS];
