// Mistakes in sending blobs, in backing off, and in keeping to the owner's policy. Rule: see `mutant.ts`.

import type { Mutant } from "./mutant.ts";

export const SENDING_MUTANTS: readonly Mutant[] = [
  {
    name: "missing-source-is-left-out",
    mistake: "A planned chunk whose file is gone is left out of the blob, and the others are sent.",
    file: "backup/uploader.ts",
    find: "if (row[6] === null) return null;",
    replace: "if (row[6] === null) continue;",
    needsCoincidence: true,
  },
  {
    name: "changed-part-is-planned-again",
    mistake:
      "A blob is given up when one of its files changed, but that file is read again only if others changed too.",
    file: "backup/uploader.ts",
    find: "      forgetChunks(ctx, run, failed, { reason",
    replace: "      if (failed.length > 1) forgetChunks(ctx, run, failed, { reason",
    needsCoincidence: false,
  },
  {
    name: "back-off-trusts-the-clock",
    mistake: "A pause ends at a time of day, although the clock may be set back by months meanwhile.",
    file: "backup/backoff.ts",
    find: "return now < this.#untilMs && this.#untilMs - now <= CAP_MS * 12;",
    replace: "return now < this.#untilMs;",
    needsCoincidence: true,
  },
  {
    name: "tokens-renewed-for-ever",
    mistake: "A request that is refused for its token gets a new one each time, without an end or a pause.",
    file: "backup/session.ts",
    find: 'if (exchange.kind === "too-large" || attempt > 0)',
    replace: 'if (exchange.kind === "too-large" && attempt >= 0)',
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
    name: "redirects-are-success",
    mistake: "Every status below 400 is a success, also the redirect of a portal that answers for the server.",
    file: "peer/exchange.ts",
    find: "if (status >= 200 && status < 300) {",
    replace: "if (status >= 200 && status < 400) {",
    needsCoincidence: false,
  },
  {
    name: "effect-ids-begin-at-one",
    mistake:
      "Effects are numbered from one in each process, so a late answer of the last one is taken for a new effect's.",
    file: "runtime/context.ts",
    find: "this.#nextId = 1 + this.entropy.below(2 ** 32) * 2 ** 20;",
    replace: "this.#nextId = 1;",
    needsCoincidence: true,
  },
  {
    name: "answers-count-twice",
    mistake: "A handler stays after its answer, so an answer that is delivered twice is taken twice.",
    file: "runtime/context.ts",
    find: "    this.#handlers.delete(effect);\n",
    replace: "",
    needsCoincidence: false,
  },
  {
    name: "cancelled-request-ends-the-run",
    mistake: "A request that was cancelled because the network changed counts as a fault of the host.",
    file: "backup/session.ts",
    find: '} else if (error.code !== "host-cancelled") {',
    replace: "} else {",
    needsCoincidence: true,
  },
  {
    name: "wake-that-came-is-kept",
    mistake: "A wake that came is taken to lie in the past, which it does not when the clock is set back.",
    file: "backup/alarm.ts",
    find: "      if (this.#atMs === atMs) this.#atMs = null;\n",
    replace: "",
    needsCoincidence: true,
  },
  {
    name: "failed-part-leaves-its-plan",
    mistake: "A blob of which a part failed keeps its plan, and is sent again without the chunks that were forgotten.",
    file: "backup/uploader.ts",
    find: "discardPlan(ctx, run, blob);\n      forgetChunks(ctx, run, failed,",
    replace: "forgetChunks(ctx, run, failed,",
    needsCoincidence: false,
  },
  {
    name: "orphans-wait-to-be-planned",
    mistake: "A chunk whose file is gone is passed over when a blob is planned, and counts on as one that waits.",
    file: "backup/planner.ts",
    find: "orphans.push(after);\n",
    replace: "",
    needsCoincidence: false,
  },
];
