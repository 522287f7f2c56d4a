// Sizes as people write and read them: K, M, G and T are powers of 1000, as `--quota` takes them.

const UNITS: readonly string[] = ["", "K", "M", "G", "T"];
const STEP = 1_000;

/** The bytes that a text such as 500G says; null for another text. */
export function parseBytes(text: string): number | null {
  const [, digits, unit = ""] = /^(\d{1,15})([KMGT]?)$/.exec(text) ?? [];
  const bytes = Number(digits) * STEP ** UNITS.indexOf(unit);
  return digits !== undefined && Number.isSafeInteger(bytes) ? bytes : null;
}

/** Three digits of a size with its unit, rounded: `0 B`, `999 B`, `1.23 MB`, `500 GB`. */
export function formatBytes(sizeBytes: number): string {
  let [value, unit] = [sizeBytes, 0];
  // What would be rounded to 1000 has the next unit already.
  while (Number(value.toPrecision(3)) >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  const digits = unit === 0 || value >= STEP ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  return `${digits} ${UNITS[unit]}B`;
}
