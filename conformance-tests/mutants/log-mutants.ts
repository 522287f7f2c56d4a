// Mistakes in writing the log, in receipts, and in what follows when server and database do not agree. Rule: see `mutant.ts`.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are text of the engine.
import type { Mutant } from "./mutant.ts";

export const LOG_MUTANTS: readonly Mutant[] = [
  {
    name: "receipt-for-another-record",
    mistake: "A receipt's number is compared, and the hash of the record that it speaks of is not.",
    file: "backup/log/receipt-check.ts",
    find: 'if (receipt.recordHash !== recordHash) throw refused("record");',
    replace: 'if (receipt.recordHash.length !== recordHash.length) throw refused("record");',
    needsCoincidence: false,
  },
  {
    name: "conflict-is-tried-again",
    mistake: "A record whose number is taken is sent again instead of comparing the heads.",
    file: "backup/record/recorder.ts",
    find: '    this.#run.log = "closed";\n',
    replace: "",
    needsCoincidence: true,
  },
  {
    name: "conflict-is-not-remembered",
    mistake: "After a conflict the heads are compared, but the record that was refused passes for one never answered.",
    file: "backup/tables/record-rows.ts",
    find: '"UPDATE record SET refused = 1 WHERE number = ? AND state = 0"',
    replace: '"UPDATE record SET refused = 0 WHERE number = ? AND state = 0"',
    needsCoincidence: true,
  },
  {
    name: "conflict-is-done",
    mistake: "A conflict is taken for the answer to a record that had arrived before, and its entries for synced.",
    file: "backup/record/recorder.ts",
    find: 'else if (exchange.code === "record-conflict") this.#takeConflict(number);',
    replace: `else if (exchange.code === "record-conflict") {
          const set = "UPDATE entry SET state = 0 WHERE state = 6 AND record = ?";
          if (getSetting(this.#ctx.store, "receipt") !== null) this.#ctx.store.run(set, [number]);
          this.#takeConflict(number);
        }`,
    needsCoincidence: true,
  },
  {
    name: "damaged-blobs-are-noted-only",
    mistake: "Blobs that the server calls damaged are told to the owner and not sent again.",
    file: "backup/log/head-check.ts",
    find: "if (head.damaged.length > 0 && loseBlobs(ctx, run, head.damaged) > 0) {",
    replace: "if (head.damaged.length > 0 && loseBlobs(ctx, run, []) >= 0) {",
    needsCoincidence: false,
  },
  {
    name: "lost-blobs-without-their-files",
    mistake: "A blob that the server lost is forgotten, and the files that lie in it are not looked at again.",
    file: "backup/log/lost-blobs.ts",
    find: "if (known > 0) recordAllAgain(ctx, run, 0);",
    replace: "if (known > 0) run.resetForStart(ctx);",
    needsCoincidence: true,
  },
  {
    name: "plans-survive-a-rollback",
    mistake: "Plans of a database that was rolled back are sent under their old epoch, whose secret may be gone.",
    file: "backup/log/adoption.ts",
    find: "  discardPlans(ctx, run);\n",
    replace: "  if (tail.number < last.number) discardPlans(ctx, run);\n",
    needsCoincidence: true,
  },
  {
    name: "only-files-are-recorded-again",
    mistake: "Files and folders whose record the server lost are recorded anew, and links are not.",
    file: "backup/tables/entry-rows.ts",
    find: "AND kind <> ${KIND.file} AND ${where}",
    replace: "AND kind = ${KIND.folder} AND ${where}",
    needsCoincidence: false,
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
    name: "lost-files-count-as-done",
    mistake:
      "When the server lost blobs, and not records, files wait again, and the progress goes on from what it had counted.",
    file: "backup/record/record-end.ts",
    find: "  run.uncountSynced(ctx, set);",
    replace: "  if (reason === null) run.uncountSynced(ctx, set);",
    needsCoincidence: false,
  },
];
