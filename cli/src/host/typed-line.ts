// A line typed at a terminal, shown or not. Rule: the terminal is as it was afterwards, however it ends.

import type { Readable } from "node:stream";

/** What is typed at a terminal, and where the question is shown. */
export interface Prompt {
  readonly input: Readable & { setRawMode?(on: boolean): unknown };
  show(text: string): void;
}

/** How the question ended. `closed`: Ctrl-D, or there is nothing more to read. `interrupted`: Ctrl-C. */
export type TypedLine =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "not-utf8" }
  | { readonly kind: "closed" }
  | { readonly kind: "interrupted" };

const [INTERRUPT, END_OF_INPUT, BACKSPACE, LINE_FEED, RETURN, CLEAR_LINE, ESCAPE, DELETE] = [
  0x03, 0x04, 0x08, 0x0a, 0x0d, 0x15, 0x1b, 0x7f,
];

/** Shows `question` and reads a line; `echo` shows what is typed. */
export function readTypedLine({ input, show }: Prompt, question: string, echo: "shown" | "hidden"): Promise<TypedLine> {
  show(question);
  input.setRawMode?.(true);
  return new Promise((resolve) => {
    const line = new LineBytes();
    const keys = new KeyFilter();
    const finish = (typed: TypedLine): void => {
      input.off("data", onData);
      input.off("end", onEnd);
      input.pause();
      input.setRawMode?.(false);
      line.erase();
      show("\n");
      resolve(typed);
    };
    const onEnd = (): void => finish({ kind: "closed" });
    const onData = (bytes: Buffer): void => {
      for (const [index, byte] of bytes.entries()) {
        if (keys.swallows(byte)) continue;
        if (byte === RETURN || byte === LINE_FEED) {
          // What was pasted behind the line belongs to the next question.
          const next = index + (byte === RETURN && bytes[index + 1] === LINE_FEED ? 2 : 1);
          const rest = Buffer.from(bytes.subarray(next));
          finish(line.read());
          if (rest.length > 0) input.unshift(rest);
          return;
        }
        if (byte === INTERRUPT || (byte === END_OF_INPUT && line.isEmpty)) {
          finish({ kind: byte === INTERRUPT ? "interrupted" : "closed" });
          return;
        }
        const before = line.points;
        if (byte === BACKSPACE || byte === DELETE) line.dropPoint();
        else if (byte === CLEAR_LINE) line.erase();
        else if (byte >= 0x20) {
          line.push(byte);
          if (echo === "shown" && !isContinuation(byte)) show(byte < 0x80 ? String.fromCharCode(byte) : "?");
          continue;
        }
        if (echo === "shown") show("\b \b".repeat(before - line.points));
      }
    };
    input.on("data", onData);
    input.once("end", onEnd);
    input.resume();
  });
}

/** The bytes of a line, which are overwritten when it ends. */
class LineBytes {
  readonly #bytes: number[] = [];

  get isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  /** How many characters there are. */
  get points(): number {
    return this.#bytes.filter((byte) => !isContinuation(byte)).length;
  }

  push(byte: number): void {
    this.#bytes.push(byte);
  }

  /** Takes the last character away, with all its bytes. */
  dropPoint(): void {
    while (isContinuation(this.#bytes.at(-1) ?? 0)) this.#bytes.pop();
    this.#bytes.pop();
  }

  erase(): void {
    this.#bytes.fill(0);
    this.#bytes.length = 0;
  }

  read(): TypedLine {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(this.#bytes));
      return { kind: "line", text };
    } catch {
      return { kind: "not-utf8" };
    }
  }
}

/** Arrows and other keys send several bytes behind an escape; none of them is part of what is typed. */
class KeyFilter {
  #state: "text" | "escape" | "sequence" = "text";

  swallows(byte: number): boolean {
    switch (this.#state) {
      case "text":
        if (byte !== ESCAPE) return false;
        this.#state = "escape";
        return true;
      case "escape":
        // `ESC [` and `ESC O` begin a sequence (ECMA-48 5.4); behind any other escape stands a key of its own.
        this.#state = byte === 0x5b || byte === 0x4f ? "sequence" : "text";
        return this.#state === "sequence";
      case "sequence":
        if (byte >= 0x40 && byte <= 0x7e) this.#state = "text";
        return byte >= 0x20 && byte <= 0x7e;
    }
  }
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
