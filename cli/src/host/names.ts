// Names, paths and locators as text, and what the file system calls them (docs/host-api.md H-9). Rule: a name that is not
// UTF-8 is `/` and its hex; text is turned into a name of the file system here only, and never leaves its folder.
//
// Inside the host a name has a third form, its *key*: the bytes of its text as a Latin-1 string. Keys compare in the order
// of names, and take one byte a character.

import { isUtf8 } from "node:buffer";
import { parsePath, splitNames } from "coffre-engine";
import { RefusedEffect } from "../../../host-loop/src/index.ts";

/** What node:fs takes: text where the name is UTF-8, else bytes. */
export type SystemPath = string | Buffer;

const NOT_ASCII = /[\u0080-\uffff]/;

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
  if (!isPath(path)) throw new RefusedEffect("expected the text of a path");
  return splitNames(path);
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
  return name !== "" && isPath(name) && splitNames(name).length === 1;
}

function isPath(text: string): boolean {
  try {
    parsePath(text);
    return true;
  } catch {
    return false;
  }
}

function nameBytes(name: string): Buffer {
  return name.startsWith("/") ? Buffer.from(name.slice(1), "hex") : Buffer.from(name, "utf8");
}
