// Names and paths as text (docs/host-api.md H-9). Rule: text is split and joined here only; a name that is not UTF-8 is
// `/` and its hex, so two slashes in a row begin such a name.

import { parsePath } from "coffre-engine";

/** The text of a name, from the bytes that a file system holds. */
export function formatName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : `/${Buffer.from(bytes).toString("hex")}`;
}

/** The components of a path's text; `[]` for the root itself. */
export function splitPath(text: string): readonly string[] {
  if (text === "") return [];
  if (!text.includes("//") && !text.startsWith("/")) return text.split("/");
  const names: string[] = [];
  for (let from = 0; from <= text.length; ) {
    const slash = text.indexOf("/", text[from] === "/" ? from + 1 : from);
    const to = slash < 0 ? text.length : slash;
    names.push(text.slice(from, to));
    from = to + 1;
  }
  return names;
}

/** The path's text of these components. */
export function joinPath(names: readonly string[]): string {
  return names.join("/");
}

/** The components of an absolute locator: a path's text behind one slash. */
export function splitLocator(locator: string): readonly string[] {
  if (!locator.startsWith("/")) throw new Error("expected a locator that begins with a slash");
  return splitPath(locator.slice(1));
}

/** Whether a component may be created: F-65's rules for names. */
export function isCreatable(name: string): boolean {
  try {
    return name !== "" && parsePath(name).length === 1;
  } catch {
    return false;
  }
}
