// One request and its answer, as the suite keeps them. Rule: everything that an answer says is read through here, so that an
// answer of another form is the server's failure and never the suite's.

import { CheckFailed } from "../outcome.ts";

export type Headers = Readonly<Record<string, string>>;

/** A request as it was sent. */
export type SentRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array | null;
};

/** A request with what became of it. */
export type Exchange = {
  readonly request: SentRequest;
  readonly answer: Answer | null;
  readonly trouble: string | null;
};

/** An answer that came whole. */
export class Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly elapsedMs: number;

  constructor(status: number, headers: Headers, body: Uint8Array, elapsedMs: number) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.elapsedMs = elapsedMs;
  }

  /** A header by its lower-case name; empty text when it is not there. */
  header(name: string): string {
    return this.headers[name] ?? "";
  }

  /** The body as JSON; CheckFailed when it is none. */
  json(): unknown {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(this.body));
    } catch {
      throw new CheckFailed("a body that is JSON in UTF-8", `${this.body.length} bytes that are not`);
    }
  }

  /** What stands at `path`, such as `heads.0.hash`; undefined when nothing does. */
  find(path: string): unknown {
    let value = this.json();
    for (const name of path.split(".")) {
      if (typeof value !== "object" || value === null) return undefined;
      value = (value as Record<string, unknown>)[name];
    }
    return value;
  }

  /** The text at `path`; CheckFailed when there is none. */
  text(path: string): string {
    const value = this.find(path);
    if (typeof value !== "string") throw new CheckFailed(`text in the field ${path}`, show(value));
    return value;
  }

  /** The integer at `path`; CheckFailed when there is none. */
  integer(path: string): number {
    const value = this.find(path);
    if (typeof value !== "number" || !Number.isSafeInteger(value)) {
      throw new CheckFailed(`an integer in the field ${path}`, show(value));
    }
    return value;
  }

  /** The list at `path`; CheckFailed when there is none. */
  list(path: string): readonly unknown[] {
    const value = this.find(path);
    if (!Array.isArray(value)) throw new CheckFailed(`a list in the field ${path}`, show(value));
    return value;
  }

  /** The base64 at `path` as bytes, of `sizeBytes` if given; CheckFailed when it is not base64 with padding. */
  bytes(path: string, sizeBytes?: number): Uint8Array {
    const text = this.text(path);
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
      throw new CheckFailed(`base64 with padding in the field ${path}`, show(text));
    }
    const bytes = new Uint8Array(Buffer.from(text, "base64"));
    if (sizeBytes !== undefined && bytes.length !== sizeBytes) {
      throw new CheckFailed(`${sizeBytes} bytes in the field ${path}`, `${bytes.length} bytes`);
    }
    return bytes;
  }
}

/** A value for people, cut where it is long. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
