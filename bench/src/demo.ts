// `npm run demo -- [PATH]`: the main job on real input. A server, a vault, a backup, a restore on a new machine, a
// comparison, and a look at what the server has. Rule: a difference, or a trace of the input on the server, ends with 1.

import { randomBytes } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { LEAST_FILES, makeAwkwardTree } from "../../conformance-tests/end-to-end/awkward-tree.ts";
import { type ClientEnd, readCount } from "../../conformance-tests/end-to-end/client-process.ts";
import {
  compareTrees,
  pictureFolder,
  pictureTree,
  sumPicture,
  type TreePicture,
} from "../../conformance-tests/end-to-end/tree-picture.ts";
import { type Canary, collectCanaries, measureFolder, searchCanaries } from "./canaries.ts";
import { formatDifferences, formatSearch, formatServerView, formatWays, type WayReport } from "./demo-report.ts";
import { compareFolder, type FolderChanges, type FolderLook, findChanges, lookAtFolder } from "./folder-in-use.ts";
import { readLeftOut } from "./left-out.ts";
import { ProgressLine } from "./progress-line.ts";
import { Sentence } from "./sentence.ts";
import { readServerView } from "./server-view.ts";
import { formatBytes, formatNumber, readWidth, wrapText } from "./table.ts";
import { Vault } from "./vault.ts";
import { withWorkplace } from "./workplace.ts";

const HELP = `npm run demo -- [--keep] [PATH]

Backs the folder PATH up to a server that it starts on this machine, restores it
as a new machine would, compares the two, and shows what the server can see.
Without PATH it makes a sample: 200 files from 0 bytes to 40 MB with awkward
names. PATH is only read, and may be in use: what cannot be read is named and left
out, and what changes meanwhile is no fault.

  --keep   keep the working folder (server, homes, restored files)
  --help   print this

It ends with 0 when everything came back as it was, else with 1. It needs free
space for twice the folder.
`;

/** A name that occurs nowhere else, so that there is always one to search for. */
const ROOT = `sample-${randomBytes(8).toString("hex")}`;
const ROOT_CANARY: Canary = { kind: "name", bytes: Buffer.from(ROOT), of: "the folder itself" };
const MOST_NAMES = 10;
const SAMPLE = { seed: "demo", files: Math.max(200, LEAST_FILES), largestBytes: 40_000_000 };

/** What the command line asks for; null after it was answered here. */
function readOptions(): { readonly path: string | null; readonly isKept: boolean } | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { keep: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return null;
    }
    if (positionals.length > 1) throw new Sentence("expected at most one PATH");
    const [path] = positionals;
    if (path !== undefined && !statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw new Sentence(`${path} is not a folder: give one that is`);
    }
    return { path: path === undefined ? null : resolve(path), isKept: values.keep };
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 2;
    return null;
  }
}

async function showMainJob(folder: string, path: string | null): Promise<number> {
  const source = path ?? makeSample(folder);
  const without = findBelow(source, folder);
  const before = lookAtFolder(source, without);
  sayLook(before);

  say("\nThis machine: a server, a vault, a backup");
  const vault = await Vault.create(folder);
  say(`  coffre-server listens on ${vault.server.url}`);
  const canaries = withoutOwnWords(
    collectCanaries(source, (path) => before.picture.has(path)),
    vault.data,
  );
  const excludes = without === null ? [] : ["--exclude", `/${escapePattern(without)}/`];
  await vault.run(["add", source, "--name", ROOT, ...excludes]);
  const backup = await runWith("  backup", (onEvent) => vault.backUp(onEvent));
  const changes = findChanges(source, without, before);
  const leftOut = readLeftOut(backup, source);
  if (leftOut.lines.length > 0) say(leftOut.lines.map((line) => wrapText(line, readWidth(), "  ")).join("\n"));

  say("\nA new machine: address, login, passphrase, nothing else");
  const target = join(folder, "restored");
  const restore = await runWith("  restore", (onEvent) => vault.restore({ target, onEvent }));
  const compared = compareFolder(before, changes, leftOut.paths, pictureFolder(join(target, ROOT)));
  const differences = [
    ...compared.differences,
    ...(await restoreByWords(vault, before.picture, compared.equal, join(folder, "by-words"))),
  ];
  await vault.stop();

  const stored = measureFolder(vault.data, "blobs");
  say(`\n${formatWays(readBackup(backup), readRestore(restore))}`);
  say(
    wrapText(
      `stored in blobs: ${formatBytes(stored)}; all of the server's data: ${formatBytes(measureFolder(vault.data))}`,
      readWidth(),
    ),
  );
  say(`\nWhat the server can see\n${formatServerView(readServerView(vault.data))}`);
  const findings = searchCanaries(vault.data, [...canaries, ROOT_CANARY]);
  const isNameFound = searchCanaries(vault.home, [ROOT_CANARY]).length > 0;
  const contents = canaries.filter(({ kind, of }) => kind === "content" && compared.equal.has(of));
  const control = new Set(searchCanaries(target, contents).map(({ canary }) => canary)).size;
  const names = canaries.filter(({ kind }) => kind === "name").length + 1;
  say(`\n${formatSearch({ names, contents: contents.length, control, findings })}`);
  const isControlled = isNameFound && control === contents.length;
  return conclude({
    differences,
    findings: findings.length,
    isControlled,
    equal: compared.equal.size,
    before,
    changes,
  });
}

