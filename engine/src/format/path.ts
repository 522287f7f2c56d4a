// The engine's path text (docs/format.md F-65). Rule: a path has one text, so texts can be compared and stored as keys.
//
// Components are joined by `/`. One that is not valid UTF-8 is written as `/` and the lower-case hexadecimal of its
// bytes, which no real name can be: `["dir", 61 ff]` is `dir//61ff`, and in the root itself `/61ff`. The root is `""`.
// The text of one component alone, in that notation, is a *name text*.

import { fromHex, toHex, utf8Decode } from "../bytes.ts";
import { CoffreError, invariant } from "../errors.ts";
import { utf8Length } from "../utf8.ts";
import { malformed } from "./fields.ts";

/** A name: text, or bytes when they are not valid UTF-8. */
export type PathComponent = string | Uint8Array;

export const MAX_COMPONENTS = 512;
export const MAX_COMPONENT_BYTES = 255;

const RAW = /^(?:[0-9a-f]{2})+$/;
const SURROGATE_SHIFT = 0x2000;
/** Orders below every text that a path can continue with: U+10FFFF, whose UTF-8 is the highest. */
const LAST_TEXT = "\u{10ffff}";

/** The components of a path text; `host-malformed` when it is not the one text of a path. */
export function parsePath(text: string): PathComponent[] {
  if (text === "") return [];
  const components: PathComponent[] = [];
  for (let start = 0; start <= text.length; ) {
    const raw = text.charCodeAt(start) === 0x2f;
    const from = raw ? start + 1 : start;
    const slash = text.indexOf("/", from);
    const end = slash < 0 ? text.length : slash;
    const part = text.slice(from, end);
    if (raw && !RAW.test(part)) throw hostMalformed("hexadecimal behind a doubled slash");
    components.push(raw ? fromHex(part) : part);
    start = end + 1;
  }
  const fault = findFault(components);
  if (fault !== null) throw hostMalformed(fault);
  return components;
}

/** The path text of components that `checkComponents` accepts. */
export function formatPath(components: readonly PathComponent[]): string {
  return components.map(formatName).join("/");
}

/** The name text of one component. */
export function formatName(component: PathComponent): string {
  return typeof component === "string" ? component : `/${toHex(component)}`;
}

/** Texts between which (both excluded) the paths below `path` lie, in the Store's order; "" stands for a root. */
export function boundsBelow(path: string): [from: string, to: string] {
  // "0" is the character behind "/".
  return path === "" ? ["", LAST_TEXT] : [`${path}/`, `${path}0`];
}

/** The path text of `nameText` inside the folder with that path text. */
export function joinPath(folder: string, nameText: string): string {
  return folder === "" ? nameText : `${folder}/${nameText}`;
}

/** The name texts of a path text's components; `[]` for a root. */
export function splitNames(text: string): string[] {
  const names: string[] = [];
  for (let start = 0; start < text.length; ) {
    const slash = text.indexOf("/", text.charCodeAt(start) === 0x2f ? start + 1 : start);
    const end = slash < 0 ? text.length : slash;
    names.push(text.slice(start, end));
    start = end + 1;
  }
  return names;
}

/** A path text's folder and its last component's name text. An InvariantError for the root, which has no name. */
export function splitPath(text: string): { folder: string; name: string } {
  invariant(text !== "", "the root has no name");
  const slash = text.lastIndexOf("/");
  if (slash <= 0) return { folder: "", name: text };
  if (text.charCodeAt(slash - 1) === 0x2f) return { folder: text.slice(0, slash - 1), name: text.slice(slash) };
  return { folder: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** Throws `peer-malformed` unless these are the components of a path (F-65). */
export function checkComponents(components: readonly PathComponent[]): void {
  const fault = findFault(components);
  if (fault !== null) throw malformed(fault);
}

/** What would have been right where `components` break F-65, or null when they do not. */
export function findFault(components: readonly PathComponent[]): string | null {
  if (components.length > MAX_COMPONENTS) return "at most 512 components";
  for (const component of components) {
    const fault = typeof component === "string" ? findTextFault(component) : findRawFault(component);
    if (fault !== null) return fault;
  }
  return null;
}

/** Below 0, 0 or above 0, in the order of the UTF-8 bytes of the name texts. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return orderOf(left) - orderOf(right);
  }
  return a.length - b.length;
}

/** Puts surrogates, which stand for what is above U+FFFF, behind the rest of the code units. */
function orderOf(code: number): number {
  if (code < 0xd800) return code;
  return code < 0xe000 ? code + SURROGATE_SHIFT : code - 0x800;
}

function findTextFault(text: string): string | null {
  const length = utf8Length(text);
  if (length < 0) return "components without lone surrogates";
  if (length < 1 || length > MAX_COMPONENT_BYTES) return "components of 1 to 255 bytes";
  if (text === "." || text === "..") return "no component that means another folder";
  if (text.includes("/") || text.includes("\0")) return "components without slash and NUL";
  return null;
}

function findRawFault(bytes: Uint8Array): string | null {
  if (bytes.length < 1 || bytes.length > MAX_COMPONENT_BYTES) return "components of 1 to 255 bytes";
  if (bytes.includes(0x2f) || bytes.includes(0)) return "components without slash and NUL";
  if (utf8Decode(bytes) !== null) return "text where a component is valid UTF-8";
  return null;
}

function hostMalformed(expected: string): CoffreError {
  return new CoffreError("host-malformed", `not a path text: expected ${expected}`);
}
