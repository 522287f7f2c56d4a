// What a revocation shut out, and a reader was asked to read all the same. Rule: it is marked wherever it is shown: a stranger may
// have written it.

import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import type { Store } from "../../store/store.ts";
import type { OpenVault } from "../../vault/unlock.ts";
import { pause } from "../pause.ts";
import { readShutOut } from "../tables/damage-rows.ts";
import { rowOf } from "../tables/index-rows.ts";
import { pageRows } from "../tables/restored-files.ts";
import { ENTRIES_A_RECORD } from "../tables/version-rows.ts";

/** By the row of a revoked device, the first `seq` of what it recorded after it was shut out. */
export type ShutOut = ReadonlyMap<number, number>;

const VIEWS_A_PIECE = 200;

export function shutOutOf(store: Store, { roster }: Pick<OpenVault, "roster">): ShutOut {
  return new Map(
    roster.revocations.flatMap(({ device, lastNumber }) => {
      const row = rowOf(store, device);
      return row === null ? [] : [[row, (lastNumber + 1) * ENTRIES_A_RECORD]];
    }),
  );
}

/** Names every file that was restored out of it. */
export function* reportShutOut(ctx: Context, shutOut: ShutOut): Flow<void> {
  for (const [device, seq] of shutOut) {
    for (let after: number | null = 0; after !== null; ) {
      const most = pageRows(ctx.store, "index_version", VIEWS_A_PIECE);
      const { views, next } = readShutOut(ctx.store, device, seq, after, most);
      if (views.length > 0) ctx.show({ kind: "damage", damage: views });
      after = next;
      yield* pause(ctx);
    }
  }
}
