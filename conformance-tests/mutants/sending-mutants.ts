// Mistakes in sending blobs, in backing off, and in keeping to the owner's policy. Rule: see `mutant.ts`.

import type { Mutant } from "./mutant.ts";

export const SENDING_MUTANTS: readonly Mutant[] = [
  {
    name: "missing-source-is-left-out",
    mistake: "A planned chunk whose file is gone is left out of the blob, and the others are sent.",
    file: "backup/send/uploader.ts",
    find: "if (folder === null || name === null) return null;",
    replace: "if (folder === null || name === null) continue;",
    needsCoincidence: true,
  },
  {
    name: "changed-part-is-planned-again",
    mistake:
      "A blob is given up when one of its files changed, but that file is read again only if others changed too.",
    file: "backup/send/uploader.ts",
    find: "      forgetChunks(ctx, run, failed, { reason",
    replace: "      if (failed.length > 1) forgetChunks(ctx, run, failed, { reason",
    needsCoincidence: false,
  },
  {
    name: "requests-outlive-the-policy",
    mistake: "When the network may not be used any more, uploads are cancelled and small requests are forgotten.",
    file: "runtime/context.ts",
    find: 'if (body.kind === "upload" || body.kind === "download" || body.kind === "request") this.#exchanges.add(id);',
    replace: 'if (body.kind === "upload" || body.kind === "download") this.#exchanges.add(id);',
    needsCoincidence: true,
  },
  {
    name: "failed-part-leaves-its-plan",
    mistake: "A blob of which a part failed keeps its plan, and is sent again without the chunks that were forgotten.",
    file: "backup/send/uploader.ts",
    find: "discardPlan(ctx, run, blob);\n      forgetChunks(ctx, run, failed,",
    replace: "forgetChunks(ctx, run, failed,",
    needsCoincidence: false,
  },
  {
    name: "unreferenced-since-this-process",
    mistake: "How long a stored blob has been without a record is counted from when the process began.",
    file: "backup/record/unreferenced.ts",
    find: `export function leavesBlobs({ store, now }: Context): boolean {
  const { count, sinceMs: storedMs } = sumUnnamed(store);`,
    replace: `const began = new WeakMap<Context["store"], number>();
export function leavesBlobs({ store, now }: Context): boolean {
  if (!began.has(store)) began.set(store, now);
  const unnamed = sumUnnamed(store);
  const { count } = unnamed;
  const storedMs = unnamed.sinceMs === null ? null : Math.max(unnamed.sinceMs, began.get(store) ?? 0);`,
    needsCoincidence: false,
  },
];
