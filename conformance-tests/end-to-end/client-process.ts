// A real `coffre` on a home of its own. Rule: what is checked is what a user sees, exit code, standard output and
// standard error.

import { fileURLToPath } from "node:url";
import { Child, type Ended, type Usage } from "./child.ts";

const CLIENT = fileURLToPath(new URL("../../cli/bin/coffre.mjs", import.meta.url));

/** A line of JSON that `coffre --json` printed. */
export type ClientEvent = Readonly<Record<string, unknown>> & { readonly type?: string };

export type ClientEnd = Ended & {
  /** The lines of JSON, empty without `--json`. */
  readonly events: readonly ClientEvent[];
  /** The last line, when it is a summary; else an empty object. */
  readonly summary: ClientEvent;
  readonly usage: Usage | null;
};

export type ClientSetup = {
  /** The command line of another host's `coffre`; the Node host's by default. */
  readonly program?: readonly string[] | undefined;
  readonly usageFile?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly before?: readonly string[];
  readonly onEvent?: (event: ClientEvent) => void;
};

export class ClientProcess {
  readonly ended: Promise<ClientEnd>;
  readonly #child: Child;

  constructor(args: readonly string[], { onEvent, ...setup }: ClientSetup = {}) {
    const onLine = onEvent === undefined ? {} : { onLine: (line: string) => tellEvent(line, onEvent) };
    const isOther = setup.program !== undefined;
    this.#child = new Child({ ...setup, args: isOther ? args : [CLIENT, ...args], ...onLine });
    this.ended = this.#child.ended.then((ended) => {
      const events = ended.stdout.map(parseEvent).filter((event) => event !== null);
      const last = events.at(-1);
      return { ...ended, events, summary: last?.type === "summary" ? last : {}, usage: this.#child.readUsage() };
    });
  }

  get id(): number {
    return this.#child.id;
  }

  /** The first event, past or to come, that `matches`; an Error when the process ends without it. */
  async event(what: string, matches: (event: ClientEvent) => boolean): Promise<ClientEvent> {
    const line = await this.#child.line(what, (text) => {
      const event = parseEvent(text);
      return event !== null && matches(event);
    });
    return parseEvent(line) ?? {};
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.signal(signal);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<ClientEnd> {
    await this.#child.stop(signal);
    return this.ended;
  }
}

/** Runs `coffre` to its end. */
export function runClient(args: readonly string[], setup: ClientSetup = {}): Promise<ClientEnd> {
  return new ClientProcess(args, setup).ended;
}

/** A number of the summary; an Error when it is not there. */
export function readCount(end: ClientEnd, field: string): number {
  const value = end.summary[field];
  if (typeof value !== "number")
    throw new Error(`the summary has no number ${field}: ${JSON.stringify(end.summary)} ${end.stderr}`);
  return value;
}

function tellEvent(line: string, onEvent: (event: ClientEvent) => void): void {
  const event = parseEvent(line);
  if (event !== null) onEvent(event);
}

function parseEvent(line: string): ClientEvent | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as ClientEvent;
  } catch {
    return null;
  }
}
