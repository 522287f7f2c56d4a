// The keys of epochs while a vault is read (docs/format.md 5). Rule: an epoch's slots are filled once a process, from an
// envelope whose signature holds, and only when something under it is wanted.
//
//   envelope ─▶ device's signature ─▶ KEM decapsulation ─▶ slot `hpke` ─▶ E_n ─▶ slots `…chunk`, `…record`

import type { DamageCode } from "../../border/reasons.ts";
import { asciiBytes, toBase64 } from "../../bytes.ts";
import { hkdf } from "../../crypto/hash.ts";
import { exportRootFrom } from "../../crypto/hpke.ts";
import { INFO } from "../../crypto/vault-keys.ts";
import { invariant } from "../../errors.ts";
import { epochContext } from "../../format/contexts.ts";
import { decodeEnvelope, type Envelope } from "../../format/envelope.ts";
import { openSigned, signedHash } from "../../format/signed.ts";
import type { DeviceId, Digest } from "../../ids.ts";
import { deriveSlot, eraseSlots, readSlot, SLOT } from "../../keys/slots.ts";
import { readEnvelopePage } from "../../peer/answers.ts";
import { Refused } from "../../peer/failures.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import type { Store } from "../../store/store.ts";
import type { Session } from "../session.ts";
import { type EpochRow, epochRow, keepEnvelope, newestKept, readEpoch } from "../tables/index-rows.ts";
import { orNull } from "./record-check.ts";

/** The slots of an epoch's two roots. */
export interface EpochSlots {
  readonly kind: "open";
  readonly chunk: string;
  readonly record: string;
  /** What a record's header must name. */
  readonly envelopeHash: Digest;
}

export type EpochKeys = EpochSlots | { readonly kind: "closed"; readonly code: DamageCode };

export class KeyRing {
  readonly #store: Store;
  readonly #session: Session;
  readonly #known = new Map<number, EpochKeys>();

  constructor(store: Store, session: Session) {
    this.#store = store;
    this.#session = session;
  }

  /** The slots of an epoch that `unlock` has opened in this process, by the row of the epoch. */
  find(epoch: number): EpochKeys | null {
    return this.#known.get(epoch) ?? null;
  }

  /** Keeps an envelope as the server gave it; one that is there stays. */
  keep(device: DeviceId, number: number, envelope: Uint8Array): void {
    keepEnvelope(this.#store, epochRow(this.#store, device, number), envelope);
  }

  /** Fills the epoch's slots, or says why they cannot be. */
  *unlock(epoch: number): Flow<EpochKeys> {
    const known = this.#known.get(epoch);
    if (known !== undefined) return known;
    const keys = yield* this.#open(epoch);
    this.#known.set(epoch, keys);
    return keys;
  }

  *#open(epoch: number): Flow<EpochKeys> {
    const row = readEpoch(this.#store, epoch);
    invariant(row !== null, "an epoch without its row");
    const { device, number } = row;
    const signed = yield* this.#findEnvelope(epoch, row);
    if (signed === null) return { kind: "closed", code: "envelope-missing" };
    const envelope = this.#check(signed, device, number);
    if (envelope === null) return { kind: "closed", code: "envelope-not-authentic" };

    const context = epochContext(envelope.vault, device, number);
    const secret = yield* readSlot(SLOT.vaultSecret, "memory");
    const kemSeed = hkdf(secret, asciiBytes(INFO.vaultKem));
    const root = orNull(() => exportRootFrom(kemSeed, envelope.enc, context));
    secret.fill(0);
    kemSeed.fill(0);
    if (root === null) return { kind: "closed", code: "envelope-not-authentic" };
    const bytes = toBase64(root);
    root.fill(0);
    yield* perform({ kind: "secret", op: "write", slot: SLOT.hpke, storage: "memory", bytes });

    const slot = `epoch.${device.slice(0, 16)}.${number}`;
    const opened = yield* perform({
      kind: "open",
      slot: SLOT.hpke,
      context,
      bytes: toBase64(envelope.sealed),
      toSlot: { slot, storage: "memory" },
    });
    if (opened.kind !== "opened") return { kind: "closed", code: "envelope-not-authentic" };
    const keys: EpochSlots = {
      kind: "open",
      chunk: `${slot}.chunk`,
      record: `${slot}.record`,
      envelopeHash: signedHash(signed),
    };
    yield* deriveSlot(slot, INFO.chunkRoot, keys.chunk, "memory");
    yield* deriveSlot(slot, INFO.recordRoot, keys.record, "memory");
    yield* eraseSlots([slot, SLOT.hpke], "memory");
    return keys;
  }

  #check(signed: Uint8Array, device: DeviceId, number: number): Envelope | null {
    const { certificates, object } = this.#session.vault;
    const certificate = certificates.get(device);
    if (certificate === undefined) return null;
    const envelope = orNull(() => decodeEnvelope(openSigned("epoch", signed, certificate.signingKey)));
    if (envelope === null || envelope.vault !== object.vault) return null;
    return envelope.device === device && envelope.number === number ? envelope : null;
  }

  /** The envelope's bytes from the Store, or from the server with all that follow in the device's list. */
  *#findEnvelope(epoch: number, { device, number: wanted, envelope: kept }: EpochRow): Flow<Uint8Array | null> {
    if (kept !== null) return kept;
    // From what is known on, so that the next ones come along; if it is not there, right before it. A server has no third page
    // to lead us to.
    for (const after of new Set([newestKept(this.#store, device, wanted), wanted - 1])) {
      const page = yield* this.#askPage(device, after);
      if (page === null) break;
      for (const { number, envelope } of page.envelopes) this.keep(device, number, envelope);
      const found = readEpoch(this.#store, epoch)?.envelope ?? null;
      if (found !== null || page.next === null) return found;
    }
    return null;
  }

  *#askPage(device: DeviceId, after: number): Flow<ReturnType<typeof readEnvelopePage> | null> {
    try {
      return readEnvelopePage(yield* this.#session.get(`/v1/devices/${device}/epochs?after=${after}`));
    } catch (error) {
      if (error instanceof Refused && error.problem === "not-found") return null;
      throw error;
    }
  }
}
