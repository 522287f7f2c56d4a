// The slots: named places of symmetric keys (docs/host-api.md H-27). Rule: a key leaves this file only inside the host;
// `device` slots are on stable storage before anyone is told.

import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { SlotStorage } from "coffre-engine";
import { errnoOf, RefusedEffect } from "./host-fault.ts";

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
  readonly #device: Map<string, Buffer>;

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

  /** Keeps `bytes`, which belong to the slots from now on. */
  write(slot: string, storage: SlotStorage, bytes: Buffer): void {
    checkSlot(slot);
    const slots = storage === "memory" ? this.#memory : this.#device;
    const before = slots.get(slot);
    slots.set(slot, bytes);
    if (storage === "device") this.#save();
    before?.fill(0);
  }

  /** The content of a slot in that storage, or null. */
  read(slot: string, storage: SlotStorage): Buffer | null {
    return this.#read(slot, storage);
  }

  /** Overwrites and removes a slot; false when it was absent. */
  erase(slot: string, storage: SlotStorage): boolean {
    const bytes = this.#read(slot, storage);
    if (bytes === null) return false;
    (storage === "memory" ? this.#memory : this.#device).delete(slot);
    if (storage === "device") this.#save();
    bytes.fill(0);
    return true;
  }

  /** Overwrites what is in memory; the slots are of no use afterwards. */
  close(): void {
    for (const bytes of [...this.#memory.values(), ...this.#device.values()]) bytes.fill(0);
    this.#memory.clear();
    this.#device.clear();
  }

  #read(slot: string, storage: SlotStorage): Buffer | null {
    checkSlot(slot);
    return (storage === "memory" ? this.#memory : this.#device).get(slot) ?? null;
  }

  /** Replaces the file as a whole, then overwrites what it was before: an erased key must not stay on the disk. */
  #save(): void {
    const slots = Object.fromEntries([...this.#device].map(([slot, bytes]) => [slot, bytes.toString("base64")]));
    const text = Buffer.from(`${JSON.stringify({ form: FORM, slots })}\n`);
    const before = openIfThere(this.#file);
    const draft = `${this.#file}.new`;
    const fd = openSync(draft, "w", 0o600);
    try {
      for (let at = 0; at < text.length; ) at += writeSync(fd, text, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, this.#file);
    syncFolder(dirname(this.#file));
    if (before !== null) overwrite(before);
    text.fill(0);
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

function overwrite(fd: number): void {
  try {
    const zeros = Buffer.alloc(fstatSync(fd).size);
    for (let at = 0; at < zeros.length; ) at += writeSync(fd, zeros, at, zeros.length - at, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
