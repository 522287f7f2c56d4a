// Scans as checks ask for them. Rule: each answer is held to the bounds that every scan has.

import type { Answers, ScannedFolder } from "coffre-engine";
import { type AdapterProcess, formatAscii } from "./adapter-process.ts";
import { expectKind, expectThat } from "./check.ts";

const MOST_CHARS = 262_144;
const MOST_SCANS = 1_000;

export type Listed = Extract<ScannedFolder, { readonly entries: unknown }>;

/** One scan of `root`, whose answer must be `scanned`. */
export async function scan(
  adapter: AdapterProcess,
  root: string,
  folders: readonly { path: string; after: string | null }[],
  entries = 10_000,
): Promise<Extract<Answers["scan"], { readonly kind: "scanned" }>> {
  return expectKind(await adapter.ask({ kind: "scan", root, folders, entries }), "scanned");
}

/** A whole folder, by as many scans as it takes, with at most `entries` entries each. */
export async function scanFolder(
  adapter: AdapterProcess,
  root: string,
  path: string,
  entries: number,
): Promise<unknown[]> {
  const all: Listed["entries"][number][] = [];
  for (let scans = 0; scans < MOST_SCANS; scans++) {
    const after = all.at(-1)?.name ?? null;
    const answer = await scan(adapter, root, [{ path, after }], entries);
    const chars = formatAscii(answer).length;
    expectThat(`expected at most ${MOST_CHARS} characters`, chars <= MOST_CHARS, chars);
    const listed = expectListed(answer.folders, path);
    expectThat(`expected at most ${entries} entries`, listed.entries.length <= entries, listed.entries.length);
    expectThat("expected a scan to get on", listed.end || listed.entries.length > 0, listed);
    all.push(...listed.entries);
    if (listed.end) return all;
  }
  throw new Error(`no end of ${path} after ${MOST_SCANS} scans`);
}

/** The one folder of an answer, which must have been listed. */
export function expectListed(folders: readonly ScannedFolder[], path: string): Listed {
  const [folder, ...more] = folders;
  expectThat(
    `expected ${JSON.stringify(path)} to be listed alone`,
    more.length === 0 && folder?.path === path,
    folders,
  );
  if (folder === undefined || !("entries" in folder))
    throw new Error(`expected entries, got ${JSON.stringify(folder)}`);
  return folder;
}

export function withoutIdentity(entry: unknown): unknown {
  const { identity: _identity, ...rest } = entry as Record<string, unknown>;
  return rest;
}

export function namesOf(folder: Listed): string[] {
  return folder.entries.map(({ name }) => name);
}

export function nameOf(entry: unknown): unknown {
  return (entry as { name?: unknown }).name;
}
