// Mistakes in listing folders: what is new, what is gone, and what may not be believed. Rule: see `mutant.ts`.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are text of the engine.
import type { Mutant } from "./mutant.ts";

export const SCANNING_MUTANTS: readonly Mutant[] = [
  {
    name: "unreadable-entry-is-absent",
    mistake: "An entry whose stat failed is left out of the comparison, so the row that knows it counts as missing.",
    file: "backup/scan/folder-comparison.ts",
    find: "this.#merge(cut === null ? entries : entries.filter((entry) => compareNames(entry.name, cut) <= 0), rows);",
    replace:
      'const listed = entries.filter((entry) => !("failed" in entry) || !rows.some((row) => row.name === entry.name));\n' +
      "    this.#merge(cut === null ? listed : listed.filter((entry) => compareNames(entry.name, cut) <= 0), rows);",
    needsCoincidence: false,
  },
  {
    name: "change-time-is-ignored",
    mistake: "Same size and same modification time are taken for an unchanged file, whatever its change time says.",
    file: "backup/scan/folder-comparison.ts",
    find: `    (entry.ctimeS ?? null) === row.ctimeS &&
    (entry.ctimeUs ?? null) === row.ctimeUs &&
`,
    replace: "",
    needsCoincidence: false,
  },
  {
    name: "folder-replaced-by-link-keeps-its-rows",
    mistake: "Rows below a folder are forgotten when a file takes its place, and not when a link does.",
    file: "backup/scan/folder-comparison.ts",
    find: "if (wasFolder && kind !== KIND.folder)\n      forgetBelow",
    replace: "if (wasFolder && kind === KIND.file)\n      forgetBelow",
    needsCoincidence: false,
  },
  {
    name: "synced-file-counts-twice",
    mistake: "Progress does not take back what it counted for a version that a newer one follows.",
    file: "backup/scan/folder-comparison.ts",
    find: `        counters.filesDone -= 1;
        counters.bytesDone -= row.sizeBytes;`,
    replace: "        counters.bytesDone -= row.sizeBytes;",
    needsCoincidence: false,
  },
  {
    name: "neighbours-go-with-a-folder",
    mistake: "What lies below a folder is looked for by its name without the slash, which finds its neighbours too.",
    file: "backup/tables/entry-sets.ts",
    find: "return [root, path, ...boundsBelow(path)];",
    replace: "return [root, path, path, boundsBelow(path)[1]];",
    needsCoincidence: false,
  },
  {
    name: "vanished-folder-is-empty",
    mistake: "A folder that vanished while it was listed counts as listed and empty.",
    file: "backup/scan/scanner.ts",
    find: `    const isAway = failed === "vanished" || failed === "not-a-folder";
`,
    replace: `    const isAway = failed === "vanished" || failed === "not-a-folder";
    if (failed === "vanished") {
      this.#ctx.store.run("UPDATE entry SET state = 7, record = NULL WHERE folder = ? AND kind = 1 AND version IS NOT NULL", [
        folder.id,
      ]);
    }
`,
    needsCoincidence: false,
  },
  {
    name: "changed-then-deleted-leaves-no-trace",
    mistake:
      "The row of a file that is not synced is dropped when the file goes, although an older version was recorded.",
    file: "backup/tables/sighted-rows.ts",
    find: "OR (version IS NULL AND kind <> ${KIND.folder}))",
    replace: "OR (state IN (1, 2, 3, 4, 5, 9) AND kind <> ${KIND.folder}))",
    needsCoincidence: true,
  },
  {
    name: "mode-changes-with-the-change-time",
    mistake: "A change of the mode moves the change time, so the mode is not compared; of folders no change time is.",
    file: "backup/scan/folder-comparison.ts",
    find: "|| (entry.mode ?? null) !== row.mode) return false;",
    replace: ") return false;",
    needsCoincidence: false,
  },
  {
    name: "folders-change-by-whole-seconds",
    mistake:
      "Times are compared by whole seconds, since many disks have no finer ones; files have their change time besides.",
    file: "backup/scan/folder-comparison.ts",
    find: "|| entry.mtimeUs !== row.mtimeUs ||",
    replace: "||",
    needsCoincidence: false,
  },
];
