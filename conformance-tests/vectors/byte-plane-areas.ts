// Vectors of the byte plane: what every host computes natively (docs/format.md 2 and 3; docs/host-api.md).

import { createCipheriv } from "node:crypto";
import { expand, sha256 } from "../../engine/src/crypto/hash.ts";
import { argonSalt, INFO } from "../../engine/src/crypto/vault-keys.ts";
import { encodeList } from "../../engine/src/format/list.ts";
import { parseBlobId, parseDeviceId, storedId } from "../../engine/src/ids.ts";
import { argon2id, derive, keyedDigest, open, openContent, seal } from "../../engine/src/reference/byte-plane.ts";
import { COMMON_PASSPHRASES, passphraseWeakness } from "../../engine/src/reference/passphrase-rule.ts";
import { type Area, bytes, type Case, hex, integer, run, text } from "./area.ts";

const ROOT = hex(run(32));
const ID = "0123456789abcdef".repeat(4);
const OTHER_ID = "fedcba9876543210".repeat(4);
const CHUNK = `coffre/1/chunk/${ID}`;
const SIZES = [0, 1, 15, 16, 17, 31, 32, 33, 4_095, 4_096, 4_097];

function sealCases(): Case[] {
  const sizes = SIZES.map((size) => ({
    comment: `${size} bytes`,
    input: { root: ROOT, context: CHUNK, bytes: hex(run(size)) },
  }));
  const contexts = [
    `coffre/1/list/${ID}`,
    `coffre/1/padding/${ID}`,
    `coffre/1/record/${ID}`,
    `coffre/1/epoch/${ID}/${OTHER_ID}/1`,
    `coffre/1/wrap/${ID}/65536/3/4/${"ab".repeat(16)}`,
    `coffre/1/recovery-wrap/${ID}`,
    `coffre/1/name/${ID}/${OTHER_ID}`,
  ];
  return [
    ...sizes,
    ...contexts.map((context) => ({
      comment: `32 bytes under ${context.split("/")[2]}`,
      input: { root: ROOT, context, bytes: hex(run(32, 7)) },
    })),
    {
      comment: "a context outside the table",
      input: { root: ROOT, context: "coffre/1/file/a", bytes: "" },
      refuse: true,
    },
    { comment: "a root of 31 bytes", input: { root: ROOT.slice(2), context: CHUNK, bytes: "" }, refuse: true },
  ];
}

const SEAL: Area = {
  area: "seal",
  comment: "seal(root, context, bytes), F-20; root, bytes and sealed in hexadecimal",
  run: (input) => ({ sealed: hex(seal(bytes(input, "root"), text(input, "context"), bytes(input, "bytes"))) }),
  cases: sealCases(),
};

function openCases(): Case[] {
  const sealed = seal(run(32), CHUNK, run(40));
  const at = (value: Uint8Array, comment: string): Case => ({
    comment,
    input: { root: ROOT, context: CHUNK, sealed: hex(value) },
    refuse: true,
  });
  const flipped = (offset: number): Uint8Array => sealed.map((byte, index) => (index === offset ? byte ^ 1 : byte));
  const empty = seal(run(32), CHUNK, run(0));
  return [
    { comment: "as it was sealed", input: { root: ROOT, context: CHUNK, sealed: hex(sealed) } },
    { comment: "nothing, sealed", input: { root: ROOT, context: CHUNK, sealed: hex(empty) } },
    ...[0, 1, 11, 12, 13, 27, 28, 29, sealed.length - 1].map((n) => at(sealed.subarray(0, n), `cut after ${n} bytes`)),
    at(new Uint8Array([...sealed, 0]), "a byte behind the tag"),
    at(flipped(0), "a bit of the nonce"),
    at(flipped(12), "a bit of the ciphertext"),
    at(flipped(sealed.length - 1), "a bit of the tag"),
    at(seal(run(32), CHUNK.replace(ID, OTHER_ID), run(40)), "another chunk in its place"),
    at(seal(run(32, 1), CHUNK, run(40)), "sealed under another epoch's root"),
    at(wrongNonce(), "a valid tag under a nonce that is not that of the bytes (F-21)"),
    {
      comment: "a context outside the table",
      input: { root: ROOT, context: `${CHUNK}/`, sealed: hex(sealed) },
      refuse: true,
    },
  ];
}

