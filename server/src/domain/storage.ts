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

/** The store gave an error, or its root is not there (an unmounted disk): nothing is known of what it holds. */
export class StoreUnavailable extends Error {
  /** The system's code for the error. */
  readonly code: string;

  constructor(code = "no mark") {
    super(`the store cannot be used: ${code}`);
    this.name = "StoreUnavailable";
    this.code = code;
  }
}

/**
 * The disk below the stores. The ballast is room that is kept on it for work that frees room; it is real bytes, and goes
 * and comes whole.
 */
export interface Room {
  /** Writes a little in every folder that must be writable; StorageFull, or StoreUnavailable with the error's code. */
  tryWrite(): Promise<void>;
  /** Makes the ballast unless it is there; false while the disk has no room for it, or when `signal` stopped it. */
  makeBallast(signal: AbortSignal | null): Promise<boolean>;
  giveBallast(): Promise<void>;
  /** How much of the disk is free for the server, and how large it is; null where the system does not say. */
  readSpace(): Promise<{ readonly freeBytes: number; readonly totalBytes: number } | null>;
}

/** A store whose root says whose it is. Once a mark is required, everything without it fails as StoreUnavailable. */
export interface MarkedStore {
  /** Null when the root bears none. */
  readMark(): Promise<string | null>;
  writeMark(text: string): Promise<void>;
  requireMark(text: string): void;
  /** StoreUnavailable when the root does not bear the required mark now. */
  check(): Promise<void>;
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
 * touches only the named upload. `list` gives every kept blob, in no order. What is read as missing is missing below a root
 * that is there; any error of the store is StoreUnavailable.
 */
export interface BlobStore extends MarkedStore {
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
 * an object, as atomically, and only an account that is erased has its objects removed. Missing and errors are as those of
 * BlobStore.
 */
export interface Journal extends MarkedStore {
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
