// What the phone says of itself, against what is so. Rule: read from its tables by SQL of our own, and compared with the
// server's durable state and with the tree.

import type { StatusCounts, View } from "../../engine/src/border/views.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import type { Account, DeviceLog } from "../scripted-host/server-state.ts";
import { checkGuarantees } from "../test/scenarios/guarantees.ts";
import { Broken } from "./broken.ts";
import { isExcluded } from "./excluded.ts";
import type { TreeHistory } from "./history.ts";
import type { ServerOracle } from "./server-oracle.ts";

const SYNCED = `SELECT r.name AS root, f.path AS folder, e.name, e.kind, e.size, e.mtime_s, e.mtime_us
  FROM entry e JOIN folder f ON f.id = e.folder JOIN root r ON r.id = f.root WHERE e.state = 0`;
const ROWS = `SELECT f.path AS folder, e.name, e.state, e.reason FROM entry e JOIN folder f ON f.id = e.folder`;
const FILE = 1;
const EXCLUDED = 10;
/** Four blobs, a scan, a hash, a request and some to spare. */
const MOST_EFFECTS = 16;
/** Four of the largest blobs, and a record. */
const MOST_BYTES_UNDER_WAY = 4 * 8_388_608 + 1_048_576;

type Progress = Extract<View, { kind: "progress" }>;
export type StatusView = Extract<View, { kind: "status" }>;

interface SyncedRow {
  readonly root: string;
  readonly folder: string;
  readonly name: string;
  readonly kind: number;
  readonly size: number;
  readonly mtime_s: number;
  readonly mtime_us: number;
}

/** The device that the tables say this is, or null before pairing. */
export function pairedDevice(host: ScriptedHost): string | null {
  if (!hasTables(host)) return null;
  const [row] = host.store.query("SELECT value FROM meta WHERE key = 'pairing'");
  return row === undefined ? null : (JSON.parse(String(row["value"])) as { device: string }).device;
}

/** A number that changes whenever something becomes synced or stops being so, or a receipt comes. */
export function claimStamp(host: ScriptedHost): string {
  if (!hasTables(host)) return "";
  const [row] = host.store.query(
    "SELECT (SELECT count(*) FROM entry WHERE state = 0) AS n, (SELECT max(number) FROM record) AS r",
  );
  return JSON.stringify(row);
}

/** Throws Broken unless everything that the tables call synced is on the server as the newest version of its path. */
export function checkSynced(host: ScriptedHost, account: Account, oracle: ServerOracle): void {
  const device = pairedDevice(host);
  if (device === null) return;
  const latest = oracle.latest(account, device);
  for (const row of host.store.query(SYNCED) as unknown as SyncedRow[]) {
    const path = [row.root, row.folder, row.name].filter((part) => part !== "").join("/");
    const known = latest.get(path);
    if (known === undefined) throw new Broken("restorable", "something is called synced that no record names");
    const { entry } = known;
    if (entry.kind === "gone")
      throw new Broken("restorable", "something is called synced whose newest record says gone");
    if (row.kind !== FILE || entry.kind !== "file") continue;
    const isSame = entry.sizeBytes === row.size && entry.mtimeS === row.mtime_s && entry.mtimeUs === row.mtime_us;
    if (!isSame) throw new Broken("restorable", "a file is called synced whose newest record names another version");
    if (!oracle.isWhole(account, known))
      throw new Broken("restorable", "a file is called synced whose bytes are not there");
  }
}

/** Throws Broken unless each file of the tree is known to the tables, synced or with a reason. */
export function checkNamed(
  host: ScriptedHost,
  history: TreeHistory,
  hidden: ReadonlySet<string>,
  isOver: boolean,
): void {
  const rows = new Map<string, { readonly state: number; readonly reason: unknown }>();
  for (const row of host.store.query(ROWS)) {
    const folder = String(row["folder"]);
    const path = folder === "" ? String(row["name"]) : `${folder}/${row["name"]}`;
    rows.set(path, { state: Number(row["state"]), reason: row["reason"] });
  }
  const failed = host.store
    .query("SELECT path FROM folder WHERE failed IS NOT NULL OR due = 1")
    .map((row) => `${row["path"]}`);
  for (const [path, node] of history.present) {
    if (node.kind !== "file" && node.kind !== "link") continue;
    const row = rows.get(path);
    if ([...hidden].some((one) => path === one || path.startsWith(`${one}/`))) continue;
    if (row === undefined) {
      if (failed.some((folder) => folder === "" || path.startsWith(`${folder}/`))) continue;
      throw new Broken("named", `a ${node.kind} is in no table after a run that ended`);
    }
    if (isExcluded(path)) {
      // Of what cannot be looked at nobody knows what it is; it waits for a reason.
      const isNamed = row.state === EXCLUDED || (!isOver && row.reason !== null);
      if (!isNamed) throw new Broken("named", `an excluded ${node.kind} is in state ${row.state}`);
      continue;
    }
    if (isOver && row.state !== 0)
      throw new Broken("named", `a ${node.kind} is not synced: ${row.reason ?? `state ${row.state}`}`);
    if (row.state === 9 && row.reason === null) throw new Broken("named", "a file waits without a reason");
  }
}

