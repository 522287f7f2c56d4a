// The server's decoders. Rule: bytes and texts come from clients, so a refusal is `malformed`; the journal's own objects
// are damaged, or a newer version's.

import { encodeCbor } from "../../engine/src/format/cbor.ts";
import { type SignedKind, signPayload, decodeSigned as splitSigned } from "../../engine/src/format/signed.ts";
import { parseAddress, parseSize } from "../../server/src/commands/options.ts";
import { parseBytes } from "../../server/src/commands/sizes.ts";
import { parseBaseBody } from "../../server/src/domain/base-body.ts";
import { decodeItem, decodePrefix, encodeItem } from "../../server/src/domain/cbor.ts";
import {
  type AccountChange,
  DamagedObject,
  decodeChange,
  encodeChange,
  UnknownChange,
} from "../../server/src/domain/changes.ts";
import * as structures from "../../server/src/domain/device-structures.ts";
import {
  formatBase64,
  hashBytes,
  idBytes,
  parseBase64,
  parseId,
  parseLogin,
} from "../../server/src/domain/encodings.ts";
import { readLeniently } from "../../server/src/domain/lenient-cbor.ts";
import { Refusal } from "../../server/src/domain/refusal.ts";
import { parseRoster } from "../../server/src/domain/roster.ts";
import { decodeSigned, isSignedBy, openSigned } from "../../server/src/domain/signed-bytes.ts";
import { parseVaultObject } from "../../server/src/domain/vault-object.ts";
import { readNumber } from "../../server/src/routes/logs.ts";
import { hex, run } from "../vectors/area.ts";
import { DEVICE, DEVICE_KEY, DEVICE_SEED, digest, KEYS } from "../vectors/example-vault.ts";
import { type DecoderRow, row } from "./decoder-row.ts";
import { validBytes, validSigned } from "./samples.ts";

const DOMAIN = "server/src/domain";
const VAULT = parseId(KEYS.vault);
const OWN = parseId(DEVICE);

const MALFORMED = (error: unknown): boolean => error instanceof Refusal && error.code === "malformed";
const JOURNAL = (error: unknown): boolean => error instanceof DamagedObject || error instanceof UnknownChange;
const NEVER = (): boolean => false;
const ARGUMENT = (error: unknown): boolean => error instanceof Error && error.name === "InvalidArgumentError";

/** Samples are payloads; what is mutated is signed anew, so that a mutation comes further than the signature. */
function signedRow(
  name: string,
  kind: SignedKind,
  seed: Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): DecoderRow {
  const samples = validSigned(kind).map((bytes) => splitSigned(bytes).payload);
  const dress = (payload: Uint8Array): Uint8Array => signPayload(kind, payload, seed);
  return row({ name: `${DOMAIN}/${name}`, samples, form: "cbor", dress, decode, refuses: MALFORMED });
}

const HEADER = [1, 0, idBytes(VAULT), idBytes(OWN), 1, new Uint8Array(32), 1, run(32), run(16)];
const RECORDS = [
  [[], []],
  [[run(32, 1), run(32, 2)], []],
  [[], [run(32, 3)]],
].map(([blobs = [], references = []]) =>
  Uint8Array.from([...encodeCbor([...HEADER, blobs, references, null]), ...run(4_124)]),
);

/** A base whose header is mutated: its statement is signed over what came out. */
function baseBody(base: Uint8Array): Uint8Array {
  const statement = signPayload("base", encodeCbor([1, idBytes(VAULT), 1, hashBytes(base)]), KEYS.signingSeed);
  return encodeCbor([statement, base]);
}

const CHANGES: readonly AccountChange[] = [
  { kind: "account", vaultObject: run(9), roster: run(9), invitation: parseId(digest(3)), timeMs: 5 },
  { kind: "vault-object", vaultObject: run(9), timeMs: 1 },
  { kind: "roster", roster: run(9) },
  { kind: "epoch", device: OWN, number: 1, envelope: run(9) },
  { kind: "record", device: OWN, number: 1, record: run(9), receipt: run(9), timeMs: 2 },
  { kind: "base", number: 1, body: run(9) },
  { kind: "second-factor", secret: "ABCD", codes: [parseId(digest(1))] },
  { kind: "recovery-code", code: parseId(digest(1)) },
  { kind: "terms", isDisabled: true, quotaBytes: 5 },
  { kind: "empty", reason: "claimed" },
  { kind: "removed", reason: "replaced", hash: parseId(digest(2)) },
];

