// The numbers under which addresses name places of a vault. Rule: only the memory of this tab knows what a number means.

import { type Folder, findAgain, findStart, type Leaf } from "./tree.ts";

/** A place that an address can name by its number alone. */
export type Place =
  | { readonly kind: "folder"; readonly folder: Folder }
  | { readonly kind: "file"; readonly folder: Folder; readonly leaf: Leaf };

export class PlaceNumbers {
  #places: Place[] = [];

  /** The number of a place, which keeps it. */
  numberOf(place: Place): number {
    const known = this.#places.findIndex((each) => isSame(each, place));
    if (known >= 0) return known;
    this.#places.push(place);
    return this.#places.length - 1;
  }

  /** The place of a number; null when this tab knows none. */
  placeOf(number: number): Place | null {
    return this.#places[number] ?? null;
  }

  /** Numbers of before name what is at the same places of another tree; 0 is where one begins. */
  moveTo(vault: Folder): void {
    this.#places = this.#places.map(({ folder }) => ({ kind: "folder", folder: findAgain(vault, folder) }));
    if (this.#places.length === 0) this.#places.push({ kind: "folder", folder: findStart(vault) });
  }

  clear(): void {
    this.#places = [];
  }
}

function isSame(one: Place, other: Place): boolean {
  if (one.kind === "folder") return other.kind === "folder" && one.folder === other.folder;
  return other.kind === "file" && one.leaf === other.leaf;
}
