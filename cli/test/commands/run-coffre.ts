// The program in a test: run inside the test's own process, or as a process of its own, against a real server.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough, Writable, type WritableOptions } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { runProgram } from "../../src/program.ts";
import type { Streams } from "../../src/terminal.ts";
import { makeFolder, write } from "../host/scratch.ts";
import { Screen } from "./screen.ts";

/** How a command ended, and what it printed. */
export interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly error: string;
  /** The lines of JSON, when `--json` was given. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly summary: Readonly<Record<string, unknown>>;
}

/** Runs the program in this process. */
export async function runCoffre(...args: string[]): Promise<Ended> {
  return await runCoffreIn({}, ...args);
}

/** The same with variables of the environment. */
export async function runCoffreIn(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  const [out, error, input] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const printed = { out: "", error: "" };
  out.on("data", (bytes) => (printed.out += String(bytes)));
  error.on("data", (bytes) => (printed.error += String(bytes)));
  const exitCode = await runProgram(args, { out, error, input, env });
  const isJson = args.includes("--json");
  const lines = isJson
    ? printed.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
  return { exitCode, ...printed, lines, summary: lines.at(-1) ?? {} };
}

/** What a person sees of a command at a terminal. */
export interface Seen {
  readonly exitCode: number;
  /** The lines of the screen, from the first one on. */
  readonly screen: readonly string[];
}

/** Runs the program at a terminal, where a person answers the first question with the first of `answers`, and so on. */
export async function runAtTerminal(answers: readonly string[], ...args: string[]): Promise<Seen> {
  return await runOnScreen(80, answers, args);
}

/** Runs the program at a terminal of `columns` columns, with nobody who answers. */
export async function runAtTerminalOf(columns: number, ...args: string[]): Promise<Seen> {
  return await runOnScreen(columns, [], args);
}

async function runOnScreen(columns: number, answers: readonly string[], args: readonly string[]): Promise<Seen> {
  const screen = new Screen(columns);
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const left = [...answers];
  const out = (): Streams["out"] => {
    const write: WritableOptions["write"] = (bytes, _encoding, done) => {
      const asksBefore = screen.beforeCursor.includes(": ");
      screen.write(String(bytes));
      done();
      // Ctrl-C where nobody thought of an answer.
      if (!asksBefore && screen.beforeCursor.endsWith(": ")) input.write(left.shift() ?? "\u0003");
    };
    return Object.assign(new Writable({ write }), { isTTY: true, columns });
  };
  const exitCode = await runProgram(args, { out: out(), error: out(), input, env: {} });
  return { exitCode, screen: screen.lines };
}

/** Starts the program as a process of its own. */
export function spawnCoffre(...args: string[]): ChildProcess {
  const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Starts a server with a new data folder; its origin. */
export async function startServer(...options: string[]): Promise<string> {
  const main = fileURLToPath(new URL("../../../server/bin/coffre-server.mjs", import.meta.url));
  const args = ["--data", join(makeFolder(), "data"), "--listen", "127.0.0.1:0", "--registration", "open"];
  const child = spawn(process.execPath, [main, ...args, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await once(child, "exit");
  });
  let log = "";
  for await (const bytes of child.stdout.iterator({ destroyOnReturn: false })) {
    log += String(bytes);
    const url = /"url":"(https?:[^"]+)"/.exec(log)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(`the server did not start: ${log}`);
}

/** A home paired with a new vault on a new server. */
export interface PairedHome {
  readonly url: string;
  readonly home: string;
  readonly passphraseFile: string;
  readonly recoveryWords: string;
}

export async function pairHome(): Promise<PairedHome> {
  const url = await startServer();
  const home = join(makeFolder(), "home");
  const passphraseFile = write(makeFolder(), "passphrase", "yellow anchor fig tree\n");
  const vault = ["--server", url, "--login", "ada", "--passphrase-file", passphraseFile];
  const { exitCode, summary, error } = await runCoffre("--home", home, "--json", "init", ...vault);
  if (exitCode !== 0) throw new Error(`init failed: ${error} ${JSON.stringify(summary)}`);
  return { url, home, passphraseFile, recoveryWords: String(summary["recoveryWords"]) };
}
