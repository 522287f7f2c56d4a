// Where folders are, read once for each folder within a step. Rule: a path is long and its rows are many, so queries over
// entries name the folder, and its path is looked up here.

import { asciiJsonLength } from "../border/ascii-json.ts";
import { CoffreError, invariant } from "../errors.ts";
import { parsePath } from "../format/path.ts";
import type { Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";

/** What the longest path takes on the border, so that a plan of one part stays far below its limit. */
const MAX_PATH_CHARS = 30_000;

/** Whether a path can be named to the host and in a record: if not, nothing below it can either. */
export function isListable(path: string): boolean {
  if (asciiJsonLength(path) > MAX_PATH_CHARS) return false;
  try {
    parsePath(path);
    return true;
  } catch (error) {
    if (error instanceof CoffreError) return false;
    throw error;
  }
}

export interface FolderPlace {
  readonly root: number;
  readonly rootName: string;
  readonly locator: string;
  readonly path: string;
}

export class Folders {
  readonly #store: Store;
  readonly #places: Map<number, FolderPlace> = new Map();

  constructor(store: Store) {
    this.#store = store;
  }

  get(folder: number): FolderPlace {
    let place = this.#places.get(folder);
    if (place === undefined) {
      const sql = "SELECT r.id, r.name, r.locator, f.path FROM folder f JOIN root r ON r.id = f.root WHERE f.id = ?";
      const row = this.#store.first(sql, [folder]);
      invariant(row !== null, "an entry without its folder");
      place = { root: int(row, 0), rootName: str(row, 1), locator: str(row, 2), path: str(row, 3) };
      this.#places.set(folder, place);
    }
    return place;
  }
}