/** AES-256-GCM under this root's own key, but with a nonce of zeros. */
function wrongNonce(): Uint8Array {
  const key = expand(run(32), Buffer.from(CHUNK), 64).subarray(0, 32);
  const nonce = Buffer.alloc(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(CHUNK));
  return Buffer.concat([nonce, cipher.update(run(40)), cipher.final(), cipher.getAuthTag()]);
}

const OPEN: Area = {
  area: "open",
  comment: "open(root, context, sealed), F-21",
  run: (input) => {
    const opened = open(bytes(input, "root"), text(input, "context"), bytes(input, "sealed"));
    return opened === null ? null : { bytes: hex(opened) };
  },
  cases: openCases(),
};

/** Each seal is right; what differs is whether the opened bytes are what the context names. */
function contentCases(): Case[] {
  const key = run(32, 9);
  const idOf = (content: Uint8Array): string => hex(keyedDigest(key, content));
  const of = (comment: string, kind: string, id: string, content: Uint8Array, refuse = false): Case => {
    const context = `coffre/1/${kind}/${id}`;
    const input = { root: ROOT, key: hex(key), context, sealed: hex(seal(run(32), context, content)) };
    return refuse ? { comment, input, refuse: true } : { comment, input };
  };
  const chunk = run(4_096);
  const last = run(17, 3);
  const list = encodeList({
    sources: [{ device: parseDeviceId(ID), epoch: 1 }],
    blobs: [parseBlobId(OTHER_ID)],
    refs: [{ id: storedId(ID), source: 0, blob: 0, offsetBytes: 0, sealedBytes: 983_068 }],
  });
  const changed = (content: Uint8Array): Uint8Array => content.map((byte, at) => (at === 5 ? byte ^ 1 : byte));
  const bare = hex(sha256(chunk));
  return [
    of("a chunk", "chunk", idOf(chunk), chunk),
    of("a last chunk", "chunk", idOf(last), last),
    of("a list", "list", idOf(list), list),
    of("one id, as a list", "list", idOf(chunk), chunk),
    of("one id, as a segment", "segment", idOf(chunk), chunk),
    of("a context that names no content", "record", ID, chunk),
    of("other bytes of its length under a chunk's id", "chunk", idOf(chunk), changed(chunk), true),
    of("other bytes of its length under a last chunk's id", "chunk", idOf(last), changed(last), true),
    of("fewer bytes under a chunk's id", "chunk", idOf(chunk), chunk.subarray(0, 4_095), true),
    of("no bytes under a chunk's id", "chunk", idOf(chunk), run(0), true),
    of("another list under a list's id", "list", idOf(list), changed(list), true),
    of("a chunk under a list's id", "list", idOf(list), chunk, true),
    of("a list under a chunk's id", "chunk", idOf(chunk), list, true),
    of("another segment under a segment's id", "segment", idOf(chunk), changed(chunk), true),
    of("the SHA-256 without the key", "chunk", bare, chunk, true),
    of("the digest under another key", "chunk", hex(keyedDigest(run(32, 10), chunk)), chunk, true),
  ];
}

const OPEN_CONTENT: Area = {
  area: "open-content",
  comment: "open(root, context, sealed) under the key that names contents, F-23; every seal is right",
  run: (input) => {
    const opened = openContent(bytes(input, "root"), bytes(input, "key"), text(input, "context"), bytes(input, "sealed"));
    return opened === null ? null : { bytes: hex(opened) };
  },
  cases: contentCases(),
};

const KEYED_DIGEST: Area = {
  area: "keyed-digest",
  comment: "HMAC-SHA-256(key, SHA-256(bytes)), F-51; `bytes` is `count` bytes 00 01 … ff 00 …",
  run: (input) => ({ digest: hex(keyedDigest(bytes(input, "key"), run(integer(input, "count")))) }),
  cases: [0, 1, 63, 64, 65, 983_039, 983_040, 983_041].map((count) => ({
    comment: `${count} bytes`,
    input: { key: ROOT, count },
  })),
};

