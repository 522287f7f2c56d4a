// What `backup --watch` says between two pieces of work. Rule: whatever is said comes from the engine's own status; at a terminal
// in the line of progress, elsewhere as a line, and only when something is new.

import type { View, WaitingReason } from "coffre-engine";
import type { CommandFrame } from "./command-run.ts";
import { say } from "./language.ts";
import { showCount, showTime } from "./printable.ts";
import type { Session } from "./session.ts";
import { waitingWords } from "./words.ts";

type ProgressView = Extract<View, { kind: "progress" }>;
type StatusView = Extract<View, { kind: "status" }>;

/** A rest that is shorter is no rest: the next piece of work comes at once. */
const REST_MS = 1_000;
/** What waits for these is being worked on. */
const AT_WORK: ReadonlySet<WaitingReason> = new Set(["next-in-line", "uploading", "awaiting-receipt"]);

/** Follows one watching backup. */
export class WatchReport {
  readonly #frame: CommandFrame;
  readonly #session: Pick<Session, "ask">;
  #timer: NodeJS.Timeout | undefined;
  #trouble: WaitingReason | null = null;
  #said = "";

  constructor(frame: CommandFrame, session: Pick<Session, "ask">) {
    this.#frame = frame;
    this.#session = session;
  }

  /** Takes a view of the work's progress. */
  take(view: ProgressView): void {
    clearTimeout(this.#timer);
    if (view.waiting !== undefined) this.#tellTrouble(view.waiting);
    else if (view.phase === "idle") this.#timer = setTimeout(() => void this.#look(), REST_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #tellTrouble(reason: WaitingReason): void {
    if (this.#trouble === reason) return;
    this.#trouble = reason;
    this.#say(waitingWords(reason), `${reason}`);
  }

  async #look(): Promise<void> {
    // A session that broke off says so to whoever waits for the backup.
    const status = await this.#session.ask({ kind: "status" }).catch(() => null);
    if (status?.kind !== "status" || isAtWork(status)) return;
    const { counts, lastReceipt } = status;
    const words = sayRest(status, Date.now());
    this.#frame.progress.rest(words);
    const news = [lastReceipt?.number, counts.filesSynced, counts.filesWaiting, status.roots.length].join("/");
    this.#say(words, news);
    this.#trouble = null;
  }

  /** A line away from a terminal, when `news` is not that of the last one. */
  #say(words: string, news: string): void {
    const { output } = this.#frame;
    if (output.isLive || output.isQuiet || this.#said === news) return;
    this.#said = news;
    output.line(`${showTime(Date.now())}  ${words}`);
  }
}

/** What a watching backup says when nothing is left to do. */
export function sayRest({ counts, roots }: StatusView, nowMs: number): string {
  const watched = roots.filter(({ unavailable }) => unavailable === null).length;
  const time = showTime(nowMs).slice(11, 16);
  const folders = showCount(watched, "folder");
  if (counts.filesWaiting === 0) return say("watch", "all-synced", { time, folders });
  const files = showCount(counts.filesSynced, "file");
  return say("watch", "some-waiting", { files, time, count: counts.filesWaiting, folders });
}

function isAtWork({ counts }: StatusView): boolean {
  return counts.waiting.some(({ reason }) => AT_WORK.has(reason));
}
