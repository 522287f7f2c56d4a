// What is known of a file's content while it is under way. Rule: pieces, lists and reference blobs are forgotten together,
// so that nothing made for one version is ever taken for another.

import type { Context } from "../runtime/context.ts";
import type { Row } from "../store/store.ts";

/**
 * Drops what is known of the content of some entries, given as SQL of their ids. Chunks that are stored, or planned for
 * others to share, stay.
 */
export function forgetPieces(ctx: Context, entries: string, params: Row): void {
  const { store } = ctx;
  store.run(`DELETE FROM piece WHERE entry IN (${entries})`, params);
  store.run(
    `DELETE FROM chunk WHERE source_idx < 0 AND source IN (${entries})
     AND (blob = 0 OR blob IN (SELECT id FROM blob WHERE state = 0))`,
    params,
  );
  store.run(`DELETE FROM blob WHERE state = 0 AND owner IN (${entries})`, params);
  store.run(`UPDATE blob SET owner = NULL WHERE owner IN (${entries})`, params);
}
