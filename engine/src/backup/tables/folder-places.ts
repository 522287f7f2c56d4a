// Where folders are, read once for each folder within a step. Rule: a path is long and its rows are many, so queries over
// entries name the folder, and its path is looked up here.

import { asciiJsonLength } from "../../border/ascii-json.ts";
import { CoffreError, invariant } from "../../errors.ts";
import { parsePath } from "../../format/path.ts";
import type { Store } from "../../store/store.ts";
import { type FolderPlace, readPlace } from "./folder-rows.ts";

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

export class Folders {
  readonly #store: Store;
  readonly #places: Map<number, FolderPlace> = new Map();

  constructor(store: Store) {
    this.#store = store;
  }

  get(folder: number): FolderPlace {
    let place = this.#places.get(folder);
    if (place === undefined) {
      place = readPlace(this.#store, folder) ?? undefined;
      invariant(place !== undefined, "an entry without its folder");
      this.#places.set(folder, place);
    }
    return place;
  }
}
