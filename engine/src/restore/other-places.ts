// Where else a part may stand than where its version says: what moved entries name. Rule: the version's own place comes
// first and these after it, one by one, each verified like any other (docs/format.md F-73); so they may heal and never harm.

import type { DamageCode } from "../border/reasons.ts";
import type { Row, Store } from "../store/store.ts";
import { int, str } from "../store/store.ts";
import { failOverParts } from "./part-rows.ts";
import { PART } from "./schema.ts";

/** A place of a part; `epoch` and `blob` are rows. */
export interface OtherPlace {
  readonly epoch: number;
  readonly blob: number;
  readonly offset: number;
}

/** A row of `restore_part` that its place did not give. */
export interface FailedPart {
  readonly blob: number;
  readonly offset: number;
  readonly file: number;
  readonly idx: number;
  readonly chunk: string;
  readonly code: DamageCode;
}

/** Other places of a chunk or list in the order in which they are tried: those of the version's own device come first. */
export function otherPlaces(store: Store, chunk: string, owner: number): OtherPlace[] {
  return store
    .all("SELECT epoch, blob, offset FROM index_place WHERE chunk = ? ORDER BY device <> ?, device", [chunk, owner])
    .map((row) => ({ epoch: int(row, 0), blob: int(row, 1), offset: int(row, 2) }));
}

/** The row of the device whose file this is, by the file's row in `restore_file`. */
export function ownerOf(store: Store, file: number): number {
  const row = store.first(
    `SELECT r.device FROM restore_file f JOIN index_version v ON v.id = f.version JOIN index_root r ON r.id = v.root
      WHERE f.id = ?`,
    [file],
  );
  return int(row as Row, 0);
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
    const detour = store.first("SELECT tried, code FROM restore_detour WHERE file = ? AND idx = ?", [file, idx]);
    const code = detour === null ? part.code : (str(detour, 1) as DamageCode);
    let tried = detour === null ? 0 : int(detour, 0);
    const places = otherPlaces(store, part.chunk, ownerOf(store, file));
    while (tried < places.length && !isOpen((places[tried] as OtherPlace).epoch)) tried += 1;
    const place = places[tried];
    if (place === undefined) {
      codes.set(file, code);
      continue;
    }
    const values = [file, idx, tried + 1, code];
    store.run("INSERT OR REPLACE INTO restore_detour (file, idx, tried, code) VALUES (?, ?, ?, ?)", values);
    // Its file may have failed over another part meanwhile: then it is not wanted any more.
    const { changes } = store.run(
      `UPDATE restore_part SET blob = ?, offset = ?, epoch = ?
        WHERE blob = ? AND offset = ? AND file = ? AND idx = ? AND state = ${PART.wanted}`,
      [place.blob, place.offset, place.epoch, part.blob, part.offset, file, idx],
    );
    hasMoved ||= changes > 0;
  }
  failOverParts(store, codes);
  return hasMoved;
}
