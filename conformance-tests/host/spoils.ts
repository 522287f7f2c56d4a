// What a wrong host could do, each a mistake that somebody could make. Rule: a spoil changes one thing, and names the check
// that has to find it.

import type { Answer, Effect } from "coffre-engine";

/** Where the lines of a spoiled adapter go. */
export interface Ends {
  readonly toHost: (line: unknown) => void;
  /** A text goes out as it is, anything else as JSON in ASCII. */
  readonly toSuite: (line: unknown) => void;
}

/** What is done with a line of the suite, and with one of the host. */
export interface Spoiled {
  readonly order: (line: Line) => void;
  readonly reply: (line: Line) => void;
}

/** A line, as far as spoils look into it. */
interface Line {
  readonly effects?: readonly Effect[];
  readonly input?: { readonly kind: string; readonly effect: number; readonly answer: Answer };
  readonly committed?: boolean;
  readonly ready?: object;
}

export type Spoil = (ends: Ends) => Spoiled;

/** Spoils the answers to effects. */
function answers(change: (answer: Answer) => unknown): Spoil {
  return ({ toHost, toSuite }) => ({
    order: toHost,
    reply: (line) => {
      const { input } = line;
      toSuite(input?.kind === "answer" ? { input: { ...input, answer: change(input.answer) } } : line);
    },
  });
}

/** Spoils effects on their way to the host: each becomes none, one or several. */
function effects(change: (effect: Effect) => readonly unknown[]): Spoil {
  return ({ toHost, toSuite }) => ({
    order: (line) => toHost(line.effects === undefined ? line : { effects: line.effects.flatMap(change) }),
    reply: toSuite,
  });
}

/** Asks twice for one request that ends with a 503, and tells of the second answer alone. */
const retrying: Spoil = ({ toHost, toSuite }) => {
  const asked = new Map<number, Effect>();
  return {
    order: (line) => {
      for (const effect of line.effects ?? []) if (effect.kind === "request") asked.set(effect.id, effect);
      toHost(line);
    },
    reply: (line) => {
      const { input } = line;
      const first = input === undefined ? undefined : asked.get(input.effect);
      if (first === undefined || input?.answer.kind !== "response" || input.answer.status !== 503) return toSuite(line);
      asked.delete(first.id);
      toHost({ effects: [first] });
    },
  };
};

/** Says that it is ready as this process, and keeps memory for every upload. */
const hoarding: Spoil = ({ toHost, toSuite }) => {
  const hoard: Buffer[] = [];
  return {
    order: (line) => {
      if (line.effects?.some(({ kind }) => kind === "upload")) hoard.push(Buffer.alloc(8 * 1_048_576, 1));
      toHost(line);
    },
    reply: (line) => toSuite(line.ready === undefined ? line : { ready: { ...line.ready, pid: process.pid } }),
  };
};

function raw(change: (line: Line) => readonly unknown[]): Spoil {
  return ({ toHost, toSuite }) => ({ order: toHost, reply: (line) => change(line).forEach(toSuite) });
}

/** A text with each occurrence of a JSON fragment replaced, parsed again. */
function replaced(answer: Answer, from: string | RegExp, to: string): unknown {
  return JSON.parse(JSON.stringify(answer).replaceAll(from, to));
}

const SPOILED_BY_NAME = {
  "one digit of a digest": answers((answer) =>
    answer.kind === "hashed" ? replaced(answer, /[0-9a-f]"\]/g, '0"]') : answer,
  ),
  "a listing that is called whole": answers((answer) => replaced(answer, '"end":false', '"end":true')),
  "an entry left out": answers((answer) =>
    answer.kind !== "scanned"
      ? answer
      : {
          ...answer,
          folders: answer.folders.map((folder) =>
            "entries" in folder ? { ...folder, entries: folder.entries.filter(({ name }) => name !== "-rf") } : folder,
          ),
        },
  ),
  "its own folder listed": answers((answer) => replaced(answer, '"own":true', '"entries":[],"end":true')),
  "links followed": answers((answer) => replaced(answer, '"reason":"not-a-file"', '"reason":"io"')),
  "an error taken for an absence": answers((answer) =>
    replaced(answer, '{"kind":"unreadable","reason":"io"}', '{"kind":"vanished"}'),
  ),
  "changed taken for read": answers((answer) => replaced(answer, '{"kind":"changed"}', '{"kind":"ok","digests":[]}')),
  "what is not authentic, opened": answers((answer) =>
    answer.kind === "not-authentic" ? { kind: "opened", bytes: "" } : answer,
  ),
  "another content, opened": answers((answer) => replaced(answer, '{"kind":"other-content"}', '{"kind":"ok"}')),
  "a SHA-256 that is always right": answers((answer) => replaced(answer, '"sha256Ok":false', '"sha256Ok":true')),
  "a reset called a timeout": answers((answer) => replaced(answer, '"reason":"reset"', '"reason":"timeout"')),
  "a second try after a 503": retrying,
  "an existing file called done": answers((answer) => replaced(answer, '{"kind":"exists"}', '{"kind":"ok"}')),
  "memory slots kept on the device": effects((effect) =>
    effect.kind === "secret" ? [{ ...effect, storage: "device" }] : [effect],
  ),
  "cancels that are lost": effects((effect) => (effect.kind === "cancel" ? [] : [effect])),
  "wakes at once": effects((effect) => [effect.kind === "wake" ? { ...effect, atMs: 0 } : effect]),
  "a rollback called a commit": raw((line) => [line.committed === false ? { ...line, committed: true } : line]),
  "answers given twice": raw((line) => (line.input === undefined ? [line] : [line, line])),
  "text that is not ASCII": raw((line) => [JSON.stringify(line)]),
  "memory that grows": hoarding,
} satisfies Readonly<Record<string, Spoil>>;

export type SpoilName = keyof typeof SPOILED_BY_NAME;

export const SPOILS: Readonly<Record<string, Spoil>> = SPOILED_BY_NAME;
