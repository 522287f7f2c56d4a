// That a server asks to wait, and until when. Rule: who waits in front of a screen is told at once, and again only when the
// time has moved on.

import type { Context } from "../runtime/context.ts";

/** Another pause is told when it ends so much later than the one that was told last. */
const NEWS_MS = 30_000;

export class PauseNotice {
  #toldUntilMs = 0;

  show(ctx: Context, retryAfterMs: number): void {
    const untilMs = ctx.now + retryAfterMs;
    if (Math.abs(untilMs - this.#toldUntilMs) < NEWS_MS) return;
    this.#toldUntilMs = untilMs;
    ctx.show({ kind: "notice", code: "server-asks-to-wait", untilMs });
  }
}
