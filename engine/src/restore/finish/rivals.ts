// Names that the target's disk takes for one: it ignores case, or tells no letter from its decomposed form. Rule: what two
// things of a vault would share, the second one gets under another name, before anything is written: a restore never replaces
// what it made itself.
//
// Folders of such names become one folder, and what is in them meets there like everything else.

import { CoffreError } from "../../errors.ts";
import { CHUNK_BYTES } from "../../format/ladder.ts";
import { SLOT } from "../../keys/slots.ts";
import type { Context } from "../../runtime/context.ts";
import { type Flow, perform } from "../../runtime/flow.ts";
import type { Store } from "../../store/store.ts";
import type { RestoreAsk } from "../job.ts";
import {
  claimName,
  claimNames,
  forgetNames,
  forgetTries,
  markRivals,
  type NamedFile,
  readNamed,
  setTries,
} from "../tables/name-rows.ts";
import { pageRows } from "../tables/restored-files.ts";
import { placeOf } from "./finisher.ts";
import { foldName } from "./name-folding.ts";

const ROWS_A_STEP = 2_000;
/** How many names are remembered with what was tried for them: a thief's vault may hold any number of rivals. */
const MOST_TRIED = 10_000;
/** A name, and the same in other case and in the other normal form. */
const PROBE = "probe-\u00e9";
const SPELLINGS = ["PROBE-\u00e9", "probe-e\u0301"];

/** Gives other names to files and links whose names the target would take for that of another thing. `host-no-space`. */
export function* tellNamesApart(ctx: Context, ask: RestoreAsk): Flow<void> {
  const { store } = ctx;
  forgetNames(store);
  forgetTries(store);
  if (!(yield* foldsNames(ask))) return;
  // Folders keep their names, and so does everything that has one for itself; the rest takes what is left.
  yield* eachPage(ctx, "folders", (rows) => claimNames(store, rows.map(foldedOf)));
  yield* eachPage(ctx, "others", (rows) => {
    claimNames(store, rows.map(foldedOf));
    markRivals(store, rows.map(foldedOf));
  });
  const tried = new Map<string, number>();
  yield* eachPage(ctx, "rivals", (rows) => rename(store, rows, tried));
  forgetNames(store);
}

/** Whether a file is found under another spelling of its name. */
function* foldsNames({ target, work }: RestoreAsk): Flow<boolean> {
  const probe = { from: null, path: PROBE, sizeBytes: 0, mode: null, mtimeS: 0, mtimeUs: 0 };
  const items = [{ kind: "file", ...probe, existing: "replace" } as const];
  const made = yield* perform({ kind: "finish-file", target: work, work, items });
  const [item] = made.items;
  if (item?.kind === "no-space") throw new CoffreError("host-no-space", "the target is full");
  // A disk that takes no such name may be anything.
  if (item?.kind !== "ok") return true;
  const files = SPELLINGS.map((path) => ({ root: work, path, first: 0, count: 1 }));
  const looked = yield* perform({ kind: "hash", key: SLOT.dedup, chunkBytes: CHUNK_BYTES, files });
  yield* perform({ kind: "finish-file", target, work, items: [{ kind: "discard", from: PROBE }] });
  return looked.files.some(({ kind }) => kind !== "vanished");
}

function* eachPage(
  ctx: Context,
  which: "folders" | "others" | "rivals",
  take: (rows: readonly NamedFile[]) => void,
): Flow<void> {
  const most = pageRows(ctx.store, "restore_file", ROWS_A_STEP);
  for (let after = 0; ; ) {
    const rows = readNamed(ctx.store, which, after, most);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
    take(rows);
    yield* perform({ kind: "wake", atMs: ctx.now });
  }
}

function foldedOf({ id, path }: NamedFile): readonly [folded: string, id: number] {
  return [foldName(path), id];
}

/** Gives each the first name that is free; `tried` says how many were tried for the rivals of one name. */
function rename(store: Store, rows: readonly NamedFile[], tried: Map<string, number>): void {
  if (tried.size > MOST_TRIED) tried.clear();
  for (const { id, path } of rows) {
    const name = foldName(path);
    let tries = tried.get(name) ?? 0;
    do tries += 1;
    while (!claimName(store, foldName(placeOf(path, tries)), id));
    tried.set(name, tries);
    setTries(store, id, tries);
  }
}
