// Someone who has a copy of one device's home, its keys and its tables, and neither passphrase nor words. Rule: it makes
// whatever a server takes from that device; nothing here is how the engine would write.

import type { ChunkRef } from "../../../engine/src/format/chunk-refs.ts";
import { chunkContext, listContext, recordContext } from "../../../engine/src/format/contexts.ts";
import type { Entry } from "../../../engine/src/format/entries.ts";
import { encodeRecordBody, padBody } from "../../../engine/src/format/record-body.ts";
import { encodeRecordHeader, headerHash } from "../../../engine/src/format/record-header.ts";
import type { BlobId, ChunkId, DeviceId, Digest, VaultId } from "../../../engine/src/ids.ts";
import { toHex } from "../../scripted-host/border-text.ts";
import { type BytePlane, exactBytePlane } from "../../scripted-host/byte-plane.ts";
import { headOf } from "../../scripted-host/device-requests.ts";
import type { HttpRequest } from "../../scripted-host/http-exchange.ts";
import type { MemoryServer } from "../../scripted-host/memory-server.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { sha256 } from "../../scripted-host/server-structures.ts";
import type { Slots } from "../../scripted-host/slots.ts";

/** A place of the thief's own: the sealed part in a blob that the server has. */
export interface Place {
  readonly blob: BlobId;
  readonly offsetBytes: number;
  readonly sealedBytes: number;
}

/** What one record says; each entry is made with references into the record's tables. */
export interface Forged {
  readonly roots?: readonly string[];
  readonly entries: (refTo: (id: ChunkId, place: Place) => ChunkRef) => readonly Entry[];
  readonly startId?: string;
  /** Blobs beside those that the entries need. */
  readonly blobs?: readonly BlobId[];
  /** Reference blobs that the header names instead of any blob. */
  readonly references?: readonly BlobId[];
}

export class Thief {
  readonly vault: VaultId;
  readonly device: DeviceId;
  readonly #server: MemoryServer;
  readonly #slots: Slots;
  readonly #plane: BytePlane;
  readonly #epoch: number;
  readonly #envelopeHash: Digest;
  /** Start ids that the home knows, which the thief may use as its own. */
  readonly startIds: readonly string[];

  /** Copies the home of a paired device as it is now; `plane` is what it seals with. */
  constructor(server: MemoryServer, home: ScriptedHost, plane: BytePlane = exactBytePlane()) {
    this.#server = server;
    this.#slots = home.ground.slots.clone();
    this.#plane = plane;
    const [pairing] = home.store.query("SELECT value FROM meta WHERE key = 'pairing'");
    const { vault, device } = JSON.parse(String(pairing?.["value"])) as { vault: VaultId; device: DeviceId };
    this.vault = vault;
    this.device = device;
    const sql = "SELECT number, hash FROM epoch WHERE erased = 0 AND state <> 2 ORDER BY number DESC LIMIT 1";
    const [epoch] = home.store.query(sql);
    if (epoch === undefined) throw new Error("expected a home with an epoch's secret");
    this.#epoch = Number(epoch["number"]);
    this.#envelopeHash = String(epoch["hash"]) as Digest;
    this.startIds = home.store.query("SELECT id FROM start").map((row) => String(row["id"]));
  }

  /** The id of a content, as every device of the vault computes it. */
  idOf(content: Uint8Array): ChunkId {
    return toHex(this.#plane.digest(this.#slot("dedup"), content)) as ChunkId;
  }

  /** Stores contents, each sealed as the chunk or list that `id` names, whatever they are. */
  store(...parts: readonly { readonly id: ChunkId; readonly bytes: Uint8Array; readonly kind?: "list" }[]): Place[] {
    const root = this.#slot(`epoch.${this.#epoch}.chunk`);
    return this.storeSealed(
      ...parts.map(({ id, bytes, kind }) =>
        this.#plane.seal(root, kind === "list" ? listContext(id) : chunkContext(id), bytes),
      ),
    );
  }

  /** Stores bytes that were never sealed, or were sealed before, as one blob. */
  storeSealed(...sealed: readonly Uint8Array[]): Place[] {
    const bytes = Buffer.concat(sealed);
    const blob = toHex(sha256(bytes)) as BlobId;
    this.#put(`/v1/blobs/${blob}`, bytes);
    let at = 0;
    return sealed.map(({ length }) => {
      const place = { blob, offsetBytes: at, sealedBytes: length };
      at += length;
      return place;
    });
  }

  /** Appends a record to the device's log; throws unless the server takes it. */
  write({ roots = [], entries, startId = "ab".repeat(16), blobs: more = [], references }: Forged): void {
    const blobs: BlobId[] = [];
    const made = entries((id, place) => {
      let blob = blobs.indexOf(place.blob);
      if (blob < 0) blob = blobs.push(place.blob) - 1;
      return { id, source: 0, blob, offsetBytes: place.offsetBytes, sealedBytes: place.sealedBytes };
    });
    const sources = [{ device: this.device, epoch: this.#epoch }];
    const body = padBody(encodeRecordBody({ sources, blobs, roots, entries: made }));
    const named = references === undefined ? [...new Set([...blobs, ...more])].sort() : [];
    this.writeBody(body, named, startId, references);
  }

  /** Appends a record whose body is `body`, whatever that says; its header names these blobs, or these reference blobs. */
  writeBody(
    body: Uint8Array,
    blobs: readonly BlobId[] = [],
    startId = "ab".repeat(16),
    references: readonly BlobId[] = [],
  ): void {
    const head = headOf(this.#server.state.accounts.get(this.vault)?.devices.get(this.device));
    const header = encodeRecordHeader({
      vault: this.vault,
      device: this.device,
      number: head.number + 1,
      previousHash: head.hash as Digest,
      epoch: this.#epoch,
      envelopeHash: this.#envelopeHash,
      startId,
      blobs,
      referenceBlobs: references,
      checkpoint: null,
    });
    const context = recordContext(headerHash(header));
    const sealed = this.#plane.seal(this.#slot(`epoch.${this.#epoch}.record`), context, body);
    this.#put(`/v1/devices/${this.device}/records/${head.number + 1}`, Buffer.concat([header, sealed]));
  }

  #slot(name: string): Uint8Array {
    const bytes = this.#slots.read(name);
    if (bytes === null) throw new Error(`expected the home to hold ${name}`);
    return bytes;
  }

  #put(path: string, body: Uint8Array): void {
    const session = { vault: this.vault, device: this.device, scope: "append" } as const;
    const bearer = this.#server.makeToken({ ...session, expiresAtMs: this.#server.nowMs + 60_000 });
    const request: HttpRequest = { method: "PUT", path, bearer, range: null, body };
    const { status, body: answer } = this.#server.handle(request);
    if (status !== 201 && status !== 200) throw new Error(`${path}: ${status} ${Buffer.from(answer)}`);
  }
}
