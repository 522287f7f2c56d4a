// What the owner of the phone does with files. Rule: a move that finds nothing to work on does nothing.

import { CHUNK_BYTES } from "../../engine/src/format/ladder.ts";
import { seededContent } from "../scripted-host/file-content.ts";
import { EXCLUDED_ENDING } from "./excluded.ts";
import { CONTENT_MARK, NAME_MARK } from "./secrecy.ts";
import { ROOT, type Stage } from "./stage.ts";
import type { Move } from "./story.ts";

/** Names that programs trip over, as the text of their paths; one is not UTF-8. */
/** The last two stand in one order by their bytes, and in the other by the units of UTF-16. */
const ODD_NAMES = [
  "-rf",
  "a\nb",
  "e\u0301 \u{1f600}",
  " ",
  "...",
  "n".repeat(240),
  "/c328",
  "COM1",
  "%2e",
  "'\"`$(x)",
  "\uff5e",
  "\u{1f600}",
];
const MANY_FILES = 150;
/** One byte more than nine chunks; a reading takes eight at the most. */
const LONG_FILE_BYTES = 9 * CHUNK_BYTES + 1;
const ELSEWHERE = "/elsewhere";
const FOLDERS = ["", "", "trip/", "trip/day one/", "trip-2/", `aside${EXCLUDED_ENDING}/`];

type FileMove = Extract<Move, { kind: "file" }>;
type FolderMove = Extract<Move, { kind: "folder" }>;

/** The locators of the files below the root, in order. */
export function filesOf({ history }: Stage): string[] {
  const files = [...history.present].filter(([, node]) => node.kind === "file");
  return files.map(([path]) => `${ROOT}/${path}`).sort();
}

/** One of the files, or null when there is none or the root is away. */
export function pickFile(stage: Stage, at: number): string | null {
  if (stage.history.rootIsAway) return null;
  const files = filesOf(stage);
  return files[at % Math.max(1, files.length)] ?? null;
}

export function doFile(stage: Stage, move: FileMove): void {
  const { tree, history } = stage;
  if (history.rootIsAway) return;
  const content = makeContent(move.size, stage.drawContent());
  if (move.deed === "write" || move.deed === "link") {
    const locator = placeOf(stage, move.place);
    if (locator === null) return;
    const there = history.present.get(locator.slice(ROOT.length + 1))?.kind;
    if (move.deed === "link" && there === "link") tree.remove(locator);
    else if (there !== undefined) return;
    if (move.deed === "write") tree.write(locator, content);
    else tree.link(locator, `${NAME_MARK}-name-target-${move.at % 4}`);
    return;
  }
  if (move.deed === "turn") {
    turn(stage, move, content);
    return;
  }
  const locator = pickFile(stage, move.at);
  if (locator === null) return;
  // A file that comes back as it was still holds what no stat told.
  if (move.deed !== "copy" && move.deed !== "flicker") stage.silent.delete(locator);
  switch (move.deed) {
    case "overwrite":
      tree.write(locator, content);
      return;
    case "append":
      tree.append(locator, content.subarray(0, 5_000));
      return;
    case "truncate":
      tree.truncate(locator, Math.floor(tree.bytesAt(locator).length / 2));
      return;
    case "replace":
      tree.replace(locator, content);
      return;
    case "remove":
      tree.remove(locator);
      return;
    case "chmod":
      tree.chmod(locator, 0o600 + (move.size % 64));
      return;
    case "copy": {
      const to = placeOf(stage, move.place);
      if (to === null || to === locator) return;
      tree.write(to, tree.bytesAt(locator));
      stage.silent.delete(to);
      return;
    }
    case "rename": {
      const to = placeOf(stage, move.place);
      if (to !== null && to !== locator) tree.rename(locator, to);
      return;
    }
    case "rewrite": {
      // Now and then one that is read in several pieces.
      const sizeBytes = move.at % 16 === 0 ? LONG_FILE_BYTES : tree.bytesAt(locator).length;
      tree.write(locator, makeContent(sizeBytes, stage.drawContent()));
      stage.ask("once");
      stage.run(1 + (move.place % (move.size % 2 === 0 ? 15 : 400)));
      tree.write(locator, makeContent(sizeBytes, stage.drawContent()));
      return;
    }
    case "flicker":
      flicker(stage, locator, move.place, () => tree.rename(ELSEWHERE, locator));
      return;
  }
}

/** Something of another kind takes a name: a folder with a file in it, a file, or a link. */
function turn({ tree, history, silent }: Stage, move: FileMove, content: Uint8Array): void {
  const paths = [...history.present.keys()].sort();
  const path = paths[move.at % Math.max(1, paths.length)];
  if (path === undefined) return;
  const locator = `${ROOT}/${path}`;
  const kind = history.present.get(path)?.kind;
  tree.remove(locator);
  for (const gone of [...silent]) if (gone === locator || gone.startsWith(`${locator}/`)) silent.delete(gone);
  if (kind === "file") tree.write(`${locator}/inside-${NAME_MARK}-name-`, content);
  else if (kind === "folder" && move.place % 2 === 0) tree.link(locator, `${NAME_MARK}-name-target`);
  else tree.write(locator, content);
}

