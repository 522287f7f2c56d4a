// The body of a base (P-60). Rule: the vault's statement covers every byte of the base.

import { decodeItem, decodePrefix, readAnyBytes, readBytes, readFields, readInteger } from "./cbor.ts";
import { parseNamedBlobs } from "./device-structures.ts";
import { formatId, hashId, type Id } from "./encodings.ts";
import { malformed } from "./refusal.ts";
import { requireVault } from "./roster.ts";
import { openSigned } from "./signed-bytes.ts";

/** The blobs that a base needs; Refusal `malformed` when the statement, its hash, the ids or the header do not fit. */
export function parseBaseBody(
  body: Uint8Array,
  vault: Id,
  number: number,
  signingKey: Uint8Array,
): { readonly blobs: readonly Id[]; readonly referenceBlobs: readonly Id[] } {
  const [statement, base] = readFields(decodeItem(body), 2);
  const baseBytes = readAnyBytes(base);
  const named = readFields(openSigned(readAnyBytes(statement), "base", signingKey), 4);
  readInteger(named[0], 1, 1);
  requireVault(named[1], vault);
  readInteger(named[2], number, number);
  if (formatId(readBytes(named[3], 32)) !== hashId(baseBytes)) throw malformed("the statement names another base");
  const { item } = decodePrefix(baseBytes);
  const fields = readFields(item, 7);
  readInteger(fields[0], 1, 1);
  readInteger(fields[1], 1, 1);
  requireVault(fields[2], vault);
  readInteger(fields[3], number, number);
  readAnyBytes(fields[4]);
  return parseNamedBlobs(fields[5], fields[6]);
}
