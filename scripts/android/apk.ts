// The APK: shrunk, packed, signed. Rule: the same sources and tools give the same bytes; the debug key is the machine's own and
// is for trying out, never for a release.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "../run-program.ts";
import type { Toolbox } from "./libraries.ts";
import { readZip, writeZip, type ZipEntry } from "./zip-archive.ts";

/** The processors that phones have, the one of nearly all first. */
export const ABIS = ["arm64-v8a", "armeabi-v7a", "x86", "x86_64"] as const;
export type Abi = (typeof ABIS)[number];

const PAGE_BYTES = 16_384;
const WORD_BYTES = 4;
/** Java resources that the app reads, the engine's script; the others (messages of Bouncy Castle, Kotlin's builtins) stay out. */
const RESOURCES = "org/coffre/";
const LEAST_SDK = "26";
const SIGN_PROGRAM = fileURLToPath(new URL("SignApk.java", import.meta.url));

/** What is made into an APK. */
export interface ApkParts {
  /** The app's folder, in which Maven and `buildResources` have left their work. */
  readonly app: string;
  readonly toolbox: Toolbox;
  /** Jars of classes, the app's own first. */
  readonly jars: readonly string[];
  /** Android's own classes. */
  readonly android: string;
  readonly cache: string;
}

/** Shrinks all classes to `target/dex`. */
export function shrinkClasses({ app, toolbox, jars, android }: ApkParts): void {
  const target = join(app, "target");
  const dex = join(target, "dex");
  rmSync(dex, { recursive: true, force: true });
  mkdirSync(dex, { recursive: true });
  const rules = [join(app, "rules.pro"), join(target, "resources.pro")];
  for (const scope of ["main", "apk"]) rules.push(join(toolbox.libraries, `${scope}.pro`));
  runTool("java", [
    ...["-Xmx3g", "-cp", toolbox.r8, "com.android.tools.r8.R8", "--release", "--min-api", LEAST_SDK],
    ...["--lib", android, "--lib", toolbox.javaApi],
    ...rules.flatMap((file) => ["--pg-conf", file]),
    ...["--pg-map-output", join(target, "mapping.txt"), "--output", dex],
    ...jars,
    ...["apk", "main"].map((scope) => join(toolbox.libraries, `${scope}.jar`)),
  ]);
}

/** Packs and signs an APK for `abis`; its path comes back. */
export function packApk({ app, toolbox, cache }: ApkParts, abis: readonly Abi[], name: string): string {
  const target = join(app, "target");
  const unsigned = join(target, `${name}-unsigned.apk`);
  const signed = join(target, `${name}.apk`);
  const entries = [
    ...readZip(readFileSync(join(target, "resources.apk"))),
    ...readClasses(join(target, "dex")),
    ...abis.flatMap((abi) => readNative(toolbox, abi)),
  ];
  const isFirst = ({ name: entry }: ZipEntry) => entry === "AndroidManifest.xml";
  const sorted = entries.toSorted((one, other) => {
    if (isFirst(one) !== isFirst(other)) return isFirst(one) ? -1 : 1;
    return one.name < other.name ? -1 : 1;
  });
  writeFileSync(
    unsigned,
    writeZip(sorted, (entry) => (entry.endsWith(".so") ? PAGE_BYTES : WORD_BYTES)),
  );
  runTool("java", ["-cp", toolbox.apksig, SIGN_PROGRAM, findDebugKey(cache), unsigned, signed]);
  return signed;
}

function readClasses(dex: string): readonly ZipEntry[] {
  const files = readdirSync(dex, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".dex") || (name.startsWith(RESOURCES) && /\.\w+$/.test(name)),
  );
  if (!files.some((name) => name.startsWith(RESOURCES))) throw new Error("expected the engine's script behind R8");
  return files.map((name) => ({ name, bytes: readFileSync(join(dex, name)), isStored: false }));
}

/** Native libraries are stored as they are, on whole pages: Android maps them from the APK. */
function readNative(toolbox: Toolbox, abi: Abi): readonly ZipEntry[] {
  return ["main-jni", "apk-jni"].flatMap((folder) => {
    const from = join(toolbox.libraries, folder, abi);
    if (!existsSync(from)) return [];
    return readdirSync(from).map((name) => ({
      name: `lib/${abi}/${name}`,
      bytes: readFileSync(join(from, name)),
      isStored: true,
    }));
  });
}

/** The machine's key for trying out, made when it is missing. */
function findDebugKey(cache: string): string {
  const key = join(cache, "debug.p12");
  if (existsSync(key)) return key;
  runTool("keytool", [
    ...["-genkeypair", "-keystore", key, "-storetype", "PKCS12", "-storepass", "android", "-alias", "debug"],
    ...["-keyalg", "RSA", "-keysize", "2048", "-validity", "10000", "-dname", "CN=Coffre debug"],
  ]);
  return key;
}
