// Where restored files go: one file, a zip, or a folder that a person picked (docs/host-api.md H-25). Rule: nothing of a vault
// leads out of its target; what a browser cannot keep (modes, links, most times) is left out, and the screens say so.

import type { FinishedItem, FinishItem } from "coffre-engine";
import { splitNames } from "coffre-engine";
import type { WorkFolder } from "./work-folder.ts";

/** A file that is whole and waits to be handed over. */
export interface DoneFile {
  readonly name: string;
  readonly file: File;
  readonly modifiedMs: number;
  /** Its work file, which goes when it is needed no more; null: it is empty. */
  readonly from: string | null;
}

/** A place that `finish-file` puts things into. */
export interface Place {
  /** Keeps a whole file. */
  put(item: FinishItem & { readonly kind: "file" }, file: File): Promise<FinishedItem>;
  makeFolder(path: string): Promise<FinishedItem>;
  /** The file at `path`; null when there is none. */
  find(path: string): Promise<File | null>;
  /** Whether nothing lies there. */
  isEmpty(): Promise<boolean>;
  /** Whether the work file of what was put is of no use any more. */
  readonly isCopied: boolean;
}

const OK: FinishedItem = { kind: "ok" };

/** Characters that lead elsewhere on some system, or that turn a name round: they become `_`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const UNSAFE = /[\\:/\u0000-\u001f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name that every system takes for a name. */
export function makeSafeName(name: string): string {
  const safe = name.replace(UNSAFE, "_");
  return /^\.*$/.test(safe) ? `_${safe}` : safe;
}

/** Files that the page hands to the browser, one by one or in a zip. */
export class Basket implements Place {
  readonly isCopied = false;
  files: DoneFile[] = [];
  readonly #taken = new Set<string>();

  async put(item: FinishItem & { readonly kind: "file" }, file: File): Promise<FinishedItem> {
    const name = this.#claim(splitNames(item.path).map(makeSafeName).join("/"));
    const modifiedMs = item.mtimeS * 1000 + Math.floor(item.mtimeUs / 1000);
    this.files.push({ name, file, modifiedMs, from: item.from });
    return OK;
  }

  async makeFolder(): Promise<FinishedItem> {
    return OK;
  }

  async find(): Promise<File | null> {
    return null;
  }

  async isEmpty(): Promise<boolean> {
    return this.files.length === 0;
  }

  /** Removes the work files; whoever was given one can read it no more. */
  async empty(work: WorkFolder): Promise<void> {
    const files = this.files;
    this.files = [];
    for (const { from } of files) if (from !== null) await work.remove(from);
  }

  /** Two names can become one when they are made safe. */
  #claim(name: string): string {
    let claimed = name;
    for (let n = 2; this.#taken.has(claimed.toLowerCase()); n++) claimed = `${name} (${n})`;
    this.#taken.add(claimed.toLowerCase());
    return claimed;
  }
}

/** A folder that a person picked. */
export class PickedFolder implements Place {
  readonly isCopied = true;
  readonly #folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  async put(item: FinishItem & { readonly kind: "file" }, file: File): Promise<FinishedItem> {
    return await refusing(async () => {
      const names = splitNames(item.path);
      const folder = await this.#open(names.slice(0, -1));
      const name = names.at(-1) ?? "";
      if (item.existing === "refuse" && (await has(folder, name))) return { kind: "exists" };
      const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
      // Until it is closed, the browser keeps it under another name: nothing shorter ever has this one.
      await file.stream().pipeTo(writable);
      return OK;
    });
  }

  async makeFolder(path: string): Promise<FinishedItem> {
    return await refusing(async () => {
      await this.#open(splitNames(path));
      return OK;
    });
  }

  async find(path: string): Promise<File | null> {
    try {
      let folder = this.#folder;
      const names = splitNames(path);
      for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
      return await (await folder.getFileHandle(names.at(-1) ?? "")).getFile();
    } catch {
      return null;
    }
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#folder.keys().next()).done === true;
  }

  async #open(names: readonly string[]): Promise<FileSystemDirectoryHandle> {
    let folder = this.#folder;
    for (const name of names) folder = await folder.getDirectoryHandle(name, { create: true });
    return folder;
  }
}

/** The places of this tab, by their locators. */
export class Places {
  readonly #places = new Map<string, Place>();
  #count = 0;

  /** Opens a place; its locator. */
  open(kind: "file" | "zip" | "folder", place: Place): string {
    this.#count += 1;
    const locator = `${kind}:${this.#count}`;
    this.#places.set(locator, place);
    return locator;
  }

  find(locator: string): Place | null {
    return this.#places.get(locator) ?? null;
  }

  close(locator: string): void {
    this.#places.delete(locator);
  }
}

/** The one work folder's locator. */
export const WORK = "work:1";

/** The work folder as a place: a restore tries there which names are one. */
export function workPlace(work: WorkFolder): Place {
  return {
    isCopied: false,
    put: async (item) => {
      await work.create(item.path);
      return OK;
    },
    makeFolder: async () => OK,
    find: async (path) => await work.read(path, null),
    isEmpty: async () => true,
  };
}

async function has(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    // A folder of that name is there, too.
    return !(error instanceof Error && error.name === "NotFoundError");
  }
}

/** What the picker's file system says, as the border has it. */
async function refusing(work: () => Promise<FinishedItem>): Promise<FinishedItem> {
  try {
    return await work();
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "QuotaExceededError") return { kind: "no-space" };
    if (name === "TypeMismatchError") return { kind: "conflict", reason: "not-a-folder" };
    if (error instanceof TypeError || name === "InvalidModificationError") return { kind: "refused", reason: "name" };
    return { kind: "refused", reason: name === "NotAllowedError" ? "permission" : "io" };
  }
}
