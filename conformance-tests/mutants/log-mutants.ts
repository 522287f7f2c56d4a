// Mistakes in writing the log, in receipts, and in what follows when server and database do not agree. Rule: see `mutant.ts`.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are text of the engine.
import type { Mutant } from "./mutant.ts";

export const LOG_MUTANTS: readonly Mutant[] = [
  {
    name: "receipt-for-another-record",
    mistake: "A receipt's number is compared, and the hash of the record that it speaks of is not.",
    file: "backup/receipt-check.ts",
    find: 'if (receipt.recordHash !== recordHash) throw refused("record");',
    replace: 'if (receipt.recordHash.length !== recordHash.length) throw refused("record");',
    needsCoincidence: false,
  },
  {
    name: "gone-is-not-said-again",
    mistake: "When a record is given up, its files go into the next one and what it called gone does not.",
    file: "backup/record-rows.ts",
    find: "store.run(`UPDATE entry SET state = ${STATE.gone} WHERE record = ? AND state = ${STATE.goneRecording}`, [number]);",
    replace: "store.run(`DELETE FROM entry WHERE record = ? AND state = ${STATE.goneRecording}`, [number]);",
    needsCoincidence: true,
  },
  {
    name: "refused-needs-without-a-pause",
    mistake: "A record that is refused for what it needs is tried again at once, however often it is refused.",
    file: "backup/recorder.ts",
    find: '    this.#run.backoff.failed(this.#ctx, trouble("server-lost-records", "peer-error", null));\n',
    replace: "",
    needsCoincidence: false,
  },
  {
    name: "conflict-is-tried-again",
    mistake: "A record whose number is taken is sent again instead of comparing the heads.",
    file: "backup/recorder.ts",
    find: '    this.#run.log = "closed";\n',
    replace: "",
    needsCoincidence: true,
  },
  {
    name: "conflict-is-not-remembered",
    mistake: "After a conflict the heads are compared, but the record that was refused passes for one never answered.",
    file: "backup/recorder.ts",
    find: '"UPDATE record SET refused = 1 WHERE number = ? AND state = 0"',
    replace: '"UPDATE record SET refused = 0 WHERE number = ? AND state = 0"',
    needsCoincidence: true,
  },
  {
    name: "conflict-is-done",
    mistake: "A conflict is taken for the answer to a record that had arrived before, and its entries for synced.",
    file: "backup/recorder.ts",
    find: 'else if (exchange.code === "record-conflict") this.#takeConflict(number);',
    replace: `else if (exchange.code === "record-conflict") {
          const set = "UPDATE entry SET state = 0 WHERE state = 6 AND record = ?";
          if (getSetting(this.#ctx.store, "receipt") !== null) this.#ctx.store.run(set, [number]);
          this.#takeConflict(number);
        }`,
    needsCoincidence: true,
  },
  {
    name: "frozen-record-survives-adoption",
    mistake: "Records of the server are adopted, and the one that was frozen under their number is not given up.",
    file: "backup/head-check.ts",
    find: `      dropFrozen(ctx, run);
      yield* adoptRecords`,
    replace: `      if (head.number === last.number + 1) dropFrozen(ctx, run);
      yield* adoptRecords`,
    needsCoincidence: true,
  },
  {
    name: "frozen-record-survives-the-fall",
    mistake: "When the server has lost records, the frozen one keeps its number and its place in the chain.",
    file: "backup/head-check.ts",
    find: "  dropFrozen(ctx, run);\n  const entries",
    replace: "  if (head.number === 0) dropFrozen(ctx, run);\n  const entries",
    needsCoincidence: true,
  },
  {
    name: "heads-compared-once-a-process",
    mistake: "The heads are compared when a process begins, and not again by later sweeps.",
    file: "backup/backup.ts",
    find: '      if (run.log === "open") run.log = "closed";\n',
    replace: "",
    needsCoincidence: true,
  },
  {
    name: "damaged-blobs-are-noted-only",
    mistake: "Blobs that the server calls damaged are told to the owner and not sent again.",
    file: "backup/head-check.ts",
    find: "if (head.damaged.length > 0 && loseBlobs(ctx, run, head.damaged) > 0) {",
    replace: "if (head.damaged.length > 0 && loseBlobs(ctx, run, []) >= 0) {",
    needsCoincidence: false,
  },
  {
    name: "lost-blobs-without-their-files",
    mistake: "A blob that the server lost is forgotten, and the files that lie in it are not looked at again.",
    file: "backup/lost-blobs.ts",
    find: "if (known > 0) recordAllAgain(ctx, run, 0);",
    replace: "if (known > 0) run.resetForStart(ctx);",
    needsCoincidence: true,
  },
  {
    name: "plans-survive-a-rollback",
    mistake: "Plans of a database that was rolled back are sent under their old epoch, whose secret may be gone.",
    file: "backup/adoption.ts",
    find: "  discardPlans(ctx, run);\n",
    replace: "  if (tail.number < last.number) discardPlans(ctx, run);\n",
    needsCoincidence: true,
  },
  {
    name: "epoch-ends-under-its-blobs",
    mistake: "An epoch ends when no record is on its way, and its secret is erased while blobs under it are.",
    file: "backup/backup.ts",
    find: "run.uploads.size === 0 && !run.recordInFlight && this.#uploader.isDone() && !this.#recorder.hasFrozen();",
    replace: "!run.recordInFlight && !this.#recorder.hasFrozen();",
    needsCoincidence: true,
  },
  {
    name: "epoch-ends-under-its-record",
    mistake: "An epoch ends when no blob is on its way, and its secret is erased while a record under it is.",
    file: "backup/backup.ts",
    find: "run.uploads.size === 0 && !run.recordInFlight && this.#uploader.isDone() && !this.#recorder.hasFrozen();",
    replace: "run.uploads.size === 0 && this.#uploader.isDone();",
    needsCoincidence: true,
  },
  {
    name: "adopted-chunks-under-one-epoch",
    mistake: "All chunks of a record that is adopted are taken to be sealed under the epoch of its first one.",
    file: "backup/adoption.ts",
    find: "[sha, source.epoch, record]",
    replace: "[sha, body.sources[0]?.epoch ?? source.epoch, record]",
    needsCoincidence: true,
  },
  {
    name: "only-files-are-recorded-again",
    mistake: "Files and folders whose record the server lost are recorded anew, and links are not.",
    file: "backup/record-rows.ts",
    find: "AND kind <> ${KIND.file} AND ${which}",
    replace: "AND kind = ${KIND.folder} AND ${which}",
    needsCoincidence: false,
  },
  {
    name: "one-record-is-lost-at-most",
    mistake: "A server that went back is taken to have lost its newest record and no more.",
    file: "backup/head-check.ts",
    find: "const entries = recordAllAgain(ctx, run, head.number);",
    replace: "const entries = recordAllAgain(ctx, run, last.number - 1);",
    needsCoincidence: false,
  },
  {
    name: "envelope-keeps-its-stale-token",
    mistake: "An envelope that is refused for its token is sent again later, with the same token.",
    file: "backup/epochs.ts",
    find: '  if (exchange.kind === "unauthorized" && run.token === token) run.token = null;\n',
    replace: "",
    needsCoincidence: true,
  },
  {
    name: "wanted-rotation-does-not-wait",
    mistake: "An epoch whose end was asked for ends at once, whatever is planned or recorded under it.",
    file: "backup/backup.ts",
    find: "if (isRotationDue(epoch, run, ctx.now) && barrier && this.#mayRotate(epoch))",
    replace: "if (isRotationDue(epoch, run, ctx.now) && (barrier || run.rotateWanted) && this.#mayRotate(epoch))",
    needsCoincidence: true,
  },
  {
    name: "newest-envelope-is-sent-again-alone",
    mistake:
      "When the server lost envelopes, that of the newest epoch is sent again, although older ones are needed too.",
    file: "backup/epochs.ts",
    find: "SET state = ${EPOCH_STATE.made} WHERE state = ${EPOCH_STATE.stored}`);",
    replace:
      "SET state = ${EPOCH_STATE.made} WHERE state = ${EPOCH_STATE.stored} AND number = (SELECT max(number) FROM epoch)`);",
    needsCoincidence: true,
  },
  {
    name: "lost-files-count-as-done",
    mistake:
      "When the server lost blobs, and not records, files wait again, and the progress goes on from what it had counted.",
    file: "backup/lost-blobs.ts",
    find: "  run.resetForStart(ctx);\n  return entries;",
    replace: "  if (number > 0) run.resetForStart(ctx);\n  return entries;",
    needsCoincidence: false,
  },
  {
    name: "frozen-record-outlives-its-secret",
    mistake:
      "When the secrets of its epoch turn out to be gone, what was planned is given up, and the frozen record is not.",
    file: "backup/head-check.ts",
    find: "function giveUpEpochs(ctx: Context, run: Run): void {\n  dropFrozen(ctx, run);",
    replace: "function giveUpEpochs(ctx: Context, run: Run): void {",
    needsCoincidence: true,
  },
];
