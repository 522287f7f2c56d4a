// Pieces of files by their keyed digest (docs/host-api.md H-22). Rule: bytes are given only after their digest was compared;
// those that were just hashed come from memory.

import { closeSync, fstatSync } from "node:fs";
import type { FilePart } from "coffre-engine";
import { RefusedEffect } from "../../../host-loop/src/index.ts";
import type { HashedBytes } from "./hashed-bytes.ts";
import { locate } from "./names.ts";
import { openToRead, readFailureOf, readFully } from "./open-file.ts";
import { PlainFolders } from "./plain-folders.ts";
import { keyedDigest, sha256 } from "./sealing.ts";
import type { Slots } from "./slots.ts";

/** Why a piece is not what it should be. */
export type PieceFailure = "changed" | "vanished" | "unreadable";

/** Bytes with the digest asked for, and their SHA-256; good until the next `read`. */
export interface Piece {
  readonly bytes: Buffer;
  readonly sha256: Buffer;
}

/** Reads the file parts of one plan; the file of the last part stays open for the next. */
export class FilePieces {
  readonly #hashed: HashedBytes;
  readonly #roots: readonly string[];
  readonly #slot: string;
  readonly #key: Buffer | null;
  readonly #folders = new PlainFolders();
  #open: { readonly id: string; readonly fd: number } | null = null;
  #room: Buffer = Buffer.alloc(0);

  constructor(slots: Slots, hashed: HashedBytes, roots: readonly string[], slot: string | null) {
    this.#hashed = hashed;
    this.#roots = roots;
    this.#slot = slot ?? "";
    this.#key = slot === null ? null : slots.find(slot);
  }

  /** The bytes of `part`, or why they cannot be had. */
  read(part: FilePart): Piece | PieceFailure {
    if (this.#key === null) throw new RefusedEffect("expected a slot that is there for keyed digests");
    const held = this.#hashed.find(this.#slot, part.digest);
    if (held !== null && held.bytes.length === part.length) return held;
    try {
      const bytes = this.#readFile(part);
      if (typeof bytes === "string") return bytes;
      const sha = sha256(bytes);
      return keyedDigest(this.#key, sha) === part.digest ? { bytes, sha256: sha } : "changed";
    } catch (error) {
      return readFailureOf(error) === "vanished" ? "vanished" : "unreadable";
    }
  }

  /** Closes the file that is open. */
  close(): void {
    if (this.#open !== null) closeSync(this.#open.fd);
    this.#open = null;
  }

  #readFile(part: FilePart): Buffer | PieceFailure {
    const fd = this.#openFile(part);
    if (fd === null) return "unreadable";
    if (this.#room.length < part.length) this.#room = Buffer.allocUnsafeSlow(part.length);
    const bytes = this.#room.subarray(0, part.length);
    return readFully(fd, bytes, part.offset) < part.length ? "changed" : bytes;
  }

  #openFile(part: FilePart): number | null {
    const id = `${part.root} ${part.path}`;
    if (this.#open?.id === id) return this.#open.fd;
    this.close();
    const root = this.#roots[part.root];
    if (root === undefined) throw new RefusedEffect("expected the index of a root");
    this.#folders.check(root, part.path);
    const fd = openToRead(locate(root, part.path));
    this.#open = { id, fd };
    return fstatSync(fd).isFile() ? fd : null;
  }
}
