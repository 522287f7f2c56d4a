// What the server took in this run and has lost since. Rule: progress is measured by what cannot be undone: content that is
// sent again after it was taken, and a record under a number that had its receipt, bring nothing on.

/** Losses of what this run sent that are taken for an accident; each one after them doubles a pause. */
const ACCIDENTS = 2;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;

export class Setbacks {
  /** Blobs with a larger row id were planned in this run. */
  #lastOlderBlob = 0;
  /** Bytes of blobs that were taken and lost in this run, and did not arrive again yet. */
  #owedBytes = 0;
  #owedEnvelopes = 0;
  #highestRecord = 0;
  #losses = 0;

  /** A run begins behind this blob: what it finds lost of others was not lost in it. */
  begin(lastOlderBlob: number): void {
    this.#lastOlderBlob = lastOlderBlob;
    this.#owedBytes = 0;
    this.#owedEnvelopes = 0;
    this.#highestRecord = 0;
    this.#losses = 0;
  }

  /** Notes that a blob is lost; true when it is one of this run, which took it in vain. */
  lostBlob(blob: number, sizeBytes: number): boolean {
    if (blob <= this.#lastOlderBlob) return false;
    this.#owedBytes += sizeBytes;
    return true;
  }

  lostEnvelopes(count: number): void {
    this.#owedEnvelopes += count;
  }

  /** Notes that the log ends before a record; true when this run had the record's receipt. */
  lostRecord(number: number): boolean {
    return number <= this.#highestRecord;
  }

  /** How long to wait after one more loss of what this run had sent; null for no longer than after any trouble. */
  nextPauseMs(): number | null {
    this.#losses += 1;
    const more = this.#losses - ACCIDENTS;
    return more <= 0 ? null : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(more - 1, 20));
  }

  /** A blob was taken; true when it brings the run on. */
  tookBlob(sizeBytes: number): boolean {
    if (this.#owedBytes === 0) return true;
    this.#owedBytes = Math.max(0, this.#owedBytes - sizeBytes);
    return false;
  }

  /** An envelope was taken; true when it was not one that had been taken before. */
  tookEnvelope(): boolean {
    if (this.#owedEnvelopes === 0) return true;
    this.#owedEnvelopes -= 1;
    return false;
  }

  /** A receipt came; true when the log is longer than it ever was in this run. */
  tookRecord(number: number): boolean {
    this.#owedBytes = 0;
    if (number <= this.#highestRecord) return false;
    this.#highestRecord = number;
    return true;
  }
}
