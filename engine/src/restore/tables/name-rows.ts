// Names that are taken in a target that ignores case or normal forms, folded, while names are given. Rule: a row's `tries` says
// which of its names it gets (`naming.ts`), and no two rows have the same folded one.

import { columns, int, text } from "../../store/columns.ts";
import type { Store } from "../../store/store.ts";
import { KIND } from "./version-rows.ts";

/** A row under the name that it would get. */
export interface NamedFile {
  readonly id: number;
  readonly path: string;
}

const NAMED = columns({ id: int, path: text });

/** Rows behind an id: folders, all but folders, or (rivals) those that have no name for themselves; at most `most`. */
export function readNamed(
  store: Store,
  which: "folders" | "others" | "rivals",
  after: number,
  most: number,
): NamedFile[] {
  const is = { folders: `kind = ${KIND.folder}`, others: `kind <> ${KIND.folder}`, rivals: "tries > 0" }[which];
  return NAMED.all(store, `FROM restore_file WHERE id > ? AND ${is} ORDER BY id LIMIT ${most}`, [after]);
}

/** Nobody has a name yet. */
export function forgetNames(store: Store): void {
  store.run("DELETE FROM restore_name");
}

export function forgetTries(store: Store): void {
  store.run("UPDATE restore_file SET tries = 0 WHERE tries > 0");
}

const CLAIM = "INSERT OR IGNORE INTO restore_name (folded, file) VALUES (?, ?)";

/** Takes a folded name for a row; false when another one has it. */
export function claimName(store: Store, folded: string, id: number): boolean {
  return store.run(CLAIM, [folded, id]).changes > 0;
}

export function claimNames(store: Store, names: readonly (readonly [folded: string, id: number])[]): void {
  store.runMany(CLAIM, names);
}

/** Those whose names others have are rivals. */
export function markRivals(store: Store, names: readonly (readonly [folded: string, id: number])[]): void {
  store.runMany(
    "UPDATE restore_file SET tries = 1 WHERE id = ? AND NOT EXISTS (SELECT 1 FROM restore_name WHERE folded = ? AND file = id)",
    names.map(([folded, id]) => [id, folded]),
  );
}

export function setTries(store: Store, id: number, tries: number): void {
  store.run("UPDATE restore_file SET tries = ? WHERE id = ?", [tries, id]);
}
