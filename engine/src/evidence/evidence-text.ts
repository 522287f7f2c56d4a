// Evidence as it crosses the border: from the database of a home to a reader's, and back (docs/host-api.md §4). Rule: hosts
// keep and hand over these texts and read nothing in them; what comes back is parsed as anything from outside is.
//
//   [1, instead: 0|1, vault, [[url, login, key]…], object: bytes|null, roster: bytes|null, [[device, number, hash]…]]

import { fromBase64, toBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { decodeCbor, encodeCbor } from "../format/cbor.ts";
import {
  readAnyBytes,
  readArray,
  readBytes,
  readId,
  readInteger,
  readItems,
  readStructure,
  readText,
} from "../format/fields.ts";
import { idBytes } from "../format/id-bytes.ts";
import { MAX_DEVICES } from "../format/roster.ts";
import type { DeviceId, VaultId } from "../ids.ts";
import type { Store } from "../store/store.ts";
import {
  type Growth,
  noteHead,
  noteServer,
  noteStructure,
  type SeenHead,
  type SeenServer,
  seenHeads,
  seenServers,
  seenStructure,
} from "./seen.ts";

/** What is known of one vault. */
export interface VaultEvidence {
  readonly growth: Growth;
  readonly vault: VaultId;
  readonly servers: readonly SeenServer[];
  readonly object: Uint8Array | null;
  readonly roster: Uint8Array | null;
  readonly heads: ReadonlyMap<DeviceId, SeenHead>;
}

const KEY_BYTES = 32;
const MAX_URL_BYTES = 2_048;
const MAX_LOGIN_BYTES = 64;
const MAX_SERVERS = 16;
/** Devices that were ever seen: those of two rosters that know nothing of one another. */
const MAX_HEADS = 2 * MAX_DEVICES;

/** What the database knows of a vault. */
export function readEvidence(store: Store, vault: VaultId, growth: Growth): VaultEvidence {
  return {
    growth,
    vault,
    servers: seenServers(store, vault),
    object: seenStructure(store, vault, "object")?.bytes ?? null,
    roster: seenStructure(store, vault, "roster")?.bytes ?? null,
    heads: seenHeads(store, vault),
  };
}

/** Adds what a text says to what the database knows. */
export function noteEvidence(store: Store, { growth, vault, servers, object, roster, heads }: VaultEvidence): void {
  for (const server of servers) noteServer(store, vault, server);
  if (object !== null) noteStructure(store, vault, "object", object, growth);
  if (roster !== null) noteStructure(store, vault, "roster", roster, growth);
  for (const [device, head] of heads) noteHead(store, vault, device, head, growth);
}

export function formatEvidence({ growth, vault, servers, object, roster, heads }: VaultEvidence): string {
  return toBase64(
    encodeCbor([
      1,
      growth === "instead" ? 1 : 0,
      idBytes(vault),
      servers.slice(0, MAX_SERVERS).map(({ url, login, key }) => [url, login, key]),
      object,
      roster,
      [...heads].slice(0, MAX_HEADS).map(([device, { number, hash }]) => [idBytes(device), number, idBytes(hash)]),
    ]),
  );
}

/** The evidence in a text; `host-malformed` when it is none, since it was the host that kept it. */
export function parseEvidence(text: unknown): VaultEvidence {
  try {
    if (typeof text !== "string") throw new CoffreError("host-malformed", "expected a text");
    return decode(fromBase64(text));
  } catch (error) {
    if (!(error instanceof CoffreError)) throw error;
    throw new CoffreError("host-malformed", "expected evidence as the engine gave it");
  }
}

function decode(bytes: Uint8Array): VaultEvidence {
  const fields = readStructure(decodeCbor(bytes), 7);
  const servers = readItems(fields[3], 0, MAX_SERVERS).map((item): SeenServer => {
    const [url, login, key] = readArray(item, 3);
    return {
      url: readText(url, 1, MAX_URL_BYTES),
      login: readText(login, 3, MAX_LOGIN_BYTES),
      key: readBytes(key, KEY_BYTES),
    };
  });
  const heads = readItems(fields[6], 0, MAX_HEADS).map((item): [DeviceId, SeenHead] => {
    const [device, number, hash] = readArray(item, 3);
    return [readId<DeviceId>(device), { number: readInteger(number, 0), hash: readId(hash) }];
  });
  return {
    growth: readInteger(fields[1], 0, 1) === 1 ? "instead" : "higher",
    vault: readId<VaultId>(fields[2]),
    servers,
    object: fields[4] === null ? null : readAnyBytes(fields[4]),
    roster: fields[5] === null ? null : readAnyBytes(fields[5]),
    heads: new Map(heads),
  };
}