const SERVER_KEY = run(32, 100);
const INFOS = [
  INFO.login(SERVER_KEY),
  INFO.unlock,
  INFO.recoveryLogin(SERVER_KEY),
  INFO.recoveryUnlock,
  INFO.vaultSign,
  INFO.vaultKem,
  INFO.dedup,
  INFO.names,
  INFO.chunkRoot,
  INFO.recordRoot,
];

const HKDF: Area = {
  area: "hkdf",
  comment: "HKDF(key, info) of docs/format.md 1, with the info texts of 2; the server's signing key is 64 65 … 83",
  run: (input) => ({ key: hex(derive(bytes(input, "key"), text(input, "info"))) }),
  cases: INFOS.map((info) => ({ comment: info, input: { key: ROOT, info } })),
};

const SALT = hex(argonSalt("ada@example.org", run(16)));

function argonCase(comment: string, memoryKiB: number, passes: number, lanes: number): Case {
  return {
    comment,
    input: { passphrase: hex(Buffer.from("correct horse battery")), salt: SALT, memoryKiB, passes, lanes },
  };
}

const ARGON2ID: Area = {
  area: "argon2id",
  comment:
    "stretched key, F-10 and F-11; passphrase: its UTF-8 in hexadecimal; salt: for the login ada@example.org and salt16 00 … 0f",
  run: (input) => {
    const kdf = {
      memoryKiB: integer(input, "memoryKiB"),
      passes: integer(input, "passes"),
      lanes: integer(input, "lanes"),
    };
    return { stretched: hex(argon2id(bytes(input, "passphrase"), bytes(input, "salt"), kdf)) };
  },
  cases: [
    argonCase("what new vaults use", 65_536, 3, 4),
    argonCase("one lane", 65_536, 3, 1),
    ...[
      argonCase("a KiB below the floor", 65_535, 3, 4),
      argonCase("a KiB above the ceiling", 1_048_577, 3, 4),
      argonCase("monstrous memory", 2 ** 32, 3, 4),
      argonCase("no memory", 0, 3, 4),
      argonCase("two passes", 65_536, 2, 4),
      argonCase("seventeen passes", 65_536, 17, 4),
      argonCase("no lane", 65_536, 3, 0),
      argonCase("five lanes", 65_536, 3, 5),
    ].map((c) => ({ ...c, refuse: true as const })),
  ],
};

const PASSPHRASES = [
  "",
  "123456789",
  "abcdefghi",
  "abcdabcdab",
  "aaaaaaaaaaaa",
  "abcdeabcde",
  "Password123!",
  "PASS-word.1999?",
  "pass1word99",
  "passwordpassword",
  "Iloveyou12",
  "trustno1!!!",
  "1234567890",
  "0123456789",
  "9876543210",
  "0987654321",
  "8901234567",
  "1357902468",
  "1234-567-890",
  "1234567890x",
  "sunshine and rain",
  "Sunshine2026",
  "coffre 2026!",
  "Motdepasse!!",
  "correct horse battery",
  "\u00e4\u00f6\u00fc\u00df\u00e9\u00e8\u00ea\u00e0\u00e7\u00f1",
  "\u{1f600}\u{1f601}\u{1f602}\u{1f603}\u{1f604}",
  "\u{1f600}\u{1f601}\u{1f602}\u{1f603}\u{1f604}\u{1f605}\u{1f606}\u{1f607}\u{1f608}\u{1f609}",
  "\u00e4password1\u00e4",
];

const PASSPHRASE_RULE: Area = {
  area: "passphrase-rule",
  comment: "why a new passphrase is refused, null when it is not; `common` is the list of letters that are too common",
  fields: { common: COMMON_PASSPHRASES },
  run: (input) => ({ weakness: passphraseWeakness(text(input, "passphrase")) }),
  cases: PASSPHRASES.map((passphrase) => ({ comment: `${[...passphrase].length} code points`, input: { passphrase } })),
};

export const BYTE_PLANE_AREAS: readonly Area[] = [SEAL, OPEN, OPEN_CONTENT, KEYED_DIGEST, HKDF, ARGON2ID, PASSPHRASE_RULE];