/** Throws Broken unless shown counts are those of the tables, and add up. */
export function checkCounts(host: ScriptedHost, counts: StatusCounts): void {
  const [found] = host.store.query(
    `SELECT count(CASE WHEN state = 0 AND kind = 1 AND unseen IS NULL THEN 1 END) AS synced,
     count(CASE WHEN state = 10 THEN 1 END) AS excluded,
     count(CASE WHEN state NOT IN (0, 7, 8, 10) OR unseen IS NOT NULL THEN 1 END)
     + (SELECT count(*) FROM folder WHERE failed IS NOT NULL) + (SELECT count(*) FROM folder WHERE held IS NOT NULL)
     + (SELECT count(*) FROM root WHERE unavailable IS NOT NULL) AS waiting,
     coalesce(sum(CASE WHEN state = 0 AND kind = 1 AND unseen IS NULL THEN size END), 0) AS bytes
     FROM entry WHERE kind <> 2 OR state = 9`,
  );
  const { filesSynced: synced, filesExcluded: excluded, filesWaiting: waiting, bytesSynced: bytes } = counts;
  const shown = { synced, excluded, waiting, bytes };
  if (Object.entries(shown).some(([name, count]) => found?.[name] !== count)) {
    throw new Broken("honest-counts", `shown ${JSON.stringify(shown)}, found ${JSON.stringify(found)}`);
  }
  const named = counts.waiting.reduce((sum, { files }) => sum + files, 0);
  if (named !== counts.filesWaiting)
    throw new Broken("honest-counts", `${counts.filesWaiting} wait, ${named} have a reason`);
}

/** Throws Broken when progress claims more than there is. */
export function checkProgress({ filesDone, filesTotal, bytesDone, bytesTotal }: Progress): void {
  if (filesDone < 0 || filesDone > filesTotal || bytesDone < 0 || bytesDone > bytesTotal) {
    throw new Broken("honest-counts", `${filesDone} of ${filesTotal} files, ${bytesDone} of ${bytesTotal} bytes`);
  }
}

/** Throws Broken unless the progress that was last shown is that of a phone with nothing left to do. */
export function checkAllDone({ filesDone, filesTotal, bytesDone, bytesTotal }: Progress, history: TreeHistory): void {
  let files = 0;
  for (const [path, { kind }] of history.present) if (kind === "file" && !isExcluded(path)) files++;
  if (filesDone !== files || filesTotal !== files || bytesDone !== bytesTotal) {
    throw new Broken(
      "honest-counts",
      `${filesDone} of ${filesTotal} done, ${bytesDone} of ${bytesTotal} bytes, of ${files}`,
    );
  }
}

/** Throws Broken unless the status of a phone with nothing left to do names its log's last record, and no trouble. */
export function checkRestingStatus({ state, lastReceipt, files, next }: StatusView, log: DeviceLog): void {
  const said = { state, receipt: lastReceipt?.number ?? 0, files: files.length, next: next.what };
  const wanted = { state: "ok", receipt: log.records.length, files: 0, next: "nothing" };
  if (JSON.stringify(said) !== JSON.stringify(wanted)) {
    throw new Broken("honest-counts", `shown ${JSON.stringify(said)}, found ${JSON.stringify(wanted)}`);
  }
}

/** Throws Broken where the log's last word on a path is that it is there, although it is not. */
export function checkGone(host: ScriptedHost, account: Account, oracle: ServerOracle, history: TreeHistory): void {
  const device = pairedDevice(host);
  if (device === null) return;
  for (const [path, { entry }] of oracle.latest(account, device)) {
    const below = path.includes("/") ? path.slice(path.indexOf("/") + 1) : "";
    if (below === "" && entry.kind === "folder") continue;
    if (entry.kind !== "gone" && !history.present.has(below)) {
      throw new Broken("gone", `a ${entry.kind} is gone, and the log's newest word is that it is there`);
    }
  }
}

/** Throws Broken unless what a phone holds at once is bounded: effects under way, and bytes that they send. */
export function checkMemory({ effectsUnderWay }: ScriptedHost): void {
  if (effectsUnderWay.length > MOST_EFFECTS) throw new Broken("memory", `${effectsUnderWay.length} effects at once`);
  let bytes = 0;
  for (const effect of effectsUnderWay) {
    if (effect.kind !== "upload") continue;
    for (const part of effect.parts) {
      if ("length" in part) bytes += part.length;
      else bytes += "zeros" in part ? part.zeros : part.bytes.length;
    }
  }
  if (bytes > MOST_BYTES_UNDER_WAY) throw new Broken("memory", `${bytes} bytes under way at once`);
}

/** Throws Broken unless the tables keep their guarantees. */
export function checkTables(host: ScriptedHost): void {
  try {
    checkGuarantees(host);
  } catch (error) {
    throw new Broken("tables", error instanceof Error ? error.message : String(error));
  }
}

function hasTables(host: ScriptedHost): boolean {
  return host.store.hasTable("entry");
}
