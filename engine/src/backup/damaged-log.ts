// What the server says is damaged of this device's own log (docs/protocol.md P-32). Rule: envelopes are sent again as they
// were; what stands in a damaged record alone is not synced any more and is recorded anew, once for each record.

import type { DeviceHead } from "../peer/answers.ts";
import type { Context } from "../runtime/context.ts";
import { resendEnvelope } from "./epochs.ts";
import { recordAnew } from "./record-rows.ts";
import type { Run } from "./run.ts";

/** Answers what a head says of damaged records and envelopes. */
export function answerDamage(ctx: Context, run: Run, head: DeviceHead): void {
  const envelopes = head.damagedEpochs.filter((number) => resendEnvelope(ctx, number)).length;
  run.setbacks.lostEnvelopes(envelopes);
  if (envelopes > 0) ctx.show({ kind: "notice", code: "server-lost-envelopes", count: envelopes });
  const { store } = ctx;
  let records = 0;
  let entries = 0;
  for (const number of head.damagedRecords) {
    if (number > head.number) continue;
    const { changes } = store.run("INSERT OR IGNORE INTO answered_record (number) VALUES (?)", [number]);
    if (changes === 0) continue;
    records += 1;
    entries += recordAnew(ctx, run, "record = ?", [number], "server-lost-records");
  }
  if (records === 0) return;
  ctx.show({ kind: "notice", code: "server-damaged-records", count: records });
  ctx.show({ kind: "notice", code: "entries-wait-again", count: entries });
}

/** Numbers above `number` are used again: what was answered of them is past. */
export function forgetAnswers({ store }: Context, number: number): void {
  store.run("DELETE FROM answered_record WHERE number > ?", [number]);
}
