// The reference server as a process. Rule: it listens on a free port of this machine, and is ended by its own id.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MAIN = fileURLToPath(new URL("../../../server/src/main.ts", import.meta.url));
/** Half of a start is compiling; a file with a fault in it is another file to the cache. */
const COMPILED = fileURLToPath(new URL("../../../node_modules/.cache/compiled", import.meta.url));
/** A run asks more often in a minute than a person's devices do. */
const PLENTY = ["--requests-per-minute", "10000000", "--logins-per-minute", "1000000"];

type Setup = {
  readonly before?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

type Registration = "open" | "invitation" | "closed";

export class ReferenceServer {
  readonly #data = mkdtempSync(join(tmpdir(), "coffre-conformance-"));
  readonly #before: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #process: ChildProcess | null = null;
  #url = "";

  /** `before` are options of Node, for a server with a fault in it. */
  constructor({ before = [], environment = {} }: Setup = {}) {
    this.#before = before;
    this.#environment = environment;
  }

  get url(): URL {
    return new URL(this.#url);
  }

  /** Starts it, on the port that it had before; resolves when it listens. */
  async start(registration: Registration = "open"): Promise<void> {
    const port = this.#url === "" ? 0 : this.url.port;
    const place = ["--data", this.#data, "--listen", `127.0.0.1:${port}`, "--registration", registration];
    const child = spawn(process.execPath, [...this.#before, MAIN, ...place, ...PLENTY], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: COMPILED, ...this.#environment },
    });
    this.#process = child;
    let errors = "";
    child.stderr.on("data", (piece: Buffer) => {
      errors += piece.toString("utf8");
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const { msg, url } = readLine(line);
      if (msg !== "listening" || url === undefined) continue;
      this.#url = url;
      child.stdout.resume();
      return;
    }
    throw new Error(`the server ended before it listened: ${errors}`);
  }

  /** An invitation for one account, made by the operator's command. */
  async invite(): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "--data", this.#data, "invite"]);
    return stdout.trim();
  }

  /** Ends it at once, with nothing finished. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }
}

function readLine(line: string): { readonly msg?: string; readonly url?: string } {
  try {
    return JSON.parse(line) as { msg?: string; url?: string };
  } catch {
    return {};
  }
}
