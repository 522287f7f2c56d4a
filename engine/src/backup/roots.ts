// The roots that a device backs up. Rule: removing a root forgets local rows only; what was synced stays restorable, and
// nothing is recorded as gone.

import type { Ask } from "../border/asks.ts";
import type { FailureCode } from "../border/reasons.ts";
import type { RootView } from "../border/views.ts";
import { CoffreError } from "../errors.ts";
import { parsePatterns } from "../exclusion/patterns.ts";
import { MAX_ROOT_BYTES } from "../format/record-body.ts";
import { hasSight } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { utf8Length } from "../utf8.ts";

/** Carries out what an owner says of roots; null when it worked. */
export function changeRoots(
  store: Store,
  ask: Ask & { readonly kind: "add-root" | "remove-root" | "believe-gone" },
): FailureCode | null {
  switch (ask.kind) {
    case "add-root":
      return addRoot(store, ask);
    case "remove-root":
      return removeRoot(store, ask.name);
    case "believe-gone":
      return believeGone(store, ask.name);
  }
}

/** Adds a root, or gives an existing one of the same name and place new patterns; null when it worked. */
function addRoot(store: Store, ask: Ask & { readonly kind: "add-root" }): FailureCode | null {
  const { name, locator, excludes } = ask;
  if (!isRootName(name)) return "user-root-name-malformed";
  try {
    parsePatterns(excludes);
  } catch (error) {
    if (error instanceof CoffreError && error.code === "user-pattern-malformed") return error.code;
    throw error;
  }
  const rows = store.all("SELECT id, name, locator, excludes FROM root");
  const same = rows.find((row) => str(row, 1) === name);
  // What a root has already may stay: earlier versions took every line of a .gitignore.
  const known = same === undefined ? [] : (JSON.parse(str(same, 3)) as string[]);
  if (excludes.some((line) => !known.includes(line) && parsePatterns([line]).length === 0))
    return "user-pattern-malformed";
  if (same !== undefined) {
    if (str(same, 2) !== locator) return "user-root-exists";
    store.run("UPDATE root SET excludes = ? WHERE id = ?", [JSON.stringify(excludes), int(same, 0)]);
    return null;
  }
  for (const row of rows) if (overlaps(str(row, 2), locator)) return "user-root-overlaps";
  const params = [name, locator, JSON.stringify(excludes)];
  const { lastId } = store.run("INSERT INTO root (name, locator, excludes) VALUES (?, ?, ?)", params);
  store.run("INSERT INTO folder (root, path, due) VALUES (?, '', 1)", [lastId]);
  return null;
}

/** Forgets a root; null when it worked. */
function removeRoot(store: Store, name: string): FailureCode | null {
  const row = store.first("SELECT id FROM root WHERE name = ?", [name]);
  if (row === null) return "user-root-unknown";
  const root = int(row, 0);
  const entries = "SELECT e.id FROM entry e JOIN folder f ON f.id = e.folder WHERE f.root = ?";
  store.run(`DELETE FROM piece WHERE entry IN (${entries})`, [root]);
  store.run(`DELETE FROM chunk WHERE blob = 0 AND source IN (${entries})`, [root]);
  store.run("DELETE FROM entry WHERE folder IN (SELECT id FROM folder WHERE root = ?)", [root]);
  store.run("DELETE FROM folder WHERE root = ?", [root]);
  store.run("DELETE FROM root WHERE id = ?", [root]);
  return null;
}

/** What is missing in a root when it is listed next is gone: its owner says so. Null when it worked. */
function believeGone(store: Store, name: string): FailureCode | null {
  const row = store.first("SELECT id FROM root WHERE name = ?", [name]);
  if (row === null) return "user-root-unknown";
  store.run("UPDATE folder SET believed = 1 WHERE root = ?", [int(row, 0)]);
  return null;
}

export function viewRoots(store: Store): RootView[] {
  const unwatched = hasSight(store) ? "unwatched" : "0";
  return store.all(`SELECT name, locator, excludes, unavailable, ${unwatched} FROM root ORDER BY name`).map((row) => ({
    name: str(row, 0),
    locator: str(row, 1),
    excludes: JSON.parse(str(row, 2)) as string[],
    unavailable: row[3] as RootView["unavailable"],
    unwatched: row[4] === 1,
  }));
}

/** 1–64 bytes of UTF-8 that can be a folder's name anywhere: no slash, no control characters, not `.` or `..`. */
function isRootName(name: string): boolean {
  if (name === "" || name === "." || name === "..") return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  if (/[\x00-\x1f\x7f/\\]/.test(name)) return false;
  for (const char of name) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) return false;
  }
  return utf8Length(name) <= MAX_ROOT_BYTES;
}

/** Locators are the host's, but one that begins with another and a slash lies below it wherever slashes are used. */
function overlaps(a: string, b: string): boolean {
  return a === b || b.startsWith(a.endsWith("/") ? a : `${a}/`) || a.startsWith(b.endsWith("/") ? b : `${b}/`);
}