/** What a person is told of the folder before anything is done with it. */
function sayLook({ picture, unreadable, others }: FolderLook): void {
  const { files, folders, links, bytes } = sumPicture(picture);
  say(
    `${formatNumber(files)} files, ${formatBytes(bytes)}; ${formatNumber(folders)} folders, ${formatNumber(links)} links`,
  );
  if (others > 0) say(`${formatNumber(others)} sockets, pipes and devices are left out by rule`);
  if (unreadable.size > 0) {
    say(`${formatNumber(unreadable.size)} cannot be read by this user and are left out:`);
    for (const [path, code] of [...unreadable].slice(0, MOST_NAMES))
      say(wrapText(`${path} (${code})`, readWidth(), "  "));
    if (unreadable.size > MOST_NAMES) say(`  and ${formatNumber(unreadable.size - MOST_NAMES)} more`);
  }
  if ([...picture.keys()].every((path) => path === ""))
    throw new Sentence("that folder holds nothing that can be backed up: give one with files");
}

/** The path of `folder` below `source`, or null when it lies elsewhere. */
function findBelow(source: string, folder: string): string | null {
  const path = relative(realpathSync(source), realpathSync(folder));
  return path.startsWith("..") ? null : path;
}

/** A path as a pattern of .gitignore that means just that path. */
function escapePattern(path: string): string {
  return path.replace(/[\\*?[\]!# ]/g, "\\$&");
}

function makeSample(folder: string): string {
  const source = join(folder, "a sample");
  makeAwkwardTree(source, SAMPLE);
  return source;
}

/** One file once more, with the recovery words in the passphrase's place; what differs. */
async function restoreByWords(
  vault: Vault,
  before: TreePicture,
  equal: ReadonlySet<string>,
  target: string,
): Promise<readonly string[]> {
  const chosen = [...before].find(
    ([path, entry]) => equal.has(path) && /^[\w/.-]+$/.test(path) && entry.kind === "file" && entry.sizeBytes > 0,
  );
  if (chosen === undefined) return [];
  const [path, wanted] = chosen;
  await vault.restore({ target, paths: [`${ROOT}/${path}`], key: "words" });
  const found = pictureTree(join(target, ROOT)).get(path);
  const differences = compareTrees(new Map([[path, wanted]]), new Map(found === undefined ? [] : [[path, found]]));
  if (differences.length === 0) say("  one file once more by the recovery words: equal");
  return differences.map((difference) => `by the recovery words: ${difference}`);
}

async function runWith(label: string, run: (onEvent: ProgressLine["show"]) => Promise<ClientEnd>): Promise<ClientEnd> {
  const progress = new ProgressLine(label);
  try {
    return await run((event) => progress.show(event));
  } finally {
    progress.end();
  }
}

function readBackup(end: ClientEnd): WayReport {
  const { elapsedMs } = end;
  return {
    files: readCount(end, "filesSynced"),
    bytes: readCount(end, "bytesRead"),
    requests: readCount(end, "requests"),
    elapsedMs,
  };
}

function readRestore(end: ClientEnd): WayReport {
  const { elapsedMs, summary } = end;
  const { requests } = summary;
  return {
    files: readCount(end, "filesRestored"),
    bytes: readCount(end, "bytesRestored"),
    requests: typeof requests === "number" ? requests : null,
    elapsedMs,
  };
}

/** A name that stood in the server's data before anything was sent is a word of the server's own. */
function withoutOwnWords(canaries: readonly Canary[], data: string): readonly Canary[] {
  const own = new Set(searchCanaries(data, canaries).map(({ canary }) => canary));
  return canaries.filter((canary) => !own.has(canary));
}

type Conclusion = {
  readonly differences: readonly string[];
  readonly findings: number;
  readonly isControlled: boolean;
  readonly equal: number;
  readonly before: FolderLook;
  readonly changes: FolderChanges;
};

function conclude({ differences, findings, isControlled, equal, before, changes }: Conclusion): number {
  const inUse = changes.changed.size + changes.cameOrWent.size;
  if (inUse > 0) {
    const words = `${formatNumber(inUse)} entries changed, came or went while this ran; where they differ, that is why`;
    say(`\n${wrapText(words, readWidth())}`);
  }
  const isAll = equal === before.picture.size && inUse === 0 && before.unreadable.size === 0;
  const all = `${isAll ? "all " : ""}${formatNumber(equal)} entries are equal: names, bytes, sizes, times to the microsecond, modes, links, empty folders`;
  if (differences.length === 0) say(`\n${wrapText(all, readWidth())}`);
  else say(`\n${differences.length} differences:\n${formatDifferences(differences)}`);
  if (differences.length > 0)
    throw new Sentence(`what came back differs from what was backed up in ${differences.length} places`);
  if (equal === 0) throw new Sentence("nothing could be compared: everything changed meanwhile, or could not be read");
  if (findings > 0) throw new Sentence(`${findings} pieces of the folder stand readable in the server's data`);
  if (!isControlled) throw new Sentence("the search for readable pieces does not find those of the restored folder");
  return 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const options = readOptions();
if (options !== null) {
  const { path, isKept } = options;
  await withWorkplace({ name: "demo", within: null, isKept }, (folder) => showMainJob(folder, path));
}
