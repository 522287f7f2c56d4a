// Tables and paragraphs for a terminal. Rule: nothing is wider than the terminal, and a narrow one is enough.

const WIDEST = 100;
const NARROWEST = 40;
const GAP = "  ";

/** How many characters a line may have. */
export function readWidth(): number {
  return Math.max(NARROWEST, Math.min(process.stdout.columns ?? 80, WIDEST));
}

/** Rows of cells in columns: the first to the left, the others to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0, column === 0))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** `text` in lines of at most `width` characters, each behind `indent`; long words are cut. */
export function wrapText(text: string, width: number, indent = ""): string {
  const room = width - indent.length;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((each) => cutWord(each, room))) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join("\n");
}

/** Bytes as a person reads them, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 999.95 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `value` with `digits` behind the point, or a dash where there is none. */
export function formatNumber(value: number | null, digits = 0): string {
  if (value === null || !Number.isFinite(value)) return "-";
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function pad(cell: string, width: number, isLeft: boolean): string {
  return isLeft ? cell.padEnd(width) : cell.padStart(width);
}

function cutWord(word: string, room: number): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < word.length; start += room) pieces.push(word.slice(start, start + room));
  return pieces.length === 0 ? [""] : pieces;
}
