// What the server says is damaged of this device's own log (docs/protocol.md P-32). Rule: envelopes are sent again as they
// were; what stands in a damaged record alone is not synced any more and is recorded anew, once for each record.

import type { DeviceHead } from "../../peer/answers.ts";
import type { Context } from "../../runtime/context.ts";
import { recordSetAnew } from "../record/record-end.ts";
import type { Run } from "../run.ts";
import { recordedBy } from "../tables/entry-sets.ts";
import { resendEnvelope } from "../tables/epoch-rows.ts";
import { addAnswered } from "../tables/record-rows.ts";

/** Answers what a head says of damaged records and envelopes. */
export function answerDamage(ctx: Context, run: Run, head: DeviceHead): void {
  const envelopes = head.damagedEpochs.filter((number) => resendEnvelope(ctx.store, number)).length;
  run.setbacks.lostEnvelopes(envelopes);
  if (envelopes > 0) ctx.show({ kind: "notice", code: "server-lost-envelopes", count: envelopes });
  let records = 0;
  let entries = 0;
  for (const number of head.damagedRecords) {
    if (number > head.number) continue;
    if (!addAnswered(ctx.store, number)) continue;
    records += 1;
    entries += recordSetAnew(ctx, run, recordedBy(number), "server-lost-records");
  }
  if (records === 0) return;
  ctx.show({ kind: "notice", code: "server-damaged-records", count: records });
  ctx.show({ kind: "notice", code: "entries-wait-again", count: entries });
}
