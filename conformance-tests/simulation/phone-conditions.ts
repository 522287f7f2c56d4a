// What a phone's owner allows, and how its network and its charger are. Rule: what was allowed or forbidden a moment ago is not
// held against an engine that has not heard of it yet.

import type { Conditions } from "../../engine/src/border/inputs.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";

type Network = Conditions["network"];

/** The policy of an owner who forbids nothing. */
export const EVERYTHING = { unmeteredOnly: false, chargingOnly: false } as const;

export class PhoneConditions {
  /** What the owner allows, as far as the phone's tables are known to hold it. */
  readonly policy: Record<keyof typeof EVERYTHING, boolean> = { ...EVERYTHING };
  network: Network = "unmetered";
  charging = true;
  /** How often they changed: each time may cut off what is on its way. */
  changes = 0;
  readonly #host: ScriptedHost;
  #sinceMs = 0;

  constructor(host: ScriptedHost) {
    this.#host = host;
  }

  /** Tells the host how things are from now on. */
  change(now: { readonly network?: Network; readonly charging?: boolean }): void {
    Object.assign(this, now);
    this.changes++;
    this.#sinceMs = this.#host.clock.nowMs;
    this.#host.setConditions(now);
  }

  /** Everything is allowed, or not known to be forbidden. */
  allowEverything(): void {
    Object.assign(this.policy, EVERYTHING);
  }

  /** Whether the policy lets nothing be sent. */
  get isForbidden(): boolean {
    const { policy, network, charging } = this;
    return (policy.unmeteredOnly && network === "metered") || (policy.chargingOnly && !charging);
  }

  /** Whether nothing may be sent, and the phone has had time to hear of it. */
  get isKnownForbidden(): boolean {
    return this.isForbidden && this.#host.clock.nowMs > this.#sinceMs;
  }

  /** Whether the server can be asked anything. */
  get mayAsk(): boolean {
    return this.network !== "none" && !this.isForbidden;
  }
}
