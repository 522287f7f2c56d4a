// Vectors of keys and signed structures (docs/format.md 2, 4, 5 and 8).

import { exportRootFrom, exportRootTo } from "../../engine/src/crypto/hpke.ts";
import { argonSalt, deriveVaultKeys } from "../../engine/src/crypto/vault-keys.ts";
import { type CborValue, decodeCbor, encodeCbor } from "../../engine/src/format/cbor.ts";
import {
  decodeChallenge,
  decodeSecondFactor,
  encodeChallenge,
  encodeSecondFactor,
} from "../../engine/src/format/challenge.ts";
import { epochContext } from "../../engine/src/format/contexts.ts";
import { decodeEnvelope } from "../../engine/src/format/envelope.ts";
import { decodeReceipt, encodeReceipt } from "../../engine/src/format/receipt.ts";
import { decodeCertificate, decodeRoster, encodeRoster } from "../../engine/src/format/roster.ts";
import { openSigned, type SignedKind, signPayload } from "../../engine/src/format/signed.ts";
import { decodeVaultObject, encodeVaultObject } from "../../engine/src/format/vault-object.ts";
import { type Area, bytes, type Case, hex, type Json, run, text } from "./area.ts";
import * as example from "./example-vault.ts";

const { KEYS, DEVICE, DEVICE_SEED, DEVICE_KEY } = example;

const VAULT_KEYS: Area = {
  area: "vault-keys",
  comment: "from a vault secret to the vault's keys and id, F-14",
  run: (input) => {
    const { vault, ...keys } = deriveVaultKeys(bytes(input, "secret"));
    return { vault, ...Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, hex(key)])) };
  },
  cases: [run(32, 1), new Uint8Array(32)].map((secret) => ({ comment: "32 bytes", input: { secret: hex(secret) } })),
};

const ARGON_SALT: Area = {
  area: "argon-salt",
  comment: "Argon2id's salt from login and salt16, docs/format.md 2",
  run: (input) => ({ salt: hex(argonSalt(text(input, "login"), bytes(input, "salt16"))) }),
  cases: ["abc", "ada@example.org", "a".repeat(64)].map((login) => ({
    comment: `${login.length} characters`,
    input: { login, salt16: hex(run(16)) },
  })),
};

const CONTEXT = epochContext(KEYS.vault, DEVICE, 1);

const HPKE_TO: Area = {
  area: "hpke-export",
  comment: "exportRootTo: enc and root from a public key, a context and 64 bytes of entropy; docs/format.md 3",
  run: (input) => {
    const { enc, root } = exportRootTo(bytes(input, "kemKey"), text(input, "context"), bytes(input, "entropy"));
    return { enc: hex(enc), root: hex(root) };
  },
  cases: [
    { comment: "an epoch's context", input: { kemKey: hex(KEYS.kemKey), context: CONTEXT, entropy: hex(run(64, 5)) } },
    {
      comment: "a key cut short",
      input: { kemKey: hex(KEYS.kemKey.subarray(1)), context: CONTEXT, entropy: hex(run(64, 5)) },
      refuse: true,
    },
    {
      comment: "coefficients of the ML-KEM key above its modulus",
      input: { kemKey: hex(new Uint8Array(1_216).fill(255)), context: CONTEXT, entropy: hex(run(64, 5)) },
      refuse: true,
    },
  ],
};

const ENC = exportRootTo(KEYS.kemKey, CONTEXT, run(64, 5)).enc;
const fromInput = (enc: Uint8Array, context = CONTEXT): Case["input"] => ({
  kemSeed: hex(KEYS.kemSeed),
  enc: hex(enc),
  context,
});

const HPKE_FROM: Area = {
  area: "hpke-import",
  comment:
    "exportRootFrom: the root from a seed, enc and a context; a wrong enc of the right length gives another root",
  run: (input) => ({ root: hex(exportRootFrom(bytes(input, "kemSeed"), bytes(input, "enc"), text(input, "context"))) }),
  cases: [
    { comment: "what hpke-export gave", input: fromInput(ENC) },
    {
      comment: "another epoch's context gives another root",
      input: fromInput(ENC, epochContext(KEYS.vault, DEVICE, 2)),
    },
    {
      comment: "a bit of the ML-KEM part gives another root",
      input: fromInput(ENC.map((b, i) => (i === 0 ? b ^ 1 : b))),
    },
    { comment: "enc cut short", input: fromInput(ENC.subarray(1)), refuse: true },
    {
      comment: "an X25519 point of small order",
      input: fromInput(ENC.map((b, i) => (i < 1_088 ? b : 0))),
      refuse: true,
    },
  ],
};

