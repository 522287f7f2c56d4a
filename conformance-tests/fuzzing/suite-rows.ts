// The server suite's decoders. Rule: their bytes come from whatever server is tried, and no is null.

import { decodeItem, encodeItem } from "../server/src/vault/cbor.ts";
import { readPayload } from "../server/src/vault/roster.ts";
import { openSigned } from "../server/src/vault/signatures.ts";
import { DEVICE_KEY } from "../vectors/example-vault.ts";
import { type DecoderRow, row } from "./decoder-row.ts";
import { validSigned } from "./samples.ts";

const VAULT = "conformance-tests/server/src/vault";
const NEVER = (): boolean => false;

export const SUITE_ROWS: readonly DecoderRow[] = [
  row({
    name: `${VAULT}/cbor.ts decodeItem`,
    samples: validSigned("challenge"),
    form: "cbor",
    decode: decodeItem,
    encode: encodeItem,
    refuses: NEVER,
  }),
  row({
    name: `${VAULT}/signatures.ts openSigned`,
    samples: validSigned("challenge"),
    form: "cbor",
    decode: (bytes) => openSigned(bytes, "challenge", DEVICE_KEY),
    refuses: NEVER,
  }),
  row({
    name: `${VAULT}/roster.ts readPayload`,
    samples: validSigned("challenge"),
    form: "cbor",
    decode: readPayload,
    refuses: NEVER,
  }),
];
