// Where else a part may stand than where its version says: what moved entries name. Rule: the version's own place comes
// first and these after it, one by one, each verified like any other (docs/format.md F-73); so they may heal and never harm.

import type { DamageCode } from "../../border/reasons.ts";
import type { Store } from "../../store/store.ts";
import { type OtherPlace, otherPlaces } from "../tables/index-rows.ts";
import { failOverParts, movePart, type PlacedPart, putDetour, readDetour } from "../tables/part-rows.ts";
import { ownerOf } from "../tables/restored-files.ts";

/** A part that its place did not give. */
export interface FailedPart extends PlacedPart {
  readonly code: DamageCode;
}

/**
 * Seeks each part in its next place that an open epoch seals; files of which a part has none left fail, over what the
 * version's own place said. True when a part is now wanted from somewhere else.
 */
export function seekElsewhere(
  store: Store,
  isOpen: (epoch: number) => boolean,
  failed: readonly FailedPart[],
): boolean {
  const codes = new Map<number, DamageCode>();
  let hasMoved = false;
  for (const part of failed) {
    const { file, idx } = part;
    const detour = readDetour(store, file, idx);
    const code = detour?.code ?? part.code;
    let tried = detour?.tried ?? 0;
    const places = otherPlaces(store, part.chunk, ownerOf(store, file));
    while (tried < places.length && !isOpen((places[tried] as OtherPlace).epoch)) tried += 1;
    const place = places[tried];
    if (place === undefined) {
      codes.set(file, code);
      continue;
    }
    putDetour(store, file, idx, { tried: tried + 1, code });
    if (movePart(store, part, place)) hasMoved = true;
  }
  failOverParts(store, codes);
  return hasMoved;
}
