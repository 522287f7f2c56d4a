/**
 * What a host tells the engine: the types of docs/host-api.md §2 and of the policy and conditions in §4.
 * Rule: as in `effects.ts`; everything here came from outside, and `read-step.ts` reads it first.
 */
import type { Answer } from "./answers.ts";
import type { Ask } from "./asks.ts";

/** When uploads may run, and how fast. */
export interface Policy {
  /** Only over networks that cost nothing. */
  readonly unmeteredOnly: boolean;
  /** Also where the network is metered because it is another country's; without it only at home. */
  readonly roamingToo: boolean;
  /** What blobs may cost over metered networks in a month of the local calendar; null: no limit. @unit bytes */
  readonly meteredBytesPerMonth: number | null;
  /** Only while charging. */
  readonly chargingOnly: boolean;
  /** Between these minutes of the local day; null: always. From > to spans midnight. @unit [minute, minute], 0 to 1,440 */
  readonly hours: readonly [from: number, to: number] | null;
  /** The pace of uploads; null: as fast as it goes. @unit bytes/s, 1 or more */
  readonly uploadBytesPerS: number | null;
}

/** The device and its network. */
export interface Conditions {
  /** The network that is there; `roaming` is a metered one of somebody else's. */
  readonly network: "none" | "metered" | "roaming" | "unmetered";
  /** Whether the device is charging. */
  readonly charging: boolean;
  /** The local time less UTC. @unit minutes */
  readonly utcOffsetMinutes: number;
}

/** A process, or a new engine in it, begins. */
export interface Started {
  readonly kind: "started";
  /** What this Store is for. */
  readonly role: "backup" | "restore";
  /** The folders that are Coffre's own. @unit absolute locators */
  readonly ownFolders: readonly string[];
  /** The host's name and version. @unit text */
  readonly software: string;
}

/** An effect ended. */
export interface Answered {
  readonly kind: "answer";
  /** Which. @unit id of an effect */
  readonly effect: number;
  /** How (§3). @unit answer (§3) */
  readonly answer: Answer;
}

/** Something changed below an observed root. */
export interface Changed {
  readonly kind: "changed";
  /** The root. @unit locator */
  readonly root: string;
  /** The folders whose listing changed; null: anything below the root. @unit paths */
  readonly folders: readonly string[] | null;
}

/** Whether changes below an observed root may go unseen from now on. */
export interface Unwatched {
  readonly kind: "unwatched";
  /** The root. @unit locator */
  readonly root: string;
  /** True: no watch is left. False: all changes are seen again. */
  readonly unwatched: boolean;
}

/** The conditions, after `started` and at each change. */
export interface ConditionsNow extends Conditions {
  readonly kind: "conditions";
}

/** A person asks. */
export interface Asked {
  readonly kind: "ask";
  /** What (§4). @unit ask (§4) */
  readonly ask: Ask;
}

export type Input = Started | Answered | Changed | Unwatched | ConditionsNow | Asked;

/** One call of `handle`. */
export interface StepInput {
  /** The host's clock; it may jump. @unit ms since 1970 */
  readonly now: number;
  /** A clock that is never set, from any beginning, one for each process. @unit ms */
  readonly monotonicMs: number;
  /** Fresh from the system's generator. @unit 64 bytes */
  readonly entropy: Uint8Array;
  /** What happened since the last call, in order. */
  readonly inputs: readonly Input[];
}
