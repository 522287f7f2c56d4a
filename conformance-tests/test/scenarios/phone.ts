// A phone in a virtual world, for scenarios: paired, with one root, and a way to compare what a stranger's machine gets
// back. Rule: whatever is called synced here is compared with what the recovery of a new machine gives.

import { createEngine } from "coffre-engine";
import type { Result } from "../../../engine/src/border/results.ts";
import type { StatusCounts, View } from "../../../engine/src/border/views.ts";
import type { HostChoice } from "../../scripted-host/host-setup.ts";
import type { EngineFactory } from "../../scripted-host/script-engines.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { SERVER_URL, VirtualWorld } from "../../scripted-host/virtual-world.ts";

export const LOGIN = "anna";
export const ROOT = "/photos";
export const TARGET = "/restored";
export const SERVER = { url: SERVER_URL };

export type BackupResult = Result & { readonly ask: "backup" };
export type RestoreResult = Result & { readonly ask: "restore" };

export interface Phone {
  readonly world: VirtualWorld;
  readonly host: ScriptedHost;
  readonly makeEngine: EngineFactory;
}

/** A phone that was paired with a new vault and has the root `photos`, with `fill` done to its tree before. */
export function pairPhone(fill: (host: ScriptedHost) => void, choice: Partial<HostChoice> = {}, seed = 7): Phone {
  const makeEngine = choice.makeEngine ?? createEngine;
  const world = new VirtualWorld(seed);
  const host = world.addHost({ ...choice, makeEngine });
  host.ground.tree.addFolder(ROOT);
  fill(host);
  // Old enough that no time stamp is close to the reading.
  world.clock.advance(10_000);
  host.start();
  expectOk(host.drive({ kind: "create", server: SERVER, login: LOGIN, deviceName: "phone" }));
  expectOk(host.drive({ kind: "add-root", name: "photos", locator: ROOT, excludes: [] }));
  return { world, host, makeEngine };
}

/** One backup to its end; null when a crash point was reached. */
export function backUp(phone: Phone): BackupResult | null {
  return phone.host.drive({ kind: "backup", mode: "once" }) as BackupResult | null;
}

/** One backup by a new process. */
export function backUpAgain(phone: Phone): BackupResult {
  phone.host.stop();
  phone.host.start();
  const result = backUp(phone);
  if (result === null) throw new Error("the phone went down");
  return result;
}

export function countsOf(result: BackupResult): Partial<StatusCounts> {
  const { filesSynced, filesWaiting, filesExcluded } = result.counts;
  return { filesSynced, filesWaiting, filesExcluded };
}

/** Notices of a host, as `code` or `code:count`. */
export function noticesOf(host: ScriptedHost): string[] {
  return host.views.flatMap((view: View) =>
    view.kind === "notice" ? [view.count === undefined ? view.code : `${view.code}:${view.count}`] : [],
  );
}

export interface Restored {
  readonly host: ScriptedHost;
  readonly result: RestoreResult;
  /** Path below the target → content, or `-> target` of a link, or `folder`. */
  readonly files: ReadonlyMap<string, string>;
}

/** Restores everything on a machine that knows nothing but server, login and passphrase. */
export function restoreElsewhere(phone: Phone, ask: { at?: number; existing?: "skip"; reads?: false } = {}): Restored {
  const host = phone.world.addHost({ makeEngine: phone.makeEngine, role: "restore" });
  host.ground.tree.addFolder(TARGET);
  host.ground.tree.addFolder("/work");
  host.start();
  expectOk(host.drive({ kind: "open-vault", server: SERVER, login: LOGIN }));
  const result = host.drive({
    kind: "restore",
    target: TARGET,
    work: "/work",
    selections: [],
    existing: ask.existing ?? "skip",
    ...(ask.at === undefined ? {} : { at: ask.at }),
  }) as RestoreResult;
  return { host, result, files: ask.reads === false ? new Map() : readTree(host, TARGET) };
}

/** What lies below a folder of a host's tree. */
export function readTree(host: ScriptedHost, locator: string): Map<string, string> {
  const files = new Map<string, string>();
  const walk = (folder: string, below: string): void => {
    const node = host.ground.tree.at(folder);
    if (node.kind !== "folder") return;
    for (const [name, child] of node.children) {
      const path = below === "" ? name : `${below}/${name}`;
      if (child.kind === "folder") {
        files.set(path, "folder");
        walk(`${folder}/${name}`, path);
      } else if (child.kind === "file") {
        files.set(path, Buffer.from(host.ground.tree.bytesAt(`${folder}/${name}`)).toString("latin1"));
      } else if (child.kind === "link") {
        files.set(path, `-> ${Buffer.from(child.target).toString("latin1")}`);
      }
    }
  };
  walk(locator, "");
  return files;
}

/** The phone's tree as a restore below the root's name should give it back. */
export function expectedTree(phone: Phone): Map<string, string> {
  const files = new Map<string, string>([["photos", "folder"]]);
  for (const [path, content] of readTree(phone.host, ROOT)) files.set(`photos/${path}`, content);
  return files;
}

function expectOk(result: Result | null): void {
  if (result?.outcome !== "ok") throw new Error(`expected an ask to work: ${JSON.stringify(result)}`);
}
