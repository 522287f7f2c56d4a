// What the Android build needs of a machine: a JDK, Maven, and a newer Java for tests. Rule: what is missing is fetched into the
// cache or named, with what brings it; nothing is installed.

import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fetchJava } from "./java-runtime.ts";

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
  const cache = process.env["COFFRE_CACHE"] ?? join(homedir(), ".cache", "coffre");
  const missing: string[] = [];
  if (versionOf("javac", "-version") < LEAST_JDK) missing.push(`a JDK of version ${LEAST_JDK} or later (javac)`);
  if (spawnSync("mvn", ["-version"]).error !== undefined) missing.push("Maven 3 (mvn)");
  let java = findJava();
  try {
    java ??= fetchJava(cache);
  } catch {
    missing.push(`a Java of version ${LEAST_JAVA} or later (COFFRE_JAVA may say where it is; Python's pip brings one)`);
  }
  if (java === undefined || missing.length > 0)
    throw new Error(`The Android app needs, and this machine lacks: ${missing.join("; ")}.`);
  return { java, cache };
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
