// Places of a vault as a person sees and types them: ROOT or ROOT/PATH. Rule: what is shown can be typed back and means the
// same place, whatever bytes its names have.
//
// People see a name that is not UTF-8 as its text, with each byte that is none as `\xff` (from `\x80` on; below it, `\x1b`
// is a control character). Everything else that cannot be seen is written as `showName` does.

import { isUtf8 } from "node:buffer";
import { formatPath, type PathComponent, type Selection, type Spelling, splitNames } from "coffre-engine";
import { showName } from "./printable.ts";

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([nrt\\]))/g;
const SHORT: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };
const LONGEST_CHARACTER_BYTES = 4;
const RAW = /^\/(?:[0-9a-f]{2})+$/;

/** A root, or a path (docs/host-api.md H-9) below it, as it is shown. */
export function showPlace(root: string, path: string): string {
  return [root, ...splitNames(path).map(readShownName)].map(showComponent).join("/");
}

/** A name of any path that a host told, also of one that is too long to be one: what waits for that is shown too. */
function readShownName(name: string): PathComponent {
  return RAW.test(name) ? Buffer.from(name.slice(1), "hex") : name;
}

/**
 * What a person typed: as it is shown, as it stands there, in the other normal form, or with the mark that `ls` puts behind
 * a link; in this order, each once.
 */
export function parsePlace(text: string): Selection {
  const spellings: Spelling[] = [];
  const add = (spelling: Spelling | null): void => {
    const isNew = ({ root, path }: Spelling): boolean => root !== spelling?.root || path !== spelling.path;
    if (spelling !== null && spellings.every(isNew)) spellings.push(spelling);
  };
  for (const spelled of [text, ...(text.endsWith("@") ? [text.slice(0, -1)] : [])]) {
    for (const typed of [spelled, spelled.normalize("NFC"), spelled.normalize("NFD")]) {
      add(parseShown(typed));
      add(parseLiteral(typed));
    }
  }
  const [first = parseLiteral(text), ...others] = spellings;
  return others.length === 0 ? first : { ...first, spellings: others };
}

/** The place as it stands there. A slash at the end is how shells complete folders. */
function parseLiteral(text: string): Spelling {
  const slash = text.indexOf("/");
  if (slash < 0) return { root: text, path: "" };
  const path = text.slice(slash + 1);
  return { root: text.slice(0, slash), path: path.endsWith("/") ? path.slice(0, -1) : path };
}

/** The place that is shown so; null when none is. */
function parseShown(text: string): Spelling | null {
  const [root, ...path] = text.replace(/\/$/, "").split("/").map(parseComponent);
  const isWhole = path.every((component) => component !== null);
  return typeof root === "string" && isWhole ? { root, path: formatPath(path.filter(isComponent)) } : null;
}

function isComponent(component: PathComponent | null): component is PathComponent {
  return component !== null;
}

/** The name that is shown so; null when none is. */
function parseComponent(shown: string): PathComponent | null {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const match of shown.matchAll(ESCAPE)) {
    const [whole, hex, code, short] = match;
    pieces.push(Buffer.from(shown.slice(from, match.index)));
    if (hex !== undefined) pieces.push(Buffer.from(hex, "hex"));
    else if (code !== undefined) pieces.push(Buffer.from(String.fromCharCode(Number.parseInt(code, 16))));
    else pieces.push(Buffer.from(SHORT[short ?? ""] ?? ""));
    from = match.index + whole.length;
  }
  const bytes = Buffer.concat([...pieces, Buffer.from(shown.slice(from))]);
  if (bytes.length === 0 || bytes.includes("/") || bytes.includes(0)) return null;
  return isUtf8(bytes) ? bytes.toString("utf8") : new Uint8Array(bytes);
}

function showComponent(component: PathComponent): string {
  if (typeof component === "string") return showName(component);
  const bytes = Buffer.from(component);
  let shown = "";
  for (let at = 0; at < bytes.length; ) {
    const length = characterBytes(bytes, at);
    const piece = bytes.subarray(at, at + Math.max(1, length));
    shown += length === 0 ? `\\x${piece.toString("hex")}` : showName(piece.toString("utf8"));
    at += piece.length;
  }
  return shown;
}

/** How many bytes the character at `at` has; 0 when there is none. */
function characterBytes(bytes: Buffer, at: number): number {
  for (let length = 1; length <= LONGEST_CHARACTER_BYTES && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}
