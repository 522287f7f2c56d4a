// The engine's decoders of bytes. Rule: bytes come from servers, vaults and other devices, so a refusal says `peer-`.

import { concatBytes, utf8Decode, utf8Encode } from "../../engine/src/bytes.ts";
import { ed25519Verify } from "../../engine/src/crypto/ed25519.ts";
import { decapsulate, encapsulate, exportRootFrom, exportRootTo } from "../../engine/src/crypto/hpke.ts";
import { CoffreError } from "../../engine/src/errors.ts";
import { decodeCbor, decodeCborPrefix, encodeCbor } from "../../engine/src/format/cbor.ts";
import * as challenge from "../../engine/src/format/challenge.ts";
import { decodeEnvelope, encodeEnvelope } from "../../engine/src/format/envelope.ts";
import { decodeList, encodeList } from "../../engine/src/format/list.ts";
import { decodeReceipt, encodeReceipt } from "../../engine/src/format/receipt.ts";
import { decodeRecordBody, encodeRecordBody, padBody } from "../../engine/src/format/record-body.ts";
import { decodeRecord, encodeRecordHeader } from "../../engine/src/format/record-header.ts";
import { decodeReferenceBlob, encodeReferenceBlob } from "../../engine/src/format/reference-blob.ts";
import * as roster from "../../engine/src/format/roster.ts";
import { decodeSigned, encodeSigned, openSigned, signPayload } from "../../engine/src/format/signed.ts";
import { decodeVaultObject, encodeVaultObject } from "../../engine/src/format/vault-object.ts";
import { digestOf } from "../../engine/src/ids.ts";
import { open } from "../../engine/src/reference/byte-plane.ts";
import { checkRecord } from "../../engine/src/restore/index/record-check.ts";
import { checkVault, readUnverified } from "../../engine/src/vault/opened-vault.ts";
import { run } from "../vectors/area.ts";
import { DEVICE, DEVICE_KEY, DEVICE_SEED, KEYS, SECRET } from "../vectors/example-vault.ts";
import { type DecoderRow, row } from "./decoder-row.ts";
import { fromHexText, validBytes, validInputs, validSigned } from "./samples.ts";

/** Whether an error is the engine's refusal with one of these codes. */
export function refusesWith(...codes: readonly string[]): (error: unknown) => boolean {
  return (error) => error instanceof CoffreError && codes.includes(error.code);
}

const PEER = refusesWith("peer-malformed");
const SIGNED = refusesWith("peer-malformed", "peer-bad-signature");
const FORMAT = "engine/src/format";
const MAX_BODY_CBOR_BYTES = 196_608;

const payloads = (kind: string): readonly Uint8Array[] => validSigned(kind).map((bytes) => decodeSigned(bytes).payload);
const records = validInputs("record").map(({ header, sealedBytes }) =>
  concatBytes(fromHexText(String(header)), new Uint8Array(Number(sealedBytes))),
);
const [enc = new Uint8Array(0)] = validBytes("hpke-import", "enc");
const [opened] = validInputs("open");
const CONTEXT = String(opened?.["context"]);
const [vaultObject = new Uint8Array(0)] = validSigned("vault-object");
const [rosterBytes = new Uint8Array(0)] = validSigned("roster");
const [receipt = new Uint8Array(0)] = validSigned("receipt");
const BUNDLE = {
  token: "t",
  vault: KEYS.vault,
  vaultObject,
  tag: digestOf(new Uint8Array(32)),
  roster: rosterBytes,
  heads: [],
  tail: null,
  envelopes: [],
};

