// `npm run bench:jvm`: the host on the JVM beside the Node host, in one run on one machine. Rule: it measures and prints;
// whether a figure is good enough is for its reader. Build first: mvn -f android-shell/pom.xml verify.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ClientProcess } from "../../conformance-tests/end-to-end/client-process.ts";
import { removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { startServer } from "../../conformance-tests/end-to-end/server-process.ts";
import { type Input, makeLargeFile, makePhotos, makeSmallFiles } from "./inputs.ts";
import { readFileSystem } from "./process-usage.ts";
import { Sentence } from "./sentence.ts";
import { followUsage } from "./usage-follower.ts";
import { withWorkplace } from "./workplace.ts";

const HELP = `npm run bench:jvm -- [options]

  --dir FOLDER     work there: choose a disk (default: the temporary folder)
  --only NAMES     of photos,large,many,engine, with commas between
  --scale X        X times 400 photos of together 2 GB (default 1)
  --large-bytes N  the size of the large file (default 10 GB)
  --many N         how many small files (default 100,000)
  --target FOLDER  where Maven built (default: android-shell/jvm/target)
  --help           print this
`;

const RESULTS = fileURLToPath(new URL("../results", import.meta.url));
/** The concurrent collectors go over such a small heap all the time, and take a third of all processor time for it. */
const COLLECTOR = "-XX:+UseSerialGC";
/** Where Maven built; an option says another place. */
let target = fileURLToPath(new URL("../../android-shell/jvm/target", import.meta.url));
const MEASUREMENT = "org.coffre.jvm.bench.EngineMeasurement";

/** A host and what it is started with; null is the Node host. */
type Host = { readonly name: string; readonly program: readonly string[] | undefined };

const jvm = (name: string, heap: string, crypto: string): Host => ({
  name: `JVM, ${heap}, ${name}`,
  get program() {
    return ["java", `-Xmx${heap}`, COLLECTOR, `-Dcoffre.crypto=${crypto}`, "-jar", join(target, "coffre-jvm.jar")];
  },
});

const NODE: Host = { name: "Node", program: undefined };
const SMALL_JDK = jvm("the JDK's AES", "64m", "jdk");
const SMALL_CONSCRYPT = jvm("Conscrypt", "64m", "conscrypt");
const LARGE_CONSCRYPT = jvm("Conscrypt", "256m", "conscrypt");

const LARGE_BYTES = 10_000_000_000;
const MANY = 100_000;
/** What `makeSmallFiles` makes at scale 1. */
const SMALL_FILES = 20_000;
const COURSES = ["photos", "large", "many", "engine"] as const;

type Figures = Readonly<Record<string, string | number>>;

/** Runs `coffre` of a host on a home; its figures, and those of its summary that `fields` names. */
async function measure(host: Host, args: readonly string[], bytes: number): Promise<Figures> {
  const beganMs = performance.now();
  const client = new ClientProcess(args, { program: host.program });
  const usage = followUsage(client.id);
  const end = await client.ended;
  const elapsedS = (performance.now() - beganMs) / 1000;
  const { cpuSeconds, peakBytes } = usage.stop();
  if (end.code !== 0)
    throw new Sentence(
      `${host.name}: ended with ${end.signal ?? end.code}: ${end.stdout.at(-1)} ${end.stderr.slice(-500)}`,
    );
  const gigabytes = bytes / 1e9;
  return {
    seconds: round(elapsedS),
    "MB/s": round(bytes / 1e6 / elapsedS),
    "CPU s": round(cpuSeconds),
    "CPU s/GB": round(cpuSeconds / gigabytes),
    "peak MB": round(peakBytes / 1e6),
  };
}

/** One vault: pairs, backs `input` up and restores it, each by `host`. */
async function measureHost(place: string, host: Host, input: Input, isRestored: boolean): Promise<void> {
  mkdirSync(place, { recursive: true });
  const server = await startServer({ data: join(place, "server") });
  const home = await pair(place, server.url, input.folder);
  say({ what: "backup", host: host.name, ...(await measure(host, ["--home", home, "--json", "backup"], input.bytes)) });
  // Argon2id needs 64 MiB for itself, which a heap of 64 MiB does not have.
  if (isRestored) {
    const to = join(place, "restored");
    const from = ["--home", join(place, "other"), "--json", "restore", "--to", to, "--server", server.url];
    const who = ["--login", "bench", "--passphrase-file", join(place, "passphrase")];
    say({ what: "restore", host: host.name, ...(await measure(host, [...from, ...who], input.bytes)) });
  }
  await server.stop();
  removeScratchFolder(place);
}

/** A home that is paired and has `folder` as its root; by the Node host, since their homes are the same. */
async function pair(place: string, url: string, folder: string): Promise<string> {
  const home = join(place, "home");
  const passphrase = join(place, "passphrase");
  writeFileSync(passphrase, "seven quiet herons over the ice\n", { mode: 0o600 });
  const init = ["init", "--server", url, "--login", "bench", "--passphrase-file", passphrase];
  for (const args of [init, ["add", folder, "--name", "root"]]) {
    const end = await new ClientProcess(["--home", home, "--json", ...args]).ended;
    if (end.code !== 0) throw new Sentence(`coffre ${args[0]} ended with ${end.code}: ${end.stderr}`);
  }
  return home;
}

/** The engine alone: its own program measures it within a real backup. */
async function measureEngine(place: string, engine: string, name: string, input: Input): Promise<void> {
  mkdirSync(place, { recursive: true });
  const server = await startServer({ data: join(place, "server") });
  const home = await pair(place, server.url, input.folder);
  const { status, stdout, stderr } = spawnSync(
    "java",
    ["-Xmx256m", COLLECTOR, "-cp", testClassPath(), MEASUREMENT, engine, home],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Sentence(`the measurement ended with ${status}: ${stderr.slice(-500)}`);
  const report: Record<string, number> = JSON.parse(stdout);
  const [script, files] = [report["scriptMs"] ?? 0, report["filesSynced"] ?? 0];
  say({
    what: `engine: ${name}`,
    host: engine,
    files,
    "ms/file": round(script / files),
    "ms/file with Store": round((script + (report["storeMs"] ?? 0)) / files),
    "longest step ms": round(report["longestStepMs"] ?? 0),
    "heap MB": round((report["memoryBytes"] ?? 0) / 1e6),
    "load ms": round(report["loadMs"] ?? 0),
    "heap after load MB": round((report["memoryAfterLoadBytes"] ?? 0) / 1e6),
  });
  await server.stop();
  removeScratchFolder(place);
}

/** The class path of the tests, in which V8 is, as Maven wrote it down. */
function testClassPath(): string {
  const libraries = readFileSync(join(target, "test-class-path"), "utf8").trim();
  return [join(target, "test-classes"), join(target, "classes"), libraries].join(":");
}

const rows: Figures[] = [];

function say(row: Figures): void {
  rows.push(row);
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

type Options = {
  readonly within: string;
  readonly courses: readonly string[];
  readonly scale: number;
  readonly largeBytes: number;
  readonly many: number;
};

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      dir: { type: "string", default: tmpdir() },
      only: { type: "string" },
      scale: { type: "string", default: "1" },
      "large-bytes": { type: "string", default: String(LARGE_BYTES) },
      many: { type: "string", default: String(MANY) },
      target: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return null;
  }
  if (values.target !== undefined) target = realpathSync(values.target);
  return {
    within: realpathSync(values.dir),
    courses: values.only?.split(",") ?? COURSES,
    scale: Number(values.scale),
    largeBytes: Number(values["large-bytes"]),
    many: Number(values.many),
  };
}

async function measureAll(folder: string, { courses, scale, largeBytes, many }: Options): Promise<number> {
  if (!existsSync(join(target, "coffre-jvm.jar")))
    throw new Sentence("build the JVM host first: mvn -f android-shell/pom.xml verify");
  const input = join(folder, "input");
  const place = join(folder, "place");
  if (courses.includes("photos") || courses.includes("engine")) {
    const photos = makePhotos(input, scale);
    if (courses.includes("photos"))
      for (const host of [NODE, SMALL_JDK, SMALL_CONSCRYPT, LARGE_CONSCRYPT])
        await measureHost(place, host, photos, host === NODE || host === LARGE_CONSCRYPT);
    if (courses.includes("engine"))
      for (const engine of ["quickjs", "v8"]) await measureEngine(place, engine, "photos", photos);
    removeScratchFolder(input);
  }
  if (courses.includes("many") || courses.includes("engine")) {
    const small = makeSmallFiles(input, many / SMALL_FILES);
    if (courses.includes("many"))
      for (const host of [NODE, SMALL_CONSCRYPT, LARGE_CONSCRYPT]) await measureHost(place, host, small, false);
    if (courses.includes("engine"))
      for (const engine of ["quickjs", "v8"]) await measureEngine(place, engine, `${small.files} small files`, small);
    removeScratchFolder(input);
  }
  if (courses.includes("large")) {
    const large = makeLargeFile(input, largeBytes);
    for (const host of [NODE, SMALL_CONSCRYPT]) await measureHost(place, host, large, false);
  }
  const [load = 0] = loadavg();
  say({ what: "machine", cpus: cpus().length, "load at the end": round(load), disk: readFileSystem(folder) });
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, "jvm.json"), `${JSON.stringify(rows, null, 2)}\n`);
  return 0;
}

const options = readOptions();
if (options !== null) {
  const setup = { name: "coffre-bench-jvm", within: options.within, isKept: false };
  await withWorkplace(setup, (folder) => measureAll(folder, options));
}
