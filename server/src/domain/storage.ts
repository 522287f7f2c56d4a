// The stores of bytes as the domain needs them: blobs, and the journal of account changes. Rule: what these contracts
// call durable is on stable storage before the promise is fulfilled.

import type { Readable } from "node:stream";
import type { Id } from "./encodings.ts";

/** The disk (or the database's file) is full; nothing of the failed write remains. */
export class StorageFull extends Error {
  constructor() {
    super("the storage is full");
    this.name = "StorageFull";
  }
}

/** One upload's file: `suffix` is fresh for each, so that a repeated upload never touches the bytes being served. */
export type StoredBlob = { readonly vault: Id; readonly id: Id; readonly suffix: string; readonly sizeBytes: number };

/** A range of bytes, both ends included. */
export type ByteRange = { readonly first: number; readonly last: number };

/** Bytes that arrived whole in a temporary place and are not yet named. */
export interface Arrival {
  readonly hash: Id;
  readonly sizeBytes: number;
  /** Makes the bytes durable under the blob's name and gives the suffix. Called at most once. */
  keep(vault: Id, id: Id): Promise<string>;
  /** Removes the temporary bytes; harmless after `keep`. */
  discard(): Promise<void>;
}

/**
 * Immutable blobs. `receive` hashes while it writes and holds a few MiB at most; when the source fails, nothing remains.
 * `has` looks, without reading, whether the file is there in the blob's size; `find` gives every upload of one id. `remove`
 * touches only the named upload. `list` gives every kept blob, in no order.
 */
export interface BlobStore {
  receive(source: AsyncIterable<Uint8Array>): Promise<Arrival>;
  /** Null when there is no such file, or it has not the blob's size. */
  open(blob: StoredBlob, range: ByteRange | null): Promise<Readable | null>;
  /** The whole bytes, or null when there is no such file. */
  read(blob: StoredBlob): Promise<Uint8Array | null>;
  has(blob: StoredBlob): Promise<boolean>;
  find(vault: Id, id: Id): Promise<StoredBlob[]>;
  remove(blob: StoredBlob): Promise<void>;
  list(): AsyncIterable<StoredBlob>;
}

/**
 * Numbered objects of each vault (P-71). `append` is atomic: after a crash the object is there whole or not at all, and of
 * two writers of one number one gets "taken". A number is never free again: `replace` writes other bytes in the place of
 * an object, as atomically, and only an account that is erased has its objects removed.
 */
export interface Journal {
  append(vault: Id, sequence: number, bytes: Uint8Array): Promise<"written" | "taken">;
  /** Puts bytes under a number whatever stands there; atomic and durable like `append`. */
  replace(vault: Id, sequence: number, bytes: Uint8Array): Promise<void>;
  /** Null when there is no such object. */
  read(vault: Id, sequence: number): Promise<Uint8Array | null>;
  /** The numbers that are there, ascending. */
  list(vault: Id): Promise<number[]>;
  remove(vault: Id, sequence: number): Promise<void>;
  listVaults(): Promise<Id[]>;
}