const DECODERS = {
  "vault-object": (payload: Uint8Array) => encodeVaultObject(decodeVaultObject(payload)),
  roster: (payload: Uint8Array) => encodeRoster(decodeRoster(payload)),
  certificate: (payload: Uint8Array) => (decodeCertificate(payload), payload),
  epoch: (payload: Uint8Array) => (decodeEnvelope(payload), payload),
  receipt: (payload: Uint8Array) => encodeReceipt(decodeReceipt(payload)),
  challenge: (payload: Uint8Array) => encodeChallenge(decodeChallenge(payload)),
  "second-factor": (payload: Uint8Array) => encodeSecondFactor(decodeSecondFactor(payload)),
} as const;
type Structure = keyof typeof DECODERS;

const PAYLOADS: readonly { kind: Structure; payload: Uint8Array; seed: Uint8Array; key: Uint8Array }[] = [
  {
    kind: "vault-object",
    payload: encodeVaultObject(example.vaultObject()),
    seed: KEYS.signingSeed,
    key: KEYS.signingKey,
  },
  { kind: "roster", payload: roster(), seed: KEYS.signingSeed, key: KEYS.signingKey },
  { kind: "certificate", payload: example.certificate(), seed: KEYS.signingSeed, key: KEYS.signingKey },
  { kind: "epoch", payload: example.envelope(), seed: DEVICE_SEED, key: DEVICE_KEY },
  { kind: "receipt", payload: receipt(), seed: DEVICE_SEED, key: DEVICE_KEY },
  { kind: "challenge", payload: challenge(), seed: DEVICE_SEED, key: DEVICE_KEY },
  {
    kind: "second-factor",
    payload: encodeSecondFactor({ vault: KEYS.vault, action: "enrol", timeMs: 1_700_000_000_000 }),
    seed: KEYS.signingSeed,
    key: KEYS.signingKey,
  },
];

function roster(): Uint8Array {
  const revocations = [{ device: DEVICE, lastNumber: 3, lastHash: example.digest(9) }];
  return encodeRoster({ vault: KEYS.vault, version: 1, devices: [example.rosterDevice()], revocations });
}

function receipt(): Uint8Array {
  const common = { vault: KEYS.vault, device: DEVICE, number: 1, recordHash: example.digest(7) };
  return encodeReceipt({ ...common, durability: "flushed", timeMs: 1_700_000_000_000 });
}

function challenge(): Uint8Array {
  return encodeChallenge({ vault: KEYS.vault, device: DEVICE, nonce: run(32), serverKeyHash: example.digest(8) });
}

/** The same payload with field `index` replaced. */
function withField(payload: Uint8Array, index: number, value: CborValue): Uint8Array {
  const fields = decodeCbor(payload) as readonly CborValue[];
  return encodeCbor(fields.map((field, i) => (i === index ? value : field)));
}

function signedCases(): Case[] {
  return PAYLOADS.flatMap(({ kind, payload, seed, key }) => {
    const of = (comment: string, signed: Uint8Array, refuse = true, as: string = kind): Case => ({
      comment: `${kind}: ${comment}`,
      input: { kind: as, publicKey: hex(key), signed: hex(signed) },
      ...(refuse ? { refuse: true as const } : {}),
    });
    const signed = signPayload(kind, payload, seed);
    const fields = decodeCbor(payload) as readonly CborValue[];
    const bad = (comment: string, changed: Uint8Array): Case => of(comment, signPayload(kind, changed, seed));
    return [
      of("as it was signed", signed, false),
      of("cut by a byte", signed.subarray(0, signed.length - 1)),
      of("a byte behind it", new Uint8Array([...signed, 0])),
      of(
        "a bit of the signature",
        signed.map((b, i) => (i === signed.length - 1 ? b ^ 1 : b)),
      ),
      of(
        "a bit of the payload",
        signed.map((b, i) => (i === 8 ? b ^ 1 : b)),
      ),
      of("signed as another kind", signPayload("base", payload, seed)),
      of("signed by another key", signPayload(kind, payload, run(32, 123))),
      bad("of format version 2", withField(payload, 0, 2)),
      bad("with a field too many", encodeCbor([...fields, 0])),
      bad("with a field too few", encodeCbor(fields.slice(0, -1))),
      bad("with a vault id of 31 bytes", withField(payload, 1, new Uint8Array(31))),
      bad("with text as vault id", withField(payload, 1, "vault")),
    ];
  });
}