const BYTE_ROWS: readonly DecoderRow[] = [
  row({
    name: `${DOMAIN}/cbor.ts decodeItem`,
    samples: validBytes("cbor", "cbor"),
    form: "cbor",
    decode: decodeItem,
    encode: encodeItem,
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/cbor.ts decodePrefix`,
    samples: RECORDS,
    form: "cbor",
    decode: decodePrefix,
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/device-structures.ts parseRecord`,
    samples: RECORDS,
    form: "cbor",
    decode: (bytes) => structures.parseRecord(bytes, VAULT, OWN, 1),
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/device-structures.ts parseNamedBlobs`,
    samples: [encodeCbor([[run(32)], []]), encodeCbor([[], [run(32)]])],
    form: "cbor",
    decode: (bytes) => {
      const item = decodeItem(bytes);
      return Array.isArray(item) ? structures.parseNamedBlobs(item[0], item[1]) : null;
    },
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/device-structures.ts cutReferenceBlob`,
    samples: validBytes("reference-blob", "bytes"),
    decode: (bytes) => [...structures.cutReferenceBlob(bytes, 3)].flat(),
    encode: (ids) => Uint8Array.from(Buffer.from(ids.join(""), "hex")),
    refuses: MALFORMED,
  }),
  signedRow("device-structures.ts parseEnvelope", "epoch", DEVICE_SEED, (bytes) =>
    structures.parseEnvelope(bytes, VAULT, OWN, 1, DEVICE_KEY),
  ),
  signedRow("device-structures.ts parseChallengeAnswer", "challenge", DEVICE_SEED, (bytes) =>
    structures.parseChallengeAnswer(bytes, VAULT, OWN, DEVICE_KEY),
  ),
  signedRow("vault-object.ts parseVaultObject", "vault-object", KEYS.signingSeed, parseVaultObject),
  signedRow("roster.ts parseRoster", "roster", KEYS.signingSeed, (bytes) => parseRoster(bytes, VAULT, KEYS.signingKey)),
  row({
    name: `${DOMAIN}/base-body.ts parseBaseBody`,
    samples: [[[run(32)], []] as const, [[], [run(32)]] as const].map(([blobs, references]) =>
      encodeCbor([1, 1, idBytes(VAULT), 1, run(1_120), blobs, references]),
    ),
    form: "cbor",
    dress: baseBody,
    decode: (bytes) => parseBaseBody(bytes, VAULT, 1, KEYS.signingKey),
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/signed-bytes.ts decodeSigned`,
    samples: validSigned("challenge"),
    form: "cbor",
    decode: decodeSigned,
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/signed-bytes.ts openSigned`,
    samples: validSigned("challenge"),
    form: "cbor",
    decode: (bytes) => openSigned(bytes, "challenge", DEVICE_KEY),
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/signed-bytes.ts isSignedBy`,
    samples: [run(64)],
    decode: (bytes) => isSignedBy({ payload: run(5), signature: bytes }, "epoch", bytes),
    refuses: NEVER,
  }),
  row({
    name: `${DOMAIN}/changes.ts decodeChange`,
    samples: CHANGES.map((change) => splitJournal(encodeChange(VAULT, 7, change, run(16)))),
    form: "cbor",
    dress: (content) => encodeItem([content, hashBytes(content)]),
    decode: (bytes) => decodeChange(bytes, VAULT, 7),
    refuses: JOURNAL,
  }),
  row({
    name: `${DOMAIN}/lenient-cbor.ts readLeniently`,
    samples: CHANGES.map((change) => encodeChange(VAULT, 7, change, run(16))),
    form: "cbor",
    decode: readLeniently,
    refuses: NEVER,
  }),
];

/** The first of the two items of a journal object: what its hash is over. */
function splitJournal(object: Uint8Array): Uint8Array {
  const item = decodeItem(object);
  const content = Array.isArray(item) ? item[0] : null;
  if (!(content instanceof Uint8Array)) throw new Error("a journal object holds its content as bytes");
  return content;
}

const TEXT_ROWS: readonly DecoderRow[] = [
  row({
    name: `${DOMAIN}/encodings.ts parseId`,
    samples: [hex(run(32))],
    decode: parseId,
    encode: (id) => id,
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/encodings.ts parseLogin`,
    samples: ["ada@example.org", "a.b"],
    decode: parseLogin,
    encode: (login) => login,
    refuses: MALFORMED,
  }),
  row({
    name: `${DOMAIN}/encodings.ts parseBase64`,
    samples: ["", "AA==", "AAA=", "AAAA"],
    decode: (text) => parseBase64(text),
    encode: formatBase64,
    refuses: MALFORMED,
  }),
  row({ name: "server/src/routes/logs.ts readNumber", samples: ["1", "17"], decode: readNumber, refuses: MALFORMED }),
  row({
    name: "server/src/commands/options.ts parseAddress",
    samples: ["127.0.0.1:8484", "[::1]:0", "localhost:65535"],
    decode: parseAddress,
    refuses: ARGUMENT,
  }),
  row({
    name: "server/src/commands/sizes.ts parseBytes",
    samples: ["0", "500G", "1000", "9007199254740991", "2M"],
    decode: parseBytes,
    refuses: NEVER,
  }),
  row({
    name: "server/src/commands/options.ts parseSize",
    samples: ["500G", "1", "12K", "2T"],
    decode: parseSize,
    refuses: ARGUMENT,
  }),
];

export const SERVER_ROWS: readonly DecoderRow[] = [...BYTE_ROWS, ...TEXT_ROWS];
