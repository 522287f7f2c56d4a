// Items of `finish-file` as checks ask for them. Rule: what an item did not name, all of them have alike.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FinishItem } from "coffre-engine";
import type { AdapterProcess } from "./adapter-process.ts";
import { expectedStat } from "./awkward-things.ts";
import { expectEqual, expectKind } from "./check.ts";
import type { Stage } from "./stage.ts";

type FileItem = FinishItem & { kind: "file" };

export const OK = { kind: "ok" };
export const EXISTS = { kind: "exists" };
export const TIME = { mtimeS: 1_500_000_000, mtimeUs: 123_457 };
export const NAME_REFUSED = { kind: "refused", reason: "name" };

/** What becomes of an item whose place is taken by something else. */
export function conflict(reason: string): unknown {
  return { kind: "conflict", reason };
}

/** A target and a work folder that holds `files`. */
export function makePlaces(
  stage: Stage,
  files: Readonly<Record<string, string>> = {},
): { target: string; work: string } {
  const [target, work] = [stage.folder(), stage.folder()];
  for (const [name, content] of Object.entries(files)) writeFileSync(join(work, name), content);
  return { target, work };
}

/** Carries out items; what became of each. */
export async function finish(
  adapter: AdapterProcess,
  places: { target: string; work: string },
  items: readonly FinishItem[],
) {
  return expectKind(await adapter.ask({ kind: "finish-file", ...places, items }), "finished").items;
}

/** A file with the time that all items have. */
export function file(from: string | null, path: string, sizeBytes: number, other: Partial<FileItem> = {}): FileItem {
  return { kind: "file", from, path, sizeBytes, mode: 0o640, ...TIME, existing: "refuse", ...other };
}

/** A link with that time. */
export function link(path: string, target: string, existing: "refuse" | "replace" = "refuse"): FinishItem {
  return { kind: "link", path, target, ...TIME, existing };
}

/** Fails unless a name has the mode and the time to the microsecond that it was given. */
export function expectFinished(adapter: AdapterProcess, path: string | Buffer, mode: number | null, time = TIME): void {
  const { mtimeS, mtimeUs, mode: has } = expectedStat(path, adapter.ready.lacks);
  expectEqual(`the time of ${String(path)}`, { mtimeS, mtimeUs }, time);
  if (mode !== null && has !== undefined) expectEqual(`the mode of ${String(path)}`, has, mode);
}
