// docs/protocol.md as the tests read it. Rule: a requirement is its list item with the lines that belong to it.

import { readFileSync } from "node:fs";

export type Requirement = { readonly id: string; readonly section: number; readonly text: string };

const PAGE = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

/** Every requirement of the page, in its order; further lines of an item are joined by LF. */
export function listRequirements(): readonly Requirement[] {
  const found: { id: string; section: number; text: string }[] = [];
  let section = 0;
  let current: { id: string; section: number; text: string } | null = null;
  for (const line of PAGE.split("\n")) {
    const [, heading] = /^## (\d+) /.exec(line) ?? [];
    if (heading !== undefined) section = Number(heading);
    const [, id, text] = /^- \*\*(P-\d+)\*\* (.*)$/.exec(line) ?? [];
    if (id !== undefined && text !== undefined) {
      current = { id, section, text };
      found.push(current);
    } else if (current !== null && line.startsWith("  ")) current.text += `\n${line.trim()}`;
    else current = null;
  }
  return found;
}

/** The rows of the table of problems. */
export function listProblems(): readonly { code: string; statuses: readonly number[]; isRetryable: boolean }[] {
  const rows = PAGE.matchAll(/^\| ((?:`[a-z0-9-]+`(?:, )?)+) \| ([\d, ]+) \| (yes|no) \|/gm);
  return [...rows].flatMap(([, names = "", statuses = "", retryable]) =>
    [...names.matchAll(/`([a-z0-9-]+)`/g)].map(([, code = ""]) => ({
      code,
      statuses: statuses.split(",").map(Number),
      isRetryable: retryable === "yes",
    })),
  );
}