function fieldCases(): Case[] {
  const change = (kind: Structure, index: number, value: CborValue, comment: string): Case => {
    const found = PAYLOADS.find((p) => p.kind === kind);
    if (found === undefined) throw new Error("no such structure");
    const signed = signPayload(kind, withField(found.payload, index, value), found.seed);
    return {
      comment: `${kind}: ${comment}`,
      input: { kind, publicKey: hex(found.key), signed: hex(signed) },
      refuse: true,
    };
  };
  const device = (decodeCbor(roster()) as readonly CborValue[])[3] as readonly CborValue[];
  const revocation = (decodeCbor(roster()) as readonly CborValue[])[4] as readonly CborValue[];
  return [
    change("vault-object", 1, new Uint8Array(32), "an id that is not that of its keys"),
    change("vault-object", 2, 0, "number 0"),
    change("vault-object", 3, "Ada@example.org", "a login in capitals"),
    change("vault-object", 3, "ad", "a login of two characters"),
    change("vault-object", 6, [65_535, 3, 4], "too little memory (F-11)"),
    change("vault-object", 6, [1_048_577, 3, 4], "too much memory (F-11)"),
    change("vault-object", 6, [65_536, 2, 4], "too few passes (F-11)"),
    change("vault-object", 6, [65_536, 17, 4], "too many passes (F-11)"),
    change("vault-object", 6, [65_536, 3, 5], "too many lanes (F-11)"),
    change("vault-object", 6, [65_536, 3], "a parameter too few"),
    change("vault-object", 7, new Uint8Array(15), "a short salt"),
    change("vault-object", 8, new Uint8Array(59), "a short wrap"),
    change("vault-object", 11, new Uint8Array(1_215), "a short KEM key"),
    change("vault-object", 12, 1, "another generation"),
    change("roster", 2, 0, "version 0"),
    change("roster", 3, [...device, ...device], "a device twice (F-33)"),
    change("roster", 4, [...revocation, ...revocation], "a revocation twice (F-33)"),
    change("roster", 3, [], "a revoked device that is not among the devices (F-33)"),
    change("certificate", 2, new Uint8Array(32), "an id that is not that of its key"),
    change("certificate", 5, -1, "a time before 1970"),
    change("epoch", 3, 0, "number 0"),
    change("epoch", 4, new Uint8Array(1_119), "a short enc"),
    change("epoch", 5, new Uint8Array(61), "a long secret"),
    change("receipt", 3, 0, "number 0"),
    change("receipt", 5, 2, "an unknown durability"),
    change("receipt", 6, null, "no time"),
    change("challenge", 3, new Uint8Array(31), "a short nonce"),
    change("second-factor", 2, 2, "an unknown action"),
  ];
}

const SIGNED: Area = {
  area: "signed",
  comment: "signed bytes of each kind, F-3 to F-5; accepted: the payload, which every decoder takes and encodes again",
  run: (input) => {
    const kind = text(input, "kind") as Structure & SignedKind;
    const payload = openSigned(kind, bytes(input, "signed"), bytes(input, "publicKey"));
    if (hex(DECODERS[kind](payload)) !== hex(payload)) throw new Error("the encoder disagrees with the decoder");
    return { payload: hex(payload) } satisfies Record<string, Json>;
  },
  cases: [...signedCases(), ...fieldCases()],
};

export const STRUCTURE_AREAS: readonly Area[] = [VAULT_KEYS, ARGON_SALT, HPKE_TO, HPKE_FROM, SIGNED];
