// One object of the journal as it is found. Rule: what does not hold is read a second time before it counts as damaged,
// and an error of the store is thrown on: it says nothing about the object.

import { type AccountChange, DamagedObject, decodeChange } from "./changes.ts";
import type { Id } from "./encodings.ts";
import type { Journal } from "./storage.ts";

export type FoundObject =
  | { readonly kind: "whole"; readonly change: AccountChange; readonly bytes: Uint8Array }
  | { readonly kind: "damaged"; readonly bytes: Uint8Array }
  | { readonly kind: "absent" };

/** Reads what stands under a number; throws UnknownChange for a whole object of a newer version. */
export async function readObject(journal: Journal, vault: Id, sequence: number): Promise<FoundObject> {
  const first = await openObject(journal, vault, sequence);
  return first.kind === "damaged" ? openObject(journal, vault, sequence) : first;
}

async function openObject(journal: Journal, vault: Id, sequence: number): Promise<FoundObject> {
  const bytes = await journal.read(vault, sequence);
  if (bytes === null) return { kind: "absent" };
  try {
    return { kind: "whole", change: decodeChange(bytes, vault, sequence), bytes };
  } catch (error) {
    if (error instanceof DamagedObject) return { kind: "damaged", bytes };
    throw error;
  }
}
