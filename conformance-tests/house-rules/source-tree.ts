// The repository as the house rules see it: every file that is tracked or could be, with its text.
// Rule: what git ignores does not exist here, so that a rule never depends on what a machine happens to hold.

import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the repository. `path` is relative to the root, with `/`; `text` is empty for what nobody wrote by hand. */
export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** The folder that holds the repository, with a trailing separator. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** Files above this size are data, not text that someone wrote. */
const LARGEST_TEXT_BYTES = 2 * 1024 * 1024;

/** The paths of all files that are tracked, or new and not ignored; in byte order. */
export function listPaths(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.split("\0"))].filter((path) => path !== "" && isFile(path)).sort();
}

/** Every file of the repository: links lead to pictures too. */
export function readTree(): readonly TreeFile[] {
  return listPaths().map((path) => ({ path, text: readText(path) ?? "" }));
}

/** The text at `path`, or null when there is none, or it is binary or too large to have been written by hand. */
export function readText(path: string): string | null {
  if (!isFile(path)) return null;
  const bytes = readFileSync(join(ROOT, path));
  return bytes.length > LARGEST_TEXT_BYTES || bytes.includes(0) ? null : bytes.toString("utf8");
}

/** Whether `path` is a file now: a tracked file may just have been deleted. */
function isFile(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether `path` is a source in a language whose rules are checked here. */
export function isSource(path: string): boolean {
  return /\.(?:[cm]?[jt]s|[jt]sx|kt)$/.test(path);
}

/** Whether `path` is TypeScript or JavaScript. */
export function isScript(path: string): boolean {
  return /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path);
}

/** Whether `path` holds tests and not what is tested. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /(?:^|\/)src\/test\/.*\.kt$/.test(path);
}
