// What the Android build needs of a machine: two Javas, Maven, apksigner. Rule: what is missing is named, with what brings it;
// nothing is installed.

import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The first Java that can load Android 16's framework. */
const LEAST_JAVA = 21;
const LEAST_JDK = 17;

/** What was found. */
export interface Machine {
  /** A `java` of version 21 or later: tests run in it. */
  readonly java: string;
  /** Where fetched and unpacked libraries are kept between builds. */
  readonly cache: string;
}

/** The machine's tools. Throws an error that names all that is missing. */
export function inspectMachine(): Machine {
  const missing: string[] = [];
  if (versionOf("javac", "-version") < LEAST_JDK) missing.push(`a JDK of version ${LEAST_JDK} or later (javac)`);
  for (const [program, args] of [
    ["mvn", ["-version"]],
    ["apksigner", ["version"]],
    ["keytool", ["-help"]],
  ] as const) {
    if (spawnSync(program, args).error !== undefined)
      missing.push(`${program} (Debian: apt-get install ${packageOf(program)})`);
  }
  const java = findJava();
  if (java === undefined)
    missing.push(`a Java of version ${LEAST_JAVA} or later (COFFRE_JAVA may say where its java is)`);
  if (java === undefined || missing.length > 0)
    throw new Error(`The Android app needs, and this machine lacks: ${missing.join("; ")}.`);
  return { java, cache: process.env["COFFRE_CACHE"] ?? join(homedir(), ".cache", "coffre") };
}

function packageOf(program: string): string {
  return { mvn: "maven", apksigner: "apksigner", keytool: "openjdk-17-jdk-headless" }[program] ?? program;
}

function findJava(): string | undefined {
  const given = process.env["COFFRE_JAVA"];
  const home = process.env["JAVA_HOME"];
  const usual = globSync("/usr/lib/jvm/*/bin/java").toSorted();
  const candidates = [given ?? "", home === undefined ? "" : join(home, "bin", "java"), "java", ...usual];
  return candidates.find((java) => java !== "" && versionOf(java, "-version") >= LEAST_JAVA);
}

/** The version that a Java program says, or 0. */
function versionOf(program: string, option: string): number {
  const { stdout, stderr } = spawnSync(program, [option], { encoding: "utf8" });
  const [, version] = /(?:version "|javac )(\d+)/.exec(`${stdout ?? ""}${stderr ?? ""}`) ?? [];
  return Number(version ?? 0);
}

/** Runs a program to its end, and gives what it said on `stream`. Throws when it fails; all that it said is in the error. */
export function runTool(program: string, args: readonly string[], stream: "stdout" | "stderr" = "stdout"): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 * 1_048_576 });
  if (error !== undefined) throw new Error(`${program} cannot be started`);
  if (status !== 0) throw new Error(`${program} failed:\n${stdout}${stderr}`);
  return stream === "stdout" ? stdout : stderr;
}
