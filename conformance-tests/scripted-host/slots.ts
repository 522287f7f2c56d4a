// Key slots (docs/host-api.md H-27). Rule: what lies in memory is gone after a restart, what lies in the device stays;
// bytes leave only for the byte plane and for `secret read`.

import type { SlotStorage } from "../../engine/src/border/effects.ts";

const NAME = /^[a-z0-9.-]{1,80}$/;

export class Slots {
  readonly #device: Map<string, Uint8Array>;
  readonly #memory = new Map<string, Uint8Array>();
  /** Hears of everything that is written into a slot. */
  observe: (bytes: Uint8Array) => void = () => {};

  constructor(device: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#device = new Map(device);
  }

  /** Whether a text may name a slot. */
  static isName(name: string): boolean {
    return NAME.test(name);
  }

  /** The bytes of a slot wherever it lies, or null. */
  read(name: string): Uint8Array | null {
    return this.#memory.get(name) ?? this.#device.get(name) ?? null;
  }

  readFrom(name: string, storage: SlotStorage): Uint8Array | null {
    return this.#of(storage).get(name) ?? null;
  }

  write(name: string, storage: SlotStorage, bytes: Uint8Array): void {
    this.#of(storage).set(name, new Uint8Array(bytes));
    this.observe(bytes);
  }

  /** Overwrites and removes a slot; false when there was none. */
  erase(name: string, storage: SlotStorage): boolean {
    const slots = this.#of(storage);
    slots.get(name)?.fill(0);
    return slots.delete(name);
  }

  /** What a restart of the process does. */
  forgetMemory(): void {
    for (const bytes of this.#memory.values()) bytes.fill(0);
    this.#memory.clear();
  }

  /** The names that a storage holds, in order: for tests that ask what was erased. */
  names(storage: SlotStorage): readonly string[] {
    return [...this.#of(storage).keys()].sort();
  }

  /** The device's slots as another machine would get them: a clone, or a backup brought back. */
  clone(): Slots {
    return new Slots(new Map([...this.#device].map(([name, bytes]) => [name, new Uint8Array(bytes)])));
  }

  #of(storage: SlotStorage): Map<string, Uint8Array> {
    return storage === "device" ? this.#device : this.#memory;
  }
}
