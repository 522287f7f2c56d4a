// Names, paths and locators as text, and what the file system calls them (docs/host-api.md H-9). Rule: a name that is not
// UTF-8 is `/` and its hex; text is turned into a name of the file system here only, and never leaves its folder.
//
// Inside the host a name has a third form, its *key*: the bytes of its text as a Latin-1 string. Keys compare in the order
// of names, and take one byte a character.

import { isUtf8 } from "node:buffer";
import { RefusedEffect } from "./host-fault.ts";

/** What node:fs takes: text where the name is UTF-8, else bytes. */
export type SystemPath = string | Buffer;

const NAME_BYTES = 255;
const COMPONENTS = 512;
/** A name of so few characters has at most 255 bytes. */
const SHORT_NAME = 63;
const NOT_ASCII = /[\u0080-\uffff]/;
const SLASH = 0x2f;
const HEX = /^(?:[0-9a-f]{2}){1,255}$/;
/** A component that is empty, `.` or `..`, or a NUL anywhere. */
const FORBIDDEN = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** The key of a name that node:fs gave in Latin-1, one character a byte. */
export function keyOfName(latin1: string): string {
  if (!NOT_ASCII.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, "latin1");
  return isUtf8(bytes) ? latin1 : `/${bytes.toString("hex")}`;
}

/** The key of a name's text. */
export function keyOfText(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

/** The text of a name, from its key. */
export function textOfKey(key: string): string {
  return NOT_ASCII.test(key) ? Buffer.from(key, "latin1").toString("utf8") : key;
}

/** The texts of a path's components; `[]` for the root itself. RefusedEffect for a text that is no path (F-65). */
export function splitPath(path: string): string[] {
  if (path === "") return [];
  const names = splitText(path);
  if (names.length > COMPONENTS) throw new RefusedEffect("expected a path of at most 512 components");
  for (const name of names) if (name.length > SHORT_NAME || name.startsWith("/")) checkName(name);
  return names;
}

function splitText(path: string): string[] {
  if (!path.includes("//") && !path.startsWith("/")) {
    if (FORBIDDEN.test(path) || !path.isWellFormed()) throw new RefusedEffect("expected the text of a path");
    return path.split("/");
  }
  const names: string[] = [];
  for (let from = 0; from <= path.length; ) {
    const slash = path.indexOf("/", path[from] === "/" ? from + 1 : from);
    const to = slash < 0 ? path.length : slash;
    names.push(path.slice(from, to));
    from = to + 1;
  }
  for (const name of names) checkName(name);
  return names;
}

/** The path of `name` in `folder`. */
export function joinPath(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The path of the folder that holds `path`, which is not the root. */
export function folderOf(path: string): string {
  return splitPath(path).slice(0, -1).join("/");
}

/** What the file system calls `path` below the absolute `locator`. RefusedEffect for texts that are neither. */
export function locate(locator: string, path: string): SystemPath {
  const below = locator.startsWith("/") ? locator.slice(1) : null;
  if (below === null) throw new RefusedEffect("expected an absolute locator");
  const names = [...splitPath(below), ...splitPath(path)];
  if (!names.some((name) => name.startsWith("/"))) return `/${names.join("/")}`;
  return Buffer.concat(names.flatMap((name) => [Buffer.from("/"), nameBytes(name)]));
}

/** What the file system calls `name` in the folder that it calls `folder`. */
export function locateIn(folder: SystemPath, name: string): SystemPath {
  if (typeof folder === "string" && !name.startsWith("/")) return folder === "/" ? `/${name}` : `${folder}/${name}`;
  return Buffer.concat([Buffer.from(folder), Buffer.from("/"), nameBytes(name)]);
}

/** The locator of an absolute path as the file system has it: `/` and the path's text. */
export function locatorOf(absolute: Buffer): string {
  const names = absolute
    .toString("latin1")
    .split("/")
    .filter((name) => name !== "");
  return `/${names.map((name) => textOfKey(keyOfName(name))).join("/")}`;
}

/** Whether a path may have this name: 1 to 255 bytes, none of them NUL or a slash, and no folder's own (F-65). */
export function isCreatable(name: string): boolean {
  if (!name.startsWith("/"))
    return !FORBIDDEN.test(name) && name.isWellFormed() && Buffer.byteLength(name) <= NAME_BYTES;
  const bytes = Buffer.from(name.slice(1), "hex");
  // A name that is UTF-8 has a text of its own: this would be a second one.
  return HEX.test(name.slice(1)) && !isUtf8(bytes) && !bytes.includes(0) && !bytes.includes(SLASH);
}

function checkName(name: string): void {
  if (!isCreatable(name)) throw new RefusedEffect("expected the text of a path");
}

function nameBytes(name: string): Buffer {
  return name.startsWith("/") ? Buffer.from(name.slice(1), "hex") : Buffer.from(name, "utf8");
}
