// The slots: named places of symmetric keys (docs/host-api.md H-27). Rule: a key leaves this file only inside the host;
// `device` slots are on stable storage before anyone finds them here.

import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { SlotStorage } from "coffre-engine";
import { RefusedEffect } from "../../../host-loop/src/index.ts";
import { errnoOf } from "./system-error.ts";

const SLOT = /^[a-z0-9.-]{1,80}$/;
const KEY_BYTES = 32;
const FORM = 1;

/** The file of the keys is there, and holds something else: cut, changed, or made by a newer Coffre. */
export class KeysUnreadable extends Error {
  override readonly name = "KeysUnreadable";

  constructor() {
    super("expected a file of keys of form 1");
  }
}

/** The keys of one home: those of the `device` in one file that only its owner may read, the others in memory. */
export class Slots {
  readonly #file: string;
  readonly #memory = new Map<string, Buffer>();
  /** What the file holds, too. */
  #device: ReadonlyMap<string, Buffer>;
  #isClosed = false;

  /** `file` is made when the first `device` slot is. KeysUnreadable when it holds something else. */
  constructor(file: string) {
    this.#file = file;
    this.#device = readKeys(file);
  }

  /** The slot's content, or null when it is absent. Nobody may change it or keep it. */
  find(slot: string): Buffer | null {
    checkSlot(slot);
    return this.#memory.get(slot) ?? this.#device.get(slot) ?? null;
  }

  /** Draws 32 random bytes, unless the slot is there. */
  make(slot: string, storage: SlotStorage): void {
    if (this.#read(slot, storage) === null) this.write(slot, storage, randomBytes(KEY_BYTES));
  }

  /** Keeps `bytes`, which belong to the slots from now on: what they cannot keep they erase. */
  write(slot: string, storage: SlotStorage, bytes: Buffer): void {
    let isKept = false;
    try {
      const before = this.#read(slot, storage);
      this.#checkOpen();
      if (storage === "device") this.#save(new Map(this.#device).set(slot, bytes));
      else this.#memory.set(slot, bytes);
      isKept = true;
      if (before !== bytes) before?.fill(0);
    } finally {
      if (!isKept) bytes.fill(0);
    }
  }

  /** The content of a slot in that storage, or null. */
  read(slot: string, storage: SlotStorage): Buffer | null {
    return this.#read(slot, storage);
  }

  /** Overwrites and removes a slot; false when it was absent. */
  erase(slot: string, storage: SlotStorage): boolean {
    const bytes = this.#read(slot, storage);
    this.#checkOpen();
    if (bytes === null) return false;
    if (storage === "device") this.#save(new Map([...this.#device].filter(([name]) => name !== slot)));
    else this.#memory.delete(slot);
    bytes.fill(0);
    return true;
  }

  /** Overwrites what is in memory; the slots are of no use afterwards. */
  close(): void {
    this.#isClosed = true;
    for (const bytes of [...this.#memory.values(), ...this.#device.values()]) bytes.fill(0);
    this.#memory.clear();
    this.#device = new Map();
  }

  #read(slot: string, storage: SlotStorage): Buffer | null {
    checkSlot(slot);
    return (storage === "memory" ? this.#memory : this.#device).get(slot) ?? null;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error("expected slots that are not closed");
  }

  /**
   * Puts `next` on the disk, and only then here: whoever asked for a key in vain asks again, and would be told that it is there.
   * The file is replaced as a whole, and what it was before is overwritten: an erased key must not stay on the disk.
   */
  #save(next: ReadonlyMap<string, Buffer>): void {
    const slots = Object.fromEntries([...next].map(([slot, bytes]) => [slot, bytes.toString("base64")]));
    const text = Buffer.from(`${JSON.stringify({ form: FORM, slots })}\n`);
    const before = openIfThere(this.#file);
    try {
      const draft = `${this.#file}.new`;
      const fd = openSync(draft, "w", 0o600);
      try {
        writeFlushed(fd, text);
      } finally {
        closeSync(fd);
      }
      renameSync(draft, this.#file);
      syncFolder(dirname(this.#file));
      if (before !== null) writeFlushed(before, Buffer.alloc(fstatSync(before).size));
    } finally {
      if (before !== null) closeSync(before);
      text.fill(0);
    }
    this.#device = next;
  }
}

/** Puts a folder's names on stable storage. */
export function syncFolder(folder: string | Buffer): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function checkSlot(slot: string): void {
  if (!SLOT.test(slot)) throw new RefusedEffect("expected the name of a slot");
}

function readKeys(file: string): Map<string, Buffer> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return new Map();
    throw error;
  }
  const keys = parseKeys(text);
  if (keys === null) throw new KeysUnreadable();
  return keys;
}

/** The slots in a file's text, or null: an error of the JSON reader would quote what it could not read, which is keys. */
function parseKeys(text: string): Map<string, Buffer> | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== "object" || read === null || !("form" in read) || read.form !== FORM) return null;
  if (!("slots" in read) || typeof read.slots !== "object" || read.slots === null) return null;
  const keys = new Map<string, Buffer>();
  for (const [slot, written] of Object.entries(read.slots)) {
    if (typeof written !== "string") return null;
    const bytes = Buffer.from(written, "base64");
    if (!SLOT.test(slot) || bytes.length === 0 || bytes.toString("base64") !== written) return null;
    keys.set(slot, bytes);
  }
  return keys;
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, "r+");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Writes from the file's beginning on, to stable storage. */
function writeFlushed(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
  fsyncSync(fd);
}
