#!/usr/bin/env -S node --max-semi-space-size=2 --heap-growing-percent=50
// Starts `../src/main.ts` on a Node that can run it. Rule: everything here must parse on a Node far older than ours.
// The packages `coffre` and `coffre-server` are published apart, so each carries this file; a house rule keeps the two
// equal to the byte, which is why the command's name comes from the package. The two options of V8 above keep the heap
// small: both programs leave much short-lived text and buffers behind (20,000 small files: 172 MB instead of 246).

import { spawn } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The first release whose type stripping, SQLite and Argon2id Coffre relies on. */
const OLDEST = { major: 24, minor: 7 };

const [major, minor] = process.versions.node.split(".").map(Number);

if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) {
  quietExperimentalWarnings();
  keepCompiledCode();
  await import("../src/main.ts");
} else {
  const newer = findNewerNode();
  if (newer === null) refuse();
  else restartWith(newer);
}

/** Hides the two warnings that Coffre causes by design (24.x prints them); every other warning is still printed. */
function quietExperimentalWarnings() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    const kind = typeof rest[0] === "string" ? rest[0] : rest[0]?.type;
    if (kind === "ExperimentalWarning" && /^(SQLite|Type Stripping) is an experimental/.test(String(warning))) return;
    emitWarning.call(process, warning, ...rest);
  };
}

/**
 * Keeps compiled code beside the package: a third of the start, and 25 MB that stripping types takes. The system's temporary
 * folder would do as well, but others may write there. Where the folder cannot be written Node goes on without it.
 */
function keepCompiledCode() {
  module.enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)));
}

/** The binary of an installed `node-linux-*` package (a checkout has one), or null; never the one that runs already. */
function findNewerNode() {
  if (process.platform !== "linux") return null;
  try {
    const require = createRequire(import.meta.url);
    const binary = join(dirname(require.resolve(`node-linux-${process.arch}/package.json`)), "bin", "node");
    return realpathSync(binary) === realpathSync(process.execPath) ? null : binary;
  } catch {
    return null;
  }
}

/** Runs the same command line under `binary`, hands signals on, and ends as it ended. */
function restartWith(binary) {
  const child = spawn(binary, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", refuse);
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Says in words what is missing, and ends. */
function refuse() {
  const { name } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const wanted = `${OLDEST.major}.${OLDEST.minor}`;
  process.stderr.write(
    `${name} needs Node ${wanted} or newer; this is Node ${process.versions.node}.\n` +
      `Install a newer Node, then run ${name} again.\n`,
  );
  process.exit(1);
}
