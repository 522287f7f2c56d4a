// `npm run demo -- [PATH]`: the main job on real input. A server, a vault, a backup, a restore on a new machine, a
// comparison, and a look at what the server has. Rule: a difference, or a trace of the input on the server, ends with 1.

import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { LEAST_FILES, makeAwkwardTree } from "../../conformance-tests/end-to-end/awkward-tree.ts";
import { type ClientEnd, readCount } from "../../conformance-tests/end-to-end/client-process.ts";
import {
  compareTrees,
  pictureTree,
  sumPicture,
  type TreePicture,
} from "../../conformance-tests/end-to-end/tree-picture.ts";
import { type Canary, collectCanaries, measureFolder, searchCanaries } from "./canaries.ts";
import { formatDifferences, formatSearch, formatServerView, formatWays, type WayReport } from "./demo-report.ts";
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
names. PATH is only read.

  --keep   keep the working folder (server, homes, restored files)
  --help   print this

It ends with 0 when everything came back as it was, else with 1.
`;

const ROOT = "sample";
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
  const before = withoutOthers(pictureTree(source));
  const { files, folders, links, bytes } = sumPicture(before);
  say(`${formatNumber(files)} files, ${formatBytes(bytes)}; ${folders} folders, ${links} links`);

  say("\nThis machine: a server, a vault, a backup");
  const vault = await Vault.create(folder);
  say(`  coffre-server listens on ${vault.server.url}`);
  const canaries = withoutOwnWords(collectCanaries(source), vault.data);
  await vault.run(["add", source, "--name", ROOT]);
  const backup = await runWith("  backup", (onEvent) => vault.run(["backup"], onEvent));

  say("\nA new machine: address, login, passphrase, nothing else");
  const target = join(folder, "restored");
  const restore = await runWith("  restore", (onEvent) => vault.restore({ target, onEvent }));
  const differences = [
    ...compareTrees(before, pictureTree(join(target, ROOT))),
    ...(await restoreByWords(vault, before, join(folder, "by-words"))),
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
  const findings = searchCanaries(vault.data, canaries);
  const contents = canaries.filter(({ kind }) => kind === "content");
  const control = new Set(searchCanaries(target, contents).map(({ canary }) => canary)).size;
  say(`\n${formatSearch({ names: canaries.length - contents.length, contents: contents.length, control, findings })}`);
  return conclude(differences, findings.length, control === contents.length, before.size);
}

function makeSample(folder: string): string {
  const source = join(folder, "a sample");
  makeAwkwardTree(source, SAMPLE);
  return source;
}

/** One file once more, with the recovery words in the passphrase's place; what differs. */
async function restoreByWords(vault: Vault, before: TreePicture, target: string): Promise<readonly string[]> {
  const chosen = [...before].find(
    ([path, entry]) => /^[\w/.-]+$/.test(path) && entry.kind === "file" && entry.sizeBytes > 0,
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

/** Sockets and pipes are excluded by a rule of Coffre, and so are no difference. */
function withoutOthers(picture: TreePicture): TreePicture {
  const others = [...picture.values()].filter(({ kind }) => kind === "other").length;
  if (others > 0) say(`${others} sockets, pipes and devices are left out by rule`);
  return new Map([...picture].filter(([, { kind }]) => kind !== "other"));
}

/** A name that stood in the server's data before anything was sent is a word of the server's own. */
function withoutOwnWords(canaries: readonly Canary[], data: string): readonly Canary[] {
  const own = new Set(searchCanaries(data, canaries).map(({ canary }) => canary));
  return canaries.filter((canary) => !own.has(canary));
}

function conclude(differences: readonly string[], findings: number, isControlled: boolean, entries: number): number {
  const all = `all ${formatNumber(entries)} entries are equal: names, bytes, sizes, times to the microsecond, modes, links, empty folders`;
  if (differences.length === 0) say(`\n${wrapText(all, readWidth())}`);
  else say(`\n${differences.length} differences:\n${formatDifferences(differences)}`);
  if (differences.length > 0)
    throw new Sentence(`what came back differs from what was backed up in ${differences.length} places`);
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
