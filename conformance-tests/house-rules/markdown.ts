// Reads what the rules need of Markdown: tables' rows, headings' anchors, links. Rule: code is not read, neither blocks
// nor spans, so that an example may hold a link that leads nowhere.

import { posix } from "node:path";

/** A link as written, with the line on which it stands. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** `markdown` with code blocks and code spans blanked; lines keep their numbers. */
function withoutCode(markdown: string): string {
  let fence: string | null = null;
  const lines = markdown.split("\n").map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    if (fence === null && mark === null) return line.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, "");
    if (fence === null) fence = mark;
    else if (mark?.startsWith(fence) === true) fence = null;
    return "";
  });
  return lines.join("\n");
}

/** Every link and image of `markdown`, inline (`[a](b)`) or defined (`[a]: b`). */
export function linksOf(markdown: string): readonly Link[] {
  const pattern = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\s*\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm;
  const text = withoutCode(markdown);
  return [...text.matchAll(pattern)].map((match) => ({
    target: match[1] ?? match[2] ?? "",
    line: text.slice(0, match.index).split("\n").length,
  }));
}

/** Whether `target` leads out of the repository and so is not checked. */
export function isOutside(target: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target);
}

/** The path from the root that `target` names in the document at `path`, and the anchor behind `#`, or null. */
export function resolveLink(path: string, target: string): { readonly path: string; readonly anchor: string | null } {
  const [file = "", anchor = null] = target.split("#", 2);
  const named = file === "" ? path : posix.join(posix.dirname(path), decodeURIComponent(file));
  return { path: named.replace(/\/$/, ""), anchor };
}

/** The anchors of the headings of `markdown`, as forges form them, and those written as `<a id="…">`. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutSpans(markdown).matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let name = slug;
    for (let copy = 1; anchors.has(name); copy += 1) name = `${slug}-${copy}`;
    anchors.add(name);
  }
  for (const [, id = ""] of markdown.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** `markdown` without code blocks; the text of spans and links stays, since it is part of a heading's anchor. */
function withoutSpans(markdown: string): string {
  return markdown.replace(/^\s*(`{3,}|~{3,})[\s\S]*?^\s*\1/gm, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

/** The cells of each table row of `markdown`; a `|` written as `\|` belongs to its cell. */
export function rowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split("\n")
    .filter((line) => /^\s*\|.*\|\s*$/.test(line))
    .map((line) =>
      line
        .trim()
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}
