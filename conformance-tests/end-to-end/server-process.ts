// A real `coffre-server` on a free port of this machine. Rule: tests learn where it listens from its own log.

import { fileURLToPath } from "node:url";
import { Child, type Ended, type Usage } from "./child.ts";

const SERVER = fileURLToPath(new URL("../../server/bin/coffre-server.mjs", import.meta.url));

export type ServerSetup = {
  readonly data: string;
  /** Port 0, the default, takes a free one. */
  readonly port?: number;
  readonly options?: readonly string[];
  readonly usageFile?: string;
  /** A command that becomes the server. */
  readonly before?: readonly string[];
};

/** One client of these suites asks more often than a person's devices do. */
const PLENTY = ["--requests-per-minute", "10000000", "--logins-per-minute", "1000000"];

export class ServerProcess {
  readonly url: string;
  readonly #child: Child;

  constructor(url: string, child: Child) {
    this.url = url;
    this.#child = child;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get id(): number {
    return this.#child.id;
  }

  /** What it used; after its end. */
  readUsage(): Usage | null {
    return this.#child.readUsage();
  }

  stop(signal?: NodeJS.Signals): Promise<Ended> {
    return this.#child.stop(signal);
  }
}

/** Starts a server that lets everyone register; resolves when it listens. */
export async function startServer(setup: ServerSetup): Promise<ServerProcess> {
  const child = startServerChild(setup);
  const line = await child.line("it listened", (text) => readUrl(text) !== null);
  return new ServerProcess(readUrl(line) ?? "", child);
}

/** Starts a server and does not wait: for those that must refuse to start. */
export function startServerChild({ data, port = 0, options = [], usageFile, before = [] }: ServerSetup): Child {
  const place = ["--data", data, "--listen", `127.0.0.1:${port}`];
  return new Child({
    args: [SERVER, ...place, "--registration", "open", ...PLENTY, ...options],
    before,
    ...(usageFile === undefined ? {} : { usageFile }),
  });
}

function readUrl(line: string): string | null {
  if (!line.includes('"listening"')) return null;
  const { url, msg } = JSON.parse(line) as { url?: string; msg?: string };
  return msg === "listening" && url !== undefined ? url : null;
}
