// The asks `evidence` and `learn`: what a home hands to a reader, and what a reader gives back (docs/host-api.md §4). Rule: of
// this machine's own log, its own receipts are the witness; of everything else, what was read.

import { lastSetAside } from "../backup/tables/record-rows.ts";
import type { FailureCode } from "../border/reasons.ts";
import { fromBase64 } from "../bytes.ts";
import type { VaultId } from "../ids.ts";
import { failureOf } from "../peer/failures.ts";
import { migrate } from "../store/schema.ts";
import { getSetting, type Pairing } from "../store/settings.ts";
import type { Store } from "../store/store.ts";
import { formatEvidence, noteEvidence, parseEvidence, readEvidence, type VaultEvidence } from "./evidence-text.ts";
import { hasEvidence, type SeenHead, seenVaults } from "./seen.ts";

/** Characters of all texts; one message of the border has 524,288, and one vault of 64 devices needs 150,000. */
const MAX_CHARS = 300_000;

/** What this home knows of the vaults of a login, as texts. Reads alone. */
export function recall(store: Store, login: string): string[] {
  const pairing = getSetting(store, "pairing");
  const vaults = new Set<VaultId>();
  if (pairing !== null && pairing.login === login) vaults.add(pairing.vault);
  if (hasEvidence(store)) for (const vault of seenVaults(store, login)) vaults.add(vault);
  const texts: string[] = [];
  let chars = 0;
  for (const vault of vaults) {
    const known: VaultEvidence = hasEvidence(store)
      ? readEvidence(store, vault, "higher")
      : { growth: "higher", vault, servers: [], object: null, roster: null, heads: new Map() };
    const text = formatEvidence(pairing?.vault === vault ? withOwn(store, known, pairing) : known);
    chars += text.length;
    if (chars > MAX_CHARS) break;
    texts.push(text);
  }
  return texts;
}

/** Takes up what a reader has seen, or says why not. */
export function learn(store: Store, text: unknown): FailureCode | null {
  try {
    const evidence = parseEvidence(text);
    if (!hasEvidence(store)) migrate(store);
    noteEvidence(store, evidence);
    return null;
  } catch (error) {
    return failureOf(error);
  }
}

/** With what the pairing and this device's own receipts say. */
function withOwn(store: Store, known: VaultEvidence, pairing: Pairing): VaultEvidence {
  const { server, login, device } = pairing;
  const others = known.servers.filter(({ url, login: name }) => url !== server.url || name !== login);
  const heads = new Map(known.heads);
  const own = ownHead(store);
  if (own !== null) heads.set(device, own);
  return { ...known, servers: [{ url: server.url, login, key: fromBase64(pairing.serverKey) }, ...others], heads };
}

/** The newest record of this device that the server has vouched for, also one that it does not show any more. */
function ownHead(store: Store): SeenHead | null {
  const receipt = lastSetAside(store) ?? getSetting(store, "receipt");
  return receipt === null ? null : { number: receipt.number, hash: receipt.hash };
}
