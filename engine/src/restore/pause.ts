// Steps of bounded size inside a flow (docs/host-api.md H-5). Rule: whoever works through a table asks here after each
// piece, so that no step carries more than a step may.

import type { Context } from "../runtime/context.ts";
import { type Flow, perform } from "../runtime/flow.ts";

/** Goes on in a later step when this one has no room left. */
export function* pause(ctx: Context): Flow<void> {
  if (!ctx.hasRoom()) yield* perform({ kind: "wake", atMs: ctx.now });
}