export function doFolder(stage: Stage, move: FolderMove): void {
  const { tree, history } = stage;
  if (history.rootIsAway) return;
  const folders = [...history.present].filter(([, node]) => node.kind === "folder").map(([path]) => path);
  const path = folders.sort()[move.at % Math.max(1, folders.length)];
  if (move.deed === "make") {
    const place = `made-${NAME_MARK}-name-${move.place % 4}`;
    if (!history.present.has(place)) tree.addFolder(`${ROOT}/${place}`);
  } else if (path === undefined) return;
  else if (move.deed === "remove") tree.remove(`${ROOT}/${path}`);
  else if (move.deed === "chmod") tree.chmod(`${ROOT}/${path}`, 0o700 + (move.place % 64));
  else if (move.deed === "flicker") {
    const locator = `${ROOT}/${path}`;
    flicker(stage, locator, move.place, () => {
      if (move.at % 2 === 0) tree.rename(ELSEWHERE, locator);
      else tree.write(`${locator}/again-${NAME_MARK}-name-`, makeContent(move.at, stage.drawContent()));
    });
  } else {
    const to = `moved-${NAME_MARK}-name-${move.place % 3}`;
    if (path !== to && !path.startsWith(`${to}/`)) tree.rename(`${ROOT}/${path}`, `${ROOT}/${to}`);
  }
}

/** Something goes where no phone looks, and after a moment of a backup something is at its place again. */
function flicker(stage: Stage, locator: string, moment: number, bringBack: () => void): void {
  const { tree } = stage;
  if (tree.find(ELSEWHERE).kind === "found") tree.remove(ELSEWHERE);
  tree.rename(locator, ELSEWHERE);
  stage.ask("once");
  stage.run(1 + (moment % 40));
  bringBack();
}

export function writeOddNames(stage: Stage, at: number): void {
  for (const name of [at, at + 1].map((one) => ODD_NAMES[one % ODD_NAMES.length] as string)) {
    if (stage.history.rootIsAway || stage.history.present.get(name)?.kind === "folder") continue;
    stage.tree.write(`${ROOT}/${name}`, makeContent(100, stage.drawContent()));
  }
}

export function writeManyFiles(stage: Stage, at: number): void {
  if (stage.history.rootIsAway) return;
  const folder = `${ROOT}/many-${at % 2}`;
  if (stage.history.present.has(folder.slice(ROOT.length + 1))) return;
  for (let i = 0; i < MANY_FILES; i++) stage.tree.write(`${folder}/${i}`, `${CONTENT_MARK}${at} ${i}`);
}

/** Files change places with each other, as a gallery sorts them. */
export function renameMany(stage: Stage, at: number): void {
  const files = filesOf(stage);
  if (stage.history.rootIsAway || files.length < 2) return;
  const spare = `${ROOT}/spare-${NAME_MARK}-name-`;
  for (let i = 0; i < Math.min(6, files.length - 1); i++) {
    const a = files[(at + i) % files.length] as string;
    const b = files[(at + i + 1) % files.length] as string;
    if (a === b) continue;
    stage.tree.rename(a, spare);
    stage.tree.rename(b, a);
    stage.tree.rename(spare, b);
  }
}

/** Content of `size` bytes that nothing else has, with a mark in it where there is room. */
export function makeContent(size: number, number: number): Uint8Array {
  const text = `${CONTENT_MARK}${number} `;
  if (size <= 2_000) return Buffer.from((text + "abcdefgh".repeat(250)).slice(0, size), "latin1");
  const bytes = Buffer.from(seededContent(number, size).read(0, size));
  bytes.write(text, "latin1");
  // As in images of disks: the same chunk twice.
  if (size === 2 * CHUNK_BYTES) bytes.copyWithin(CHUNK_BYTES, 0, CHUNK_BYTES);
  return bytes;
}

/** A place for something new; null where a file stands in the way of its folder, or a folder at its name. */
function placeOf({ history }: Stage, place: number): string | null {
  const folder = FOLDERS[place % FOLDERS.length] as string;
  const number = place % 12;
  const path = `${folder}f${number}-${NAME_MARK}-name-${number === 11 ? EXCLUDED_ENDING : ""}`;
  const above = path.split("/").slice(0, -1);
  for (let i = 1; i <= above.length; i++) {
    const kind = history.present.get(above.slice(0, i).join("/"))?.kind;
    if (kind !== undefined && kind !== "folder") return null;
  }
  return history.present.get(path)?.kind === "folder" ? null : `${ROOT}/${path}`;
}
