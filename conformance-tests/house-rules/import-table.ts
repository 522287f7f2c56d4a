// Reads the table "Who may import whom" of ARCHITECTURE.md. Rule: the document is the only place where the directions
// stand; this file knows how to read it, not what it says.
//
// A row is `| engine/src/format | cborg |`: files below the folder on the left may import the packages on the right.
// The longest folder wins. `@noble/*` is every package or path below it, `cborg` is the package and its paths, and a
// path such as `server/src` allows importing files of another workspace. `(nothing)` allows none.

/** One row: what files below `folder` may import. */
export interface ImportRow {
  readonly folder: string;
  readonly mayImport: readonly string[];
}

/** The heading under which the table stands. */
export const HEADING = "Who may import whom";

/** The rows of the table in `markdown`, or null when there is no such table. */
export function parseImportTable(markdown: string): readonly ImportRow[] | null {
  const lines = markdown.split("\n");
  const heading = lines.findIndex((line) => /^#{1,6}\s/.test(line) && line.includes(HEADING));
  if (heading < 0) return null;
  const section = lines.slice(heading + 1);
  const end = section.findIndex((line) => /^#{1,6}\s/.test(line));
  const rows = (end < 0 ? section : section.slice(0, end)).flatMap(parseRow);
  return rows.length === 0 ? null : rows;
}

/** The row that `line` holds, as a list of none or one. */
function parseRow(line: string): readonly ImportRow[] {
  const [folder, allowed] = line
    .replaceAll("`", "")
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
  if (folder === undefined || allowed === undefined) return [];
  if (folder === "from" || /^:?-+:?$/.test(folder)) return [];
  const mayImport = allowed
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "(nothing)");
  return [{ folder: folder.replace(/\/+\**$/, ""), mayImport }];
}

/** The row for the file at `path`: the longest folder that holds it, or null. */
export function rowFor(rows: readonly ImportRow[], path: string): ImportRow | null {
  const holding = rows.filter(({ folder }) => path === folder || path.startsWith(`${folder}/`));
  return holding.reduce<ImportRow | null>(
    (longest, row) => (longest === null || row.folder.length > longest.folder.length ? row : longest),
    null,
  );
}

/** Whether `row` allows importing `name`: a package's specifier, or a path from the root of the repository. */
export function allows(row: ImportRow, name: string): boolean {
  return row.mayImport.some((pattern) => {
    const folder = pattern.replace(/\*+$/, "");
    if (folder !== pattern) return name.startsWith(folder);
    return name === pattern || name.startsWith(`${pattern}/`);
  });
}
