// What the scenarios of restoring begin with: a vault that a phone filled, one record after the other, and readers of
// it. Rule: everything here is public behaviour; no test looks into the engine's tables.

import { expect } from "vitest";
import type { Ask } from "../../engine/src/border/asks.ts";
import type { Result } from "../../engine/src/border/results.ts";
import type { DamageView, ListingEntry } from "../../engine/src/border/views.ts";
import { createEngine } from "../../engine/src/index.ts";
import type { FileContent } from "../scripted-host/file-content.ts";
import type { HostChoice } from "../scripted-host/host-setup.ts";
import { onlyAccount, onlyDevice } from "../scripted-host/hostile-server.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import type { Account, DeviceLog } from "../scripted-host/server-state.ts";
import { SERVER_URL, VirtualWorld } from "../scripted-host/virtual-world.ts";

export const SERVER: { readonly url: string } = { url: SERVER_URL };
export const LOGIN = "ada";

type Files = Readonly<Record<string, FileContent | string>>;
export type RestoreAsk = Extract<Ask, { readonly kind: "restore" }>;

/** A world with one phone whose folder `/phone` is root `all`. */
export class Stage {
  readonly world: VirtualWorld = new VirtualWorld();
  readonly phone: ScriptedHost;

  constructor(choice: Partial<HostChoice> = {}) {
    this.phone = this.world.addHost({ makeEngine: createEngine, ...choice });
    this.phone.ground.tree.addFolder("/phone");
    this.phone.start();
    this.drive({ kind: "create", server: SERVER, login: LOGIN, deviceName: "phone" });
    this.drive({ kind: "add-root", name: "all", locator: "/phone", excludes: [] });
  }

  get account(): Account {
    return onlyAccount(this.world.server.state);
  }

  get device(): string {
    return onlyDevice(this.account);
  }

  get log(): DeviceLog {
    return this.account.devices.get(this.device) as DeviceLog;
  }

  /** The words that were shown once. */
  get words(): string {
    return this.phone.views.flatMap((view) => (view.kind === "words" ? [view.words] : []))[0] as string;
  }

  /** Writes files, backs up, and gives the numbers of the records that came of it. */
  backUp(files: Files): number[] {
    for (const [path, content] of Object.entries(files)) this.phone.ground.tree.write(`/phone/${path}`, content);
    return this.sync();
  }

  /** Backs up what has changed; a minute later, so that nothing counts as still changing. */
  sync(): number[] {
    this.world.clock.advance(60_000);
    const before = this.account.devices.get(this.device)?.records.length ?? 0;
    this.drive({ kind: "backup", mode: "once" });
    return this.log.records.slice(before).map((_, index) => before + index + 1);
  }

  /** A host that has opened the vault. */
  reader(choice: Partial<HostChoice> = {}): ScriptedHost {
    const reader = this.world.addHost({ makeEngine: createEngine, role: "restore", ...choice });
    reader.start();
    expect(openVault(reader)).toMatchObject({ outcome: "ok" });
    return reader;
  }

  drive(ask: Ask): void {
    expect(this.phone.drive(ask)).toMatchObject({ outcome: "ok" });
  }
}

/** Opens the stage's vault with the passphrase, or with words. */
export function openVault(reader: ScriptedHost, words?: string): Result | null {
  return reader.drive({ kind: "open-vault", server: SERVER, login: LOGIN, ...(words === undefined ? {} : { words }) });
}

/** Everything into `/target`, but for what the test says. */
export function restoreAsk(choice: Partial<RestoreAsk> = {}): RestoreAsk {
  return { kind: "restore", target: "/target", work: "/work", selections: [], existing: "skip", ...choice };
}

export function restore(reader: ScriptedHost, choice: Partial<RestoreAsk> = {}): Result | null {
  return reader.drive(restoreAsk(choice));
}

/** All damage that was shown, in order. */
export function damagesOf(reader: ScriptedHost): DamageView[] {
  return reader.views.flatMap((view) => (view.kind === "damage" ? view.damage : []));
}

/** The damage codes that were shown, each once, in order. */
export function codesOf(reader: ScriptedHost): string[] {
  return [...new Set(damagesOf(reader).map(({ code }) => code))].sort();
}

/** What a listing shows. */
export function listed(reader: ScriptedHost, ask: Omit<Extract<Ask, { kind: "list" }>, "kind"> = {}): ListingEntry[] {
  const seen = reader.views.length;
  reader.drive({ kind: "list", ...ask });
  return reader.views.slice(seen).flatMap((view) => (view.kind === "listing" ? view.entries : []));
}

/** The text of a restored file, or null when it is not there. */
export function textAt(reader: ScriptedHost, locator: string): string | null {
  const found = reader.ground.tree.find(locator);
  if (found.kind === "failed" || found.node.kind !== "file") return null;
  return Buffer.from(reader.ground.tree.bytesAt(locator)).toString("utf8");
}
