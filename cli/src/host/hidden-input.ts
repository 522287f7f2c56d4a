// A line typed at a terminal that does not show it. Rule: the terminal is as it was afterwards, however it ends.

import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A terminal: what is typed, and where the question is shown. */
export interface HiddenInput {
  readonly input: Readable & { setRawMode?(on: boolean): unknown };
  readonly output: Writable;
}

const ENTER = /[\r\n]/;
const INTERRUPT = "\u0003";
const END_OF_INPUT = "\u0004";
const BACKSPACE = /[\b\u007f]/;
const CLEAR_LINE = "\u0015";

/** Shows `question` and reads a line without echo; null when the person broke off (Ctrl-C, Ctrl-D). */
export function readHidden({ input, output }: HiddenInput, question: string): Promise<string | null> {
  output.write(question);
  input.setRawMode?.(true);
  const decoder = new StringDecoder("utf8");
  return new Promise((resolve) => {
    let line: string[] = [];
    const finish = (answer: string | null): void => {
      input.off("data", onData);
      input.off("end", onEnd);
      input.pause();
      input.setRawMode?.(false);
      output.write("\n");
      resolve(answer);
    };
    const onEnd = (): void => finish(null);
    const onData = (bytes: Buffer): void => {
      const typed = Array.from(decoder.write(bytes));
      for (const [index, point] of typed.entries()) {
        if (ENTER.test(point)) {
          // What was pasted behind the line belongs to the next question.
          const rest = typed
            .slice(index + 1)
            .join("")
            .replace(/^\n/, "");
          finish(line.join(""));
          if (rest !== "") input.unshift(Buffer.from(rest));
          return;
        }
        if (point === INTERRUPT || (point === END_OF_INPUT && line.length === 0)) {
          finish(null);
          return;
        }
        if (BACKSPACE.test(point)) line.pop();
        else if (point === CLEAR_LINE) line = [];
        else if (point >= " ") line.push(point);
      }
    };
    input.on("data", onData);
    input.once("end", onEnd);
    input.resume();
  });
}
