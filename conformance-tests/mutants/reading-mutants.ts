// Mistakes in reading files and in knowing their content again. Rule: see `mutant.ts`.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are text of the engine.
import type { Mutant } from "./mutant.ts";

export const READING_MUTANTS: readonly Mutant[] = [
  {
    name: "readings-are-mixed",
    mistake: "A file that is read in several pieces must keep its size between them, and nothing else.",
    file: "backup/hasher.ts",
    find: "if (one.first > 0 && !isSameStat(row, stat)) {",
    replace: "if (one.first > 0 && row[1] !== stat.sizeBytes && !isSameStat(row, stat)) {",
    needsCoincidence: false,
  },
  {
    name: "size-of-the-listing",
    mistake:
      "A reading is complete when it has as many chunks as the listing's size asks for, although the file has grown.",
    file: "backup/hasher.ts",
    find: "isComplete: one.first + digests.length === total,",
    replace: "isComplete: one.first + digests.length === Math.min(total, chunkCount(int(row, 1))),",
    needsCoincidence: false,
  },
  {
    name: "reading-answers-for-a-newer-row",
    mistake: "An answer is taken although a listing found the file changed while the host was reading it.",
    file: "backup/hasher.ts",
    find: "FROM entry WHERE state = ${STATE.hashing} AND id IN",
    replace: "FROM entry WHERE state IN (${STATE.hashing}, ${STATE.new}) AND id IN",
    needsCoincidence: false,
  },
  {
    name: "known-content-by-its-times",
    mistake: "A version is named by size, times and mode, so new bytes under the same times pass for the old version.",
    file: "backup/piece-writer.ts",
    find: 'const text = `${sizeBytes}/${mtimeS}/${mtimeUs}/${mode ?? "-"}/${digests.join("/")}`;',
    replace: 'const text = `${sizeBytes}/${mtimeS}/${mtimeUs}/${mode ?? "-"}/${digests.length}`;',
    needsCoincidence: false,
  },
  {
    name: "planned-counts-as-stored",
    mistake: "A chunk that is known and lies in a plan already is counted as if its blob were stored.",
    file: "backup/piece-writer.ts",
    find: "isStored: row[2] === 1 });",
    replace: "isStored: row[2] !== null });",
    needsCoincidence: false,
  },
  {
    name: "sharers-are-not-read-again",
    mistake:
      "When a chunk is given up, only the file that it was to be read from starts again, not those that share it.",
    file: "backup/planner.ts",
    find: 'for (const entry of ctx.store.all("SELECT DISTINCT entry FROM piece WHERE chunk = ?", [chunk])) {',
    replace: 'for (const entry of ctx.store.all("SELECT source FROM chunk WHERE id = ?", [chunk])) {',
    needsCoincidence: true,
  },
  {
    name: "orphans-stay-counted",
    mistake: "A chunk that is forgotten before it was planned still counts among those that wait for a plan.",
    file: "backup/planner.ts",
    find: `      run.unplannedChunks -= 1;
      run.unplannedBytes -= int(row, 1);`,
    replace: "      run.unplannedBytes -= int(row, 1);",
    needsCoincidence: false,
  },
  {
    name: "ready-files-do-not-wait-again",
    mistake: "Files that are ready are not among those that start again when a chunk of theirs is lost.",
    file: "backup/planner.ts",
    find: "STATE.listing, STATE.ready, STATE.recording].join",
    replace: "STATE.listing].join",
    needsCoincidence: true,
  },
];
