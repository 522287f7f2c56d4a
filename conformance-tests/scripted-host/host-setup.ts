// What a scripted host is made of, and what a test may choose of it. Rule: only types; defaults stand in the world.

import type { Conditions } from "../../engine/src/border/inputs.ts";
import type { BytePlane } from "./byte-plane.ts";
import type { EffectGround, WorkEffect } from "./effects.ts";
import type { FileTree } from "./file-tree.ts";
import type { MemoryStore } from "./memory-store.ts";
import type { EngineFactory } from "./script-engines.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Slots } from "./slots.ts";
import type { Trace } from "./trace.ts";
import type { VirtualLink } from "./virtual-link.ts";

export interface HostSetup {
  readonly makeEngine: EngineFactory;
  readonly role: "backup" | "restore";
  readonly ownFolders: readonly string[];
  readonly software: string;
  readonly conditions: Conditions;
  readonly store: MemoryStore;
  readonly trace: Trace;
  readonly ground: EffectGround;
  readonly random: SeededRandom;
  /** How long an effect waits before it is done, in ms: this chooses the order of answers. */
  readonly delayMs: (effect: WorkEffect, random: SeededRandom) => number;
  /** How many of the waiting inputs (at least 1 when there are any) one step is given. */
  readonly batch: (waiting: number, random: SeededRandom) => number;
  /** On a fault of the engine: fail the test, or do as H-3 says. */
  readonly onFault: "throw" | "recover";
}

/** What a test may choose for a host. */
export interface HostChoice extends Partial<Omit<HostSetup, "ground" | "random">> {
  readonly makeEngine: EngineFactory;
  readonly seed?: number;
  readonly tree?: FileTree;
  readonly slots?: Slots;
  readonly plane?: BytePlane;
  readonly link?: VirtualLink;
  readonly passphrase?: string | null;
  readonly common?: ReadonlySet<string>;
  readonly keepsTrace?: boolean;
}
