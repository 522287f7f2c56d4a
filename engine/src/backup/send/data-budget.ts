// What the owner lets blobs cost over metered networks in a month. Rule: a blob counts when it is sent, whatever becomes of it, and
// the count outlives the process; so a month never costs more than was allowed. Records are small and count for nothing: without
// them the blobs would be sent in vain.

import type { Context } from "../../runtime/context.ts";
import { getSetting, putSetting } from "../../store/settings.ts";
import { localMonth } from "../policy.ts";
import type { Run } from "../run.ts";

/** What may go over the network that is there; null: as much as there is. */
export function leftBytes(ctx: Context, { policy, conditions }: Run): number | null {
  if (policy.meteredBytesPerMonth === null || conditions === null || conditions.network === "unmetered") return null;
  return policy.meteredBytesPerMonth - spentBytes(ctx, localMonth(conditions, ctx.now));
}

/** Counts a blob that is sent now. Months are counted without a budget too: one that is set later begins with what is true. */
export function countBlob(ctx: Context, { conditions }: Run, sizeBytes: number): void {
  if (conditions === null || conditions.network === "unmetered") return;
  const month = localMonth(conditions, ctx.now);
  putSetting(ctx.store, "meteredUse", { month, bytes: spentBytes(ctx, month) + sizeBytes });
}

/** What blobs cost over metered networks in this month. A clock that goes back brings no month back: its count is gone. */
function spentBytes({ store }: Context, month: number): number {
  const use = getSetting(store, "meteredUse");
  return use !== null && use.month === month ? use.bytes : 0;
}
