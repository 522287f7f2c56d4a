// Splits TypeScript text into code, comments and literals, so that a rule about code is not fooled by prose.
// Rule: no parser (TypeScript 7 has no stable JavaScript API); what cannot be told apart by reading on is code.

/** A stretch of source text of one kind. Quotes and comment marks belong to it. */
export interface Stretch {
  readonly kind: "code" | "comment" | "string" | "template" | "regex";
  readonly text: string;
}

/** A `/` after one of these begins a regular expression and not a division. */
const BEFORE_REGEX =
  /(?:^|[([{,;=:!&|?+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|await|yield))\s*$/;

const seen = new Map<string, readonly Stretch[]>();

/** The stretches of `text`, in order; joined they are `text` again. */
export function splitScript(text: string): readonly Stretch[] {
  const known = seen.get(text);
  if (known !== undefined) return known;
  const stretches: Stretch[] = [];
  scanCode(text, 0, stretches, false);
  seen.set(text, stretches);
  return stretches;
}

/**
 * `text` without comments, and with every string and regular expression emptied. Of a template, each piece of text
 * becomes one backtick and the expressions between them stay. Lines keep their numbers.
 */
export function codeOf(text: string): string {
  return splitScript(text)
    .map(({ kind, text: stretch }) => {
      if (kind === "code") return stretch;
      const lines = stretch.replace(/[^\n]/g, "");
      if (kind === "comment") return lines;
      return kind === "template" ? `\`${lines}` : `${stretch[0]}${lines}${stretch[0]}`;
    })
    .join("");
}

/** The comments of `text`, one a line or block. */
export function commentsOf(text: string): readonly string[] {
  return splitScript(text).flatMap((stretch) => (stretch.kind === "comment" ? [stretch.text] : []));
}

/** The modules that `text` imports or re-exports from, types included. */
export function importsOf(text: string): readonly string[] {
  const found: string[] = [];
  let before = "";
  for (const stretch of splitScript(text)) {
    if (stretch.kind === "comment") continue;
    const imported =
      stretch.kind === "string" && /(?:\bfrom|\bimport|\b(?:import|require|resolve)\s*\()\s*$/.test(before);
    if (imported) found.push(stretch.text.slice(1, -1));
    before = stretch.kind === "code" ? stretch.text : "";
  }
  return found;
}

/** Scans code from `start`; `nested` code ends at the brace that closes a template's `${`. Returns where it ended. */
function scanCode(text: string, start: number, out: Stretch[], nested: boolean): number {
  let from = start;
  let depth = 0;
  let at = start;
  const flush = (end: number): void => {
    if (end > from) out.push({ kind: "code", text: text.slice(from, end) });
  };
  while (at < text.length) {
    const char = text.charAt(at);
    if (nested && char === "}" && depth === 0) break;
    if (char === "{") depth += 1;
    if (char === "}") depth -= 1;
    if (char === "`") {
      flush(at);
      at = from = scanTemplate(text, at, out);
      continue;
    }
    const kind = literalAt(text, at, from, out);
    if (kind === null) {
      at += 1;
      continue;
    }
    flush(at);
    const end = literalEnd(text, at, kind);
    out.push({ kind, text: text.slice(at, end) });
    at = from = end;
  }
  flush(at);
  return at;
}

/** What begins at `at`, given that the code before it began at `from`; null for code. */
function literalAt(
  text: string,
  at: number,
  from: number,
  out: readonly Stretch[],
): "comment" | "string" | "regex" | null {
  const char = text.charAt(at);
  if (char === '"' || char === "'") return "string";
  if (char !== "/") return null;
  const next = text.charAt(at + 1);
  if (next === "/" || next === "*") return "comment";
  const before = text.slice(from, at);
  const follows =
    before.trim() === "" ? (out.findLast((stretch) => stretch.kind !== "comment")?.kind ?? "code") : "code";
  return follows === "code" && BEFORE_REGEX.test(before) ? "regex" : null;
}

/** Where the literal or comment that begins at `at` ends (exclusive). Strings and expressions end with their line. */
function literalEnd(text: string, at: number, kind: "comment" | "string" | "regex"): number {
  const pattern =
    kind === "string"
      ? /"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?/y
      : kind === "regex"
        ? /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/?\w*/y
        : /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
  pattern.lastIndex = at;
  const length = pattern.exec(text)?.[0].length ?? 1;
  return at + length;
}

/** Scans the template that begins at `start`: its text and, as code, its expressions. Returns where it ended. */
function scanTemplate(text: string, start: number, out: Stretch[]): number {
  let from = start;
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== "`") {
    if (text.charAt(at) === "\\") at += 1;
    else if (text.startsWith("${", at)) {
      out.push({ kind: "template", text: text.slice(from, at + 2) });
      from = at = scanCode(text, at + 2, out, true);
    }
    at += 1;
  }
  const end = Math.min(at + 1, text.length);
  out.push({ kind: "template", text: text.slice(from, end) });
  return end;
}
