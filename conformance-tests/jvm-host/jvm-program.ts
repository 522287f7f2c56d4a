// The host on the JVM, as Maven packs it (android-shell/jvm). Rule: where it cannot run, that is said loudly, and
// a machine that must be able to (CI) fails.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const JAR = fileURLToPath(new URL("../../android-shell/jvm/target/coffre-jvm.jar", import.meta.url));
const ADAPTER = "org.coffre.jvm.adapter.MainKt";
const LEAST_JAVA = 17;

/** The command lines of the host on the JVM. */
export interface JvmProgram {
  /** Of its driver, which stands in for `coffre` in end-to-end rounds. */
  readonly driver: readonly string[];
  /** Of its adapter for the portability suite, over the JDK's cryptography. */
  readonly adapter: readonly string[];
}

/** The host on the JVM, or null, having said why it cannot run here. Throws in CI instead. */
export function findJvmProgram(): JvmProgram | null {
  const why = whyNot();
  if (why === null) {
    // What a phone's app may have for itself, and not what a large machine would give.
    const java = ["java", "-Xmx256m"];
    return { driver: [...java, "-jar", JAR], adapter: [...java, "-cp", JAR, ADAPTER] };
  }
  if (process.env["CI"] === "true") throw new Error(why);
  console.warn(`\n*** THE HOST ON THE JVM IS NOT TESTED: ${why} ***\n`);
  return null;
}

function whyNot(): string | null {
  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  const [, version] = /version "(\d+)/.exec(java.stderr ?? "") ?? [];
  if (Number(version ?? 0) < LEAST_JAVA) return `it needs Java ${LEAST_JAVA} or later`;
  return existsSync(JAR) ? null : "its jar is not built (mvn -f android-shell/pom.xml package)";
}
