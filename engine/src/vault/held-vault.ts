// What a server shows of a vault, held against what this machine has seen of it (docs/format.md F-32, F-37, F-93). Rule: the
// higher one of two is used, and the server is given it again; what the vault took back is the owner's to decide.
//
//   key ─▶ (login) ─▶ vault object and roster: lower than seen ─▶ given back, or told ─▶ contradictions ─▶ asked
//                                                                                         none ─▶ seen from now on

import { toBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { type Contradiction, findContradictions } from "../evidence/contradictions.ts";
import { formatEvidence, readEvidence } from "../evidence/evidence-text.ts";
import {
  type Growth,
  noteServer,
  noteStructure,
  numberOf,
  type SeenStructure,
  type StructureKind,
  seenStructure,
} from "../evidence/seen.ts";
import { decodeRoster, type Roster } from "../format/roster.ts";
import { decodeSigned, signedHash } from "../format/signed.ts";
import type { VaultId } from "../ids.ts";
import { openDeviceNames } from "../keys/device-names.ts";
import { failureOf } from "../peer/failures.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import type { Store } from "../store/store.ts";
import { checkRoster } from "./opened-vault.ts";
import { type OpenVault, openWith } from "./unlock.ts";

/** A vault that was held against the evidence. */
export interface HeldVault extends OpenVault {
  /** The server shows an older roster than this machine has seen, and does not take the newer one. */
  readonly isRosterRefused: boolean;
}

/**
 * The vault as it is to be used; needs slot `names`. `peer-roster-contradicts` when the vault signed a roster that takes back
 * what was seen, unless `acceptsOlder`: then what is shown is taken in the place of what was seen.
 */
export function* holdAgainstEvidence(ctx: Context, open: OpenVault, acceptsOlder: boolean): Flow<HeldVault> {
  const { store } = ctx;
  const { vault } = open.object;
  const held = acceptsOlder ? { ...open, isRosterRefused: false } : yield* giveBack(ctx, open);
  if (!acceptsOlder) yield* askAboutContradictions(ctx, vault, held.roster);
  const growth = acceptsOlder ? "instead" : "higher";
  noteShown(store, vault, "object", held.bundle.vaultObject, growth);
  noteShown(store, vault, "roster", held.bundle.roster, growth);
  noteServer(store, vault, { url: held.line.server.url, login: held.login.login, key: held.login.serverKey });
  return held;
}

/** Shows what is known of a vault now, for the home to keep. */
export function tellEvidence(ctx: Context, vault: VaultId, acceptsOlder: boolean): void {
  const known = formatEvidence(readEvidence(ctx.store, vault, acceptsOlder ? "instead" : "higher"));
  ctx.show({ kind: "evidence", known });
}

/** Puts back what the server shows an older version of, and takes the higher roster whatever the server says to it. */
function* giveBack(ctx: Context, open: OpenVault): Flow<HeldVault> {
  const { vault } = open.object;
  const object = seenStructure(ctx.store, vault, "object");
  const roster = seenStructure(ctx.store, vault, "roster");
  let held = open;
  let isRosterRefused = false;
  let refused = 0;
  let taken = 0;
  if (roster !== null && roster.number > open.roster.version) {
    // Opened again for the heads of devices that the older roster did not name.
    if (yield* put(open, "/v1/roster", { roster: toBase64(roster.bytes) }))
      held = yield* openWith(open.line, open.login);
    isRosterRefused = roster.number > held.roster.version;
    if (isRosterRefused) {
      refused += 1;
      held = { ...held, ...checkRoster(roster.bytes, held.object) };
    } else taken += 1;
  }
  // Two objects of one number: the server lost one that was given to it, and was given another since.
  if (object?.number === held.object.number && object.hash !== signedHash(held.bundle.vaultObject)) refused += 1;
  // Last: with a newer object, what was typed may open no session any more.
  if (object !== null && object.number > held.object.number) {
    const json = { vaultObject: toBase64(object.bytes), previousTag: held.bundle.tag };
    if (yield* put(held, "/v1/vault", json)) taken += 1;
    else refused += 1;
  }
  if (taken > 0) ctx.show({ kind: "notice", code: "server-given-back", count: taken });
  if (refused > 0) ctx.show({ kind: "notice", code: "server-went-back", count: refused });
  return { ...held, isRosterRefused };
}

/** Whether the server took a structure; that it did not is no failure of whoever only wants to read. */
function* put({ line, bundle }: OpenVault, path: string, json: unknown): Flow<boolean> {
  try {
    yield* line.ask({ method: "PUT", path, bearer: bundle.token, json });
    return true;
  } catch (error) {
    failureOf(error);
    return false;
  }
}

function* askAboutContradictions(ctx: Context, vault: VaultId, shown: Roster): Flow<void> {
  const seen = seenRoster(seenStructure(ctx.store, vault, "roster"));
  if (seen === null) return;
  const contradictions = findContradictions(seen, shown);
  if (contradictions.length === 0) return;
  const names = yield* openDeviceNames(seen);
  for (const { kind, device } of contradictions) {
    ctx.show({ kind: "notice", code: NOTICE[kind], device: names.get(device) ?? device.slice(0, 8) });
  }
  throw new CoffreError("peer-roster-contradicts", "the vault's roster takes back what was seen before");
}

const NOTICE: Record<Contradiction["kind"], string> = {
  "lacks-device": "roster-lacks-device",
  "lacks-revocation": "roster-lacks-revocation",
  "loosens-revocation": "roster-loosens-revocation",
};

function seenRoster(seen: SeenStructure | null): Roster | null {
  return seen === null ? null : decodeRoster(decodeSigned(seen.bytes).payload);
}

/** One of the same number that contradicts nothing is taken too: the server has no other to give. */
function noteShown(store: Store, vault: VaultId, kind: StructureKind, bytes: Uint8Array, growth: Growth): void {
  const seen = seenStructure(store, vault, kind);
  const isAsHigh = seen !== null && seen.number === numberOf(kind, bytes);
  noteStructure(store, vault, kind, bytes, isAsHigh ? "instead" : growth);
}
