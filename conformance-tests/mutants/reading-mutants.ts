// Mistakes in reading files and in knowing their content again. Rule: see `mutant.ts`.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are text of the engine.
import type { Mutant } from "./mutant.ts";

export const READING_MUTANTS: readonly Mutant[] = [
  {
    name: "size-of-the-listing",
    mistake:
      "A reading is complete when it has as many chunks as the listing's size asks for, although the file has grown.",
    file: "backup/read/hasher.ts",
    find: "isComplete: one.first + digests.length === total,",
    replace: "isComplete: one.first + digests.length === Math.min(total, chunkCount(row.sizeBytes)),",
    needsCoincidence: false,
  },
  {
    name: "known-content-by-its-times",
    mistake: "A version is named by size, times and mode, so new bytes under the same times pass for the old version.",
    file: "backup/read/piece-writer.ts",
    find: 'const text = `${sizeBytes}/${mtimeS}/${mtimeUs}/${mode ?? "-"}/${digests.join("/")}`;',
    replace: 'const text = `${sizeBytes}/${mtimeS}/${mtimeUs}/${mode ?? "-"}/${digests.length}`;',
    needsCoincidence: false,
  },
  {
    name: "planned-counts-as-stored",
    mistake: "A chunk that is known and lies in a plan already is counted as if its blob were stored.",
    file: "backup/tables/chunk-rows.ts",
    find: "isStored: row.blobState === 1 });",
    replace: "isStored: row.blobState !== null });",
    needsCoincidence: false,
  },
  {
    name: "sharers-are-not-read-again",
    mistake:
      "When a chunk is given up, only the file that it was to be read from starts again, not those that share it.",
    file: "backup/tables/piece-rows.ts",
    find: '"SELECT DISTINCT entry FROM piece WHERE chunk = ?"',
    replace: '"SELECT source FROM chunk WHERE id = ?"',
    needsCoincidence: true,
  },
  {
    name: "pieces-outlive-a-change",
    mistake: "A file that is found changed keeps its old pieces, of which the next reading may replace only some.",
    file: "backup/scan/folder-comparison.ts",
    find: "this.#changed.slice(i, i + IDS_A_QUERY).map(({ id }) => id)",
    replace: "this.#changed.slice(i, i + IDS_A_QUERY).flatMap(({ id, kind }) => (kind === KIND.file ? [] : [id]))",
    needsCoincidence: true,
  },
  {
    name: "coarse-ticks-count-as-fine",
    mistake: "On a disk without times of change a file is taken to be safe as soon after a change as on any other.",
    file: "backup/read/hasher.ts",
    find: "const tickMs = ctimeS === undefined ? COARSE_TICK_MS : RACY_MS;",
    replace: "const tickMs = Math.min(COARSE_TICK_MS, RACY_MS);",
    needsCoincidence: false,
  },
  {
    name: "vanished-file-is-gone",
    mistake: "A file that vanished between its listing and its reading is taken for deleted.",
    file: "backup/read/hasher.ts",
    find: 'case "vanished":\n        this.#waitForListing(row);',
    replace:
      'case "vanished":\n        listAgain(this.#ctx.store, row.folder);\n        this.#ctx.store.run("UPDATE entry SET state = 7 WHERE id = ?", [row.id]);\n        this.#run.countReady(this.#ctx);',
    needsCoincidence: true,
  },
];
