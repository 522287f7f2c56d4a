// The slots: named places of symmetric keys (docs/host-api.md H-27). Rule: they live in this worker's memory alone; a browser has
// no secure storage, so `device` is refused.

import type { SlotStorage } from "coffre-engine";
import { RefusedEffect } from "../../../host-loop/src/index.ts";

const SLOT = /^[a-z0-9.-]{1,80}$/;
const KEY_BYTES = 32;

/** The engine asked for something that a browser does not have. */
export class UnsupportedEffect extends Error {
  override readonly name = "UnsupportedEffect";
}

export class Slots {
  readonly #memory = new Map<string, Uint8Array<ArrayBuffer>>();

  /** The slot's content, or null when it is absent. Nobody may change it or keep it. */
  find(slot: string): Uint8Array<ArrayBuffer> | null {
    checkSlot(slot, "memory");
    return this.#memory.get(slot) ?? null;
  }

  /** Draws 32 random bytes, unless the slot is there. */
  make(slot: string, storage: SlotStorage): void {
    checkSlot(slot, storage);
    if (!this.#memory.has(slot)) this.#memory.set(slot, crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  }

  /** Keeps `bytes`, which belong to the slots from now on. */
  write(slot: string, storage: SlotStorage, bytes: Uint8Array<ArrayBuffer>): void {
    checkSlot(slot, storage);
    const before = this.#memory.get(slot);
    if (before !== bytes) before?.fill(0);
    this.#memory.set(slot, bytes);
  }

  read(slot: string, storage: SlotStorage): Uint8Array<ArrayBuffer> | null {
    checkSlot(slot, storage);
    return this.#memory.get(slot) ?? null;
  }

  /** Overwrites and removes a slot. */
  erase(slot: string, storage: SlotStorage): void {
    checkSlot(slot, storage);
    this.#memory.get(slot)?.fill(0);
    this.#memory.delete(slot);
  }

  /** Overwrites all of them. */
  close(): void {
    for (const bytes of this.#memory.values()) bytes.fill(0);
    this.#memory.clear();
  }
}

function checkSlot(slot: string, storage: SlotStorage): void {
  if (!SLOT.test(slot)) throw new RefusedEffect("expected the name of a slot");
  if (storage === "device") throw new UnsupportedEffect("a browser keeps no slots of the device");
}
