// `scan`: folders listed in the order of names (docs/host-api.md H-20). Rule: a folder that could not be listed whole is
// never called finished, and links are never followed.

import { isUtf8 } from "node:buffer";
import { type BigIntStats, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import type { Answers, EffectBody, ScanFailure, ScannedEntry, ScannedFolder, UnreadableEntry } from "coffre-engine";
import { toAsciiJson } from "coffre-engine";
import { describeStat, identityOf } from "../file-stat.ts";
import type { FolderListings } from "../folder-listings.ts";
import { folderOf, keyOfName, locate, locateIn, type SystemPath, textOfKey } from "../names.ts";
import { findOwnFolder, isOwnFolder, OWN_MARK } from "../own-folders.ts";
import { PlainFolders } from "../plain-folders.ts";
import { beginTurn } from "../runtime.ts";
import { errnoOf } from "../system-error.ts";

type ScanEffect = EffectBody & { kind: "scan" };
type Entry = ScannedEntry | UnreadableEntry;

const MOST_CHARS = 262_144;
/** What stands around a folder's entries and path. */
const FOLDER_CHARS = 64;

/** Carries out a `scan` effect. */
export async function scanFolders(
  listings: FolderListings,
  effect: ScanEffect,
  signal: AbortSignal,
): Promise<Answers["scan"]> {
  const before = statRoot(effect.root);
  if (typeof before === "string") return { kind: "root-unavailable", reason: before };
  if (findOwnFolder(locate(effect.root, "")) !== null) return { kind: "root-unavailable", reason: "own-folder" };
  const turn = beginTurn(signal);
  const folders: ScannedFolder[] = [];
  const stat = describeStat(before);
  let chars = FOLDER_CHARS + toAsciiJson(stat).length;
  let left = effect.entries;
  for (const { path, after } of effect.folders) {
    chars += FOLDER_CHARS + toAsciiJson(path).length;
    if (folders.length > 0 && (left <= 0 || chars >= MOST_CHARS)) break;
    const sight = lookAt(effect.root, path);
    const names = typeof sight === "string" ? sight : listings.list(effect.root, path, after, listFolder);
    if (typeof sight === "string" || typeof names === "string") {
      folders.push({ path, failed: typeof names === "string" ? names : "vanished" });
      continue;
    }
    if (names === null) {
      folders.push({ path, own: true });
      continue;
    }
    const folder = locate(effect.root, path);
    const entries: Entry[] = [];
    for (const key of names.rest()) {
      const entry = describeEntry(folder, textOfKey(key));
      const entryChars = toAsciiJson(entry).length + 1;
      if (left <= 0 || (chars + entryChars > MOST_CHARS && entries.length > 0)) break;
      entries.push(entry);
      names.advance();
      chars += entryChars;
      left--;
      if (turn.isOver()) await turn.pass();
    }
    const end = names.isEnd;
    const isSame = identityAt(effect.root, path) === sight.identity;
    // Another disk came or went meanwhile: the names may be those of either.
    folders.push(isSame ? { path, ...sight, entries, end } : { path, failed: "vanished" });
    if (end || !isSame) listings.drop(effect.root, path);
    else break;
  }
  // A root that went away meanwhile would look like folders whose files are gone.
  const after = statRoot(effect.root);
  if (typeof after === "string") return { kind: "root-unavailable", reason: after };
  if (identityOf(after) !== identityOf(before)) return { kind: "root-unavailable", reason: "vanished" };
  return { kind: "scanned", identity: identityOf(before), stat, folders };
}

/** The stat of the root's folder; the locator itself may be a link, for it is its owner's word. */
function statRoot(root: string): BigIntStats | ScanFailure {
  try {
    const stat = statSync(locate(root, ""), { bigint: true });
    return stat.isDirectory() ? stat : "not-a-folder";
  } catch (error) {
    return scanFailureOf(error);
  }
}

/** What is said of a folder itself: which one it is, and whether it lies on another disk than the one above. */
function lookAt(root: string, path: string): { identity: string; mounted?: true } | ScanFailure {
  try {
    new PlainFolders().check(root, path);
    if (path === "") return { identity: identityOf(statSync(locate(root, path), { bigint: true })) };
    const stat = lstatSync(locate(root, path), { bigint: true });
    if (!stat.isDirectory()) return "not-a-folder";
    const isMounted = statSync(locate(root, folderOf(path)), { bigint: true }).dev !== stat.dev;
    return { identity: identityOf(stat), ...(isMounted ? { mounted: true } : {}) };
  } catch (error) {
    return scanFailureOf(error);
  }
}

function identityAt(root: string, path: string): string | null {
  const sight = lookAt(root, path);
  return typeof sight === "string" ? null : sight.identity;
}

/** The keys of a folder's names, in order; null when they are Coffre's own. */
function listFolder(root: string, path: string): string[] | ScanFailure | null {
  try {
    const folder = locate(root, path);
    const names = readdirSync(folder, "latin1");
    if (names.includes(OWN_MARK) && isOwnFolder(folder)) return null;
    return names.map(keyOfName).sort(compareKeys);
  } catch (error) {
    return scanFailureOf(error);
  }
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function describeEntry(folder: SystemPath, name: string): Entry {
  try {
    const path = locateIn(folder, name);
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return { name, failed: "vanished" };
    const kind = kindOf(stat);
    if (kind !== "link") return { name, kind, ...describeStat(stat) };
    return { name, kind, ...describeStat(stat), ...describeTarget(readlinkSync(path, "buffer")) };
  } catch (error) {
    return { name, failed: scanFailureOf(error) };
  }
}

function kindOf(stat: BigIntStats): ScannedEntry["kind"] {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  if (stat.isSocket()) return "socket";
  if (stat.isFIFO()) return "pipe";
  return stat.isBlockDevice() || stat.isCharacterDevice() ? "device" : "unknown";
}

function describeTarget(target: Buffer): { target: string } | { targetHex: string } {
  return isUtf8(target) ? { target: target.toString("utf8") } : { targetHex: target.toString("hex") };
}

function scanFailureOf(error: unknown): ScanFailure {
  switch (errnoOf(error)) {
    case "ENOENT":
      return "vanished";
    case "ENOTDIR":
    case "ELOOP":
      return "not-a-folder";
    case "EACCES":
    case "EPERM":
      return "permission";
    case "ENAMETOOLONG":
      return "too-long";
    case "":
      throw error;
    default:
      return "io";
  }
}