const STRUCTURE_ROWS: readonly DecoderRow[] = [
  row({
    name: `${FORMAT}/cbor.ts decodeCbor`,
    samples: validBytes("cbor", "cbor"),
    form: "cbor",
    decode: decodeCbor,
    encode: encodeCbor,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/cbor.ts decodeCborPrefix`,
    samples: records,
    form: "cbor",
    decode: decodeCborPrefix,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/challenge.ts decodeChallenge`,
    samples: payloads("challenge"),
    form: "cbor",
    decode: challenge.decodeChallenge,
    encode: challenge.encodeChallenge,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/challenge.ts decodeSecondFactor`,
    samples: payloads("second-factor"),
    form: "cbor",
    decode: challenge.decodeSecondFactor,
    encode: challenge.encodeSecondFactor,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/envelope.ts decodeEnvelope`,
    samples: payloads("epoch"),
    form: "cbor",
    decode: decodeEnvelope,
    encode: encodeEnvelope,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/list.ts decodeList`,
    samples: validBytes("list", "cbor"),
    form: "cbor",
    decode: decodeList,
    encode: encodeList,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/receipt.ts decodeReceipt`,
    samples: payloads("receipt"),
    form: "cbor",
    decode: decodeReceipt,
    encode: encodeReceipt,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/record-body.ts decodeRecordBody`,
    samples: validBytes("record-body", "cbor"),
    form: "cbor",
    dress: (cbor) => (cbor.length > MAX_BODY_CBOR_BYTES ? null : padBody(cbor)),
    decode: decodeRecordBody,
    encode: (body) => padBody(encodeRecordBody(body)),
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/record-header.ts decodeRecord`,
    samples: records,
    form: "cbor",
    decode: decodeRecord,
    encode: ({ header, sealedBody }) => concatBytes(encodeRecordHeader(header), sealedBody),
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/reference-blob.ts decodeReferenceBlob`,
    samples: validBytes("reference-blob", "bytes"),
    decode: decodeReferenceBlob,
    encode: encodeReferenceBlob,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/roster.ts decodeCertificate`,
    samples: payloads("certificate"),
    form: "cbor",
    decode: roster.decodeCertificate,
    encode: roster.encodeCertificate,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/roster.ts decodeRoster`,
    samples: payloads("roster"),
    form: "cbor",
    decode: roster.decodeRoster,
    encode: roster.encodeRoster,
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/roster.ts unpadName`,
    samples: [
      roster.padName("phone"),
      roster.padName("téléphone 🌊".repeat(4)),
      roster.padName("x".repeat(64)),
    ].flatMap((name) => (name === null ? [] : [name])),
    decode: roster.unpadName,
    encode: (name) => roster.padName(name) ?? new Uint8Array(0),
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/signed.ts decodeSigned`,
    samples: [...validSigned("receipt"), ...validSigned("roster")],
    form: "cbor",
    decode: decodeSigned,
    encode: ({ payload, signature }) => encodeSigned(payload, signature),
    refuses: PEER,
  }),
  row({
    name: `${FORMAT}/signed.ts openSigned`,
    samples: validSigned("challenge"),
    form: "cbor",
    decode: (bytes) => openSigned("challenge", bytes, DEVICE_KEY),
    encode: (payload) => signPayload("challenge", payload, DEVICE_SEED),
    refuses: SIGNED,
  }),
  row({
    name: `${FORMAT}/vault-object.ts decodeVaultObject`,
    samples: payloads("vault-object"),
    form: "cbor",
    decode: decodeVaultObject,
    encode: encodeVaultObject,
    refuses: refusesWith("peer-malformed", "peer-kdf-refused"),
  }),
];

const DEEPER_ROWS: readonly DecoderRow[] = [
  row({
    name: "engine/src/vault/opened-vault.ts readUnverified",
    samples: payloads("vault-object"),
    form: "cbor",
    decode: (payload) => readUnverified({ ...BUNDLE, vaultObject: encodeSigned(payload, new Uint8Array(64)) }),
    refuses: refusesWith("peer-vault-not-authentic"),
  }),
  row({
    name: "engine/src/vault/opened-vault.ts checkVault",
    samples: payloads("roster"),
    form: "cbor",
    decode: (payload) => {
      const signed = signPayload("roster", payload, KEYS.signingSeed);
      const bundle = { ...BUNDLE, tag: digestOf(fromHexText(TAG)), roster: signed };
      return checkVault(bundle, "ada@example.org", SECRET);
    },
    refuses: refusesWith("peer-roster-not-authentic"),
  }),
  row({
    name: "engine/src/restore/index/record-check.ts checkRecord",
    samples: records,
    form: "cbor",
    decode: (record) => {
      const position = { vault: KEYS.vault, device: DEVICE, number: 0, hash: null };
      return checkRecord({ number: 1, record, receipt }, position, DEVICE_KEY, null, false, () => true);
    },
    refuses: () => false,
  }),
  row({
    name: "engine/src/crypto/hpke.ts decapsulate",
    samples: [enc],
    decode: (bytes) => decapsulate(KEYS.kemSeed, bytes),
    refuses: PEER,
  }),
  row({
    name: "engine/src/crypto/hpke.ts exportRootFrom",
    samples: [enc],
    decode: (bytes) => exportRootFrom(KEYS.kemSeed, bytes, CONTEXT),
    refuses: PEER,
  }),
  row({
    name: "engine/src/crypto/hpke.ts encapsulate",
    samples: [KEYS.kemKey],
    decode: (key) => encapsulate(key, run(64, 5)),
    refuses: PEER,
  }),
  row({
    name: "engine/src/crypto/hpke.ts exportRootTo",
    samples: [KEYS.kemKey],
    decode: (key) => exportRootTo(key, CONTEXT, run(64, 5)),
    refuses: PEER,
  }),
  row({
    name: "engine/src/crypto/ed25519.ts ed25519Verify",
    samples: validSigned("challenge").map((bytes) => concatBytes(DEVICE_KEY, decodeSigned(bytes).signature)),
    decode: (bytes) => ed25519Verify(bytes.subarray(0, 32), run(10), bytes.subarray(32)),
    refuses: () => false,
  }),
  row({
    name: "engine/src/reference/byte-plane.ts open",
    samples: [fromHexText(String(opened?.["sealed"]))],
    decode: (sealed) => open(fromHexText(String(opened?.["root"])), CONTEXT, sealed),
    refuses: () => false,
  }),
  row({
    name: "engine/src/bytes.ts utf8Decode",
    samples: ["", "plain", "é漢🌊", "𝔘".repeat(40)].map(utf8Encode),
    decode: utf8Decode,
    encode: utf8Encode,
    refuses: () => false,
  }),
  row({
    name: "engine/src/ids.ts digestOf",
    samples: [run(32)],
    decode: digestOf,
    encode: fromHexText,
    refuses: PEER,
  }),
];

/** SHA-256 of the example's vault object, as its vector says. */
const TAG = Buffer.from(await crypto.subtle.digest("SHA-256", vaultObject.slice())).toString("hex");

export const ENGINE_BYTE_ROWS: readonly DecoderRow[] = [...STRUCTURE_ROWS, ...DEEPER_ROWS];
