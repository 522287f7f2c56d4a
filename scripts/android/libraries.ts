// AARs and jars, made into what Maven, aapt2 and R8 understand. Rule: of two libraries none replaces what the other one has.
//
//   SCOPE.jar   all classes       SCOPE.pro       rules for R8          SCOPE/NAME/  AndroidManifest.xml, res, assets
//   SCOPE-jni   native libraries  SCOPE.packages  those that have an R

import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTool } from "../run-program.ts";
import { fetchPinned, fileName, type PinnedFile, type Scope } from "./pinned-files.ts";
import { listZip, readZip, writeZip, type ZipEntry } from "./zip-archive.ts";

const UNPACKED: readonly Scope[] = ["main", "apk", "test", "merger"];
const AAPT2 = "prebuilt/linux/aapt2";
const FRAMEWORK = "prebuilt/android-framework.jar";
/** What libraries may use of Java itself, as R8 is told. */
const API_RELEASE = 11;

/** Where everything that was fetched is. */
export interface Toolbox {
  readonly libraries: string;
  readonly aapt2: string;
  /** The resources of Android 16. */
  readonly framework: string;
  readonly r8: string;
  /** Signs APKs. */
  readonly apksig: string;
  readonly javaApi: string;
  readonly robolectric: string;
}

/** Fetches and unpacks all `pins` below `cache`, unless that was done. */
export function openToolbox(cache: string, pins: readonly PinnedFile[]): Toolbox {
  const ofScope = (scope: Scope) => pins.filter((pin) => pin.scope === scope);
  const tools = join(cache, "tools");
  const robolectric = join(cache, "robolectric");
  const libraries = join(cache, "libraries");
  fetchPinned(ofScope("tool"), tools);
  fetchPinned(ofScope("platform"), robolectric);
  const unpacked = pins.filter(({ scope }) => UNPACKED.includes(scope));
  fetchPinned(unpacked, join(libraries, "raw"));
  const toolbox = {
    libraries,
    aapt2: join(tools, AAPT2),
    framework: join(tools, FRAMEWORK),
    r8: pathOf(tools, ofScope("tool"), "r8"),
    apksig: pathOf(tools, ofScope("tool"), "apksig"),
    javaApi: join(tools, "java-api.jar"),
    robolectric,
  };
  const stamp = join(libraries, "stamp");
  const wanted = JSON.stringify(unpacked);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return toolbox;
  unpackTools(pathOf(tools, ofScope("tool"), "apktool-lib"), tools);
  writeFileSync(toolbox.javaApi, readJavaApi());
  for (const scope of UNPACKED) unpackScope(ofScope(scope), scope, toolbox);
  writeFileSync(stamp, wanted);
  return toolbox;
}

function pathOf(folder: string, pins: readonly PinnedFile[], artifact: string): string {
  const pin = pins.find((candidate) => candidate.artifact === artifact);
  if (pin === undefined) throw new Error(`expected ${artifact} among the pinned files`);
  return join(folder, fileName(pin));
}

function unpackTools(archive: string, folder: string): void {
  for (const entry of listZip(readFileSync(archive))) {
    if (entry.name === AAPT2 || entry.name === FRAMEWORK) writeInto(join(folder, entry.name), entry.read());
  }
  chmodSync(join(folder, AAPT2), 0o755);
}

/** The classes of the JDK at hand as they were in an earlier release: what `javac --release` reads. */
function readJavaApi(): Buffer {
  const settings = runTool("javac", ["-J-XshowSettings:properties", "-version"], "stderr");
  const [, home] = /java\.home = (.+)/.exec(settings) ?? [];
  const digit = API_RELEASE.toString(36).toUpperCase();
  const classes = new Map<string, ZipEntry>();
  for (const entry of listZip(readFileSync(join(home ?? "", "lib", "ct.sym")))) {
    const [releases = "", module = "", ...path] = entry.name.split("/");
    const name = path.join("/").replace(/\.sig$/, ".class");
    if (!releases.includes(digit) || !module.startsWith("java.") || !name.endsWith(".class")) continue;
    if (name !== "module-info.class" && !classes.has(name))
      classes.set(name, { name, bytes: entry.read(), isStored: false });
  }
  return writeZip([...classes.values()]);
}

function unpackScope(pins: readonly PinnedFile[], scope: Scope, toolbox: Toolbox): void {
  const base = join(toolbox.libraries, scope);
  for (const folder of [base, `${base}-jni`]) rmSync(folder, { recursive: true, force: true });
  const classes = new Map<string, ZipEntry>();
  const packages: string[] = [];
  let rules = "";
  for (const pin of pins) {
    const archive = readFileSync(join(toolbox.libraries, "raw", fileName(pin)));
    const files = pin.type === "aar" ? readZip(archive) : [];
    const jars = pin.type === "aar" ? files.filter(({ name }) => isJar(name)).map(({ bytes }) => bytes) : [archive];
    for (const jar of jars) rules += addClasses(jar, pin, classes);
    for (const { name, bytes } of files) {
      if (name === "proguard.txt") rules += `# ${fileName(pin)}\n${bytes.toString("utf8")}\n`;
      if (name.startsWith("jni/")) writeInto(join(`${base}-jni`, name.slice(4)), bytes);
      if (name === "AndroidManifest.xml" || /^(?:res|assets)\//.test(name))
        writeInto(join(base, pin.artifact, name), bytes);
    }
    if (files.some(({ name, bytes }) => name === "R.txt" && bytes.length > 0)) packages.push(readPackage(files));
    const resources = join(base, pin.artifact, "res");
    if (existsSync(resources))
      runTool(toolbox.aapt2, ["compile", "-o", join(base, `${pin.artifact}.res.zip`), "--dir", resources]);
  }
  writeInto(`${base}.jar`, writeZip([...classes.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1))));
  writeFileSync(`${base}.pro`, rules);
  writeFileSync(`${base}.packages`, packages.join(":"));
}

function isJar(name: string): boolean {
  return name === "classes.jar" || /^libs\/.*\.jar$/.test(name);
}

/** Adds what is in `jar`, and gives the rules for R8 that lie there. */
function addClasses(jar: Buffer, pin: PinnedFile, classes: Map<string, ZipEntry>): string {
  let rules = "";
  for (const entry of readZip(jar)) {
    if (entry.name.endsWith(".pro")) {
      rules += `# ${fileName(pin)} ${entry.name}\n${entry.bytes.toString("utf8")}\n`;
    } else if (isWanted(entry.name)) {
      const there = classes.get(entry.name);
      const isOther = there !== undefined && !there.bytes.equals(entry.bytes);
      if (isOther && entry.name.endsWith(".class"))
        throw new Error(`${fileName(pin)}: ${entry.name} is in another library too`);
      classes.set(entry.name, { ...entry, isStored: false });
    }
  }
  return rules;
}

function isWanted(name: string): boolean {
  return !/^META-INF\/(?:MANIFEST\.MF$|androidx[./]|maven\/)|module-info/.test(name);
}

function readPackage(files: readonly ZipEntry[]): string {
  const manifest = files.find(({ name }) => name === "AndroidManifest.xml")?.bytes.toString("utf8") ?? "";
  const [, name] = /\bpackage="([^"]+)"/.exec(manifest) ?? [];
  if (name === undefined) throw new Error("expected a package in a library's manifest");
  return name;
}

function writeInto(file: string, bytes: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}
