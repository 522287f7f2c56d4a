// The roots that a device backs up. Rule: removing a root forgets local rows only; what was synced stays restorable, and
// nothing is recorded as gone.

import type { Ask } from "../../border/asks.ts";
import type { FailureCode } from "../../border/reasons.ts";
import { CoffreError } from "../../errors.ts";
import { parsePatterns } from "../../exclusion/patterns.ts";
import { MAX_ROOT_BYTES } from "../../format/record-body.ts";
import type { Store } from "../../store/store.ts";
import { utf8Length } from "../../utf8.ts";
import { believe } from "../tables/held-folders.ts";
import { addRoot, findRoot, forgetRoot, readRoots, setExcludes } from "../tables/root-rows.ts";

/** Carries out what an owner says of roots; null when it worked. */
export function changeRoots(
  store: Store,
  ask: Ask & { readonly kind: "add-root" | "remove-root" | "believe-gone" },
): FailureCode | null {
  switch (ask.kind) {
    case "add-root":
      return changeRoot(store, ask);
    case "remove-root":
      return removeRoot(store, ask.name);
    case "believe-gone":
      return believeGone(store, ask.name);
  }
}

/** Adds a root, or gives an existing one of the same name and place new patterns; null when it worked. */
function changeRoot(store: Store, ask: Ask & { readonly kind: "add-root" }): FailureCode | null {
  const { name, locator, excludes } = ask;
  if (!isRootName(name)) return "user-root-name-malformed";
  try {
    parsePatterns(excludes);
  } catch (error) {
    if (error instanceof CoffreError && error.code === "user-pattern-malformed") return error.code;
    throw error;
  }
  const roots = readRoots(store);
  const same = roots.find((root) => root.name === name);
  // What a root has already may stay: earlier versions took every line of a .gitignore.
  if (excludes.some((line) => !same?.excludes.includes(line) && parsePatterns([line]).length === 0))
    return "user-pattern-malformed";
  if (same !== undefined) {
    if (same.locator !== locator) return "user-root-exists";
    setExcludes(store, same.id, excludes);
    return null;
  }
  if (roots.some((root) => overlaps(root.locator, locator))) return "user-root-overlaps";
  addRoot(store, name, locator, excludes);
  return null;
}

/** Forgets a root; null when it worked. */
function removeRoot(store: Store, name: string): FailureCode | null {
  const root = findRoot(store, name);
  if (root === null) return "user-root-unknown";
  forgetRoot(store, root);
  return null;
}

/** What is missing in a root when it is listed next is gone: its owner says so. Null when it worked. */
function believeGone(store: Store, name: string): FailureCode | null {
  const root = findRoot(store, name);
  if (root === null) return "user-root-unknown";
  believe(store, root);
  return null;
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
