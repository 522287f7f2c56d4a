// Whether the server still has the envelopes that it was sent (docs/format.md F-41): without one, nothing of its epoch can ever
// be restored. Rule: the list is compared once a day, and at once when the head shows that something is gone.

import { envelopeHash } from "../../format/envelope.ts";
import type { Digest } from "../../ids.ts";
import type { DeviceHead } from "../../peer/answers.ts";
import { readEnvelopePage } from "../../peer/answers.ts";
import { PeerTrouble, trouble } from "../../peer/exchange.ts";
import type { Context } from "../../runtime/context.ts";
import type { Flow } from "../../runtime/flow.ts";
import { getSetting, type Pairing, putSetting } from "../../store/settings.ts";
import type { Run } from "../run.ts";
import { call } from "../session.ts";
import { resendEnvelope, sentEnvelopes } from "../tables/epoch-rows.ts";

const COMPARE_MS = 86_400_000;

/** Has envelopes that the server lacks, or holds otherwise, sent again. */
export function* compareEnvelopes(ctx: Context, run: Run, pairing: Pairing, head: DeviceHead): Flow<void> {
  const sent = sentEnvelopes(ctx.store);
  const newest = Math.max(0, ...sent.keys());
  if (newest === 0) return;
  const last = getSetting(ctx.store, "envelopesComparedMs");
  // A time that lies ahead is that of a clock that was set back since.
  const isDue = last === null || Math.abs(ctx.now - last) >= COMPARE_MS || head.epoch < newest;
  if (!isDue) return;
  const held = yield* listEnvelopes(run, pairing, newest);
  const lost = [...sent].filter(([number, hash]) => held.get(number) !== hash);
  const again = lost.filter(([number]) => resendEnvelope(ctx.store, number)).length;
  run.setbacks.lostEnvelopes(again);
  putSetting(ctx.store, "envelopesComparedMs", ctx.now);
  if (again > 0) ctx.show({ kind: "notice", code: "server-lost-envelopes", count: again });
}

/** The hashes of this device's envelopes on the server, up to number `newest`. */
function* listEnvelopes(run: Run, pairing: Pairing, newest: number): Flow<Map<number, Digest>> {
  const held = new Map<number, Digest>();
  for (let after: number | null = 0; after !== null && after < newest; ) {
    const path = `/v1/devices/${pairing.device}/epochs?after=${after}`;
    const answer = yield* call(run, pairing, "GET", path);
    if (answer.kind === "problem") throw new PeerTrouble(trouble("server-error", "peer-refused", null));
    const page = readEnvelopePage(answer.body);
    for (const { number, envelope } of page.envelopes) held.set(number, envelopeHash(envelope));
    const next: number | null = page.next;
    after = next !== null && next > after ? next : null;
  }
  return held;
}
