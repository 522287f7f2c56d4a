// One owner of the terminal. Rule: lines, questions and the line of progress never stand in each other.

import { PassThrough, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { readTypedLine } from "../../src/host/typed-line.ts";
import { formatProgress } from "../../src/progress-display.ts";
import { Terminal } from "../../src/terminal.ts";
import { Screen } from "./screen.ts";

function makeTerminal() {
  const screen = new Screen(40);
  const show = () =>
    Object.assign(
      new Writable({
        write: (bytes, _encoding, done) => {
          screen.write(String(bytes));
          done();
        },
      }),
      { isTTY: true, columns: 40 },
    );
  const input = new PassThrough();
  return { screen, input, terminal: new Terminal({ input, out: show(), error: show() }) };
}

const progress = (fields: object) =>
  ({
    ...{ kind: "progress", phase: "uploading", filesDone: 9, filesTotal: 24_100, bytesDone: 5e6, bytesTotal: 2e7 },
    ...fields,
  }) as Parameters<typeof formatProgress>[0];

describe("the terminal", () => {
  test("takes the line of progress away before anything else is shown", () => {
    const { screen, terminal } = makeTerminal();
    terminal.showProgress("Sending 10%");
    terminal.print("a line that was asked for\n");
    terminal.showProgress("Sending 20%");
    terminal.showProgress("Short");
    terminal.note("a line about the work\n");
    terminal.showProgress("Sending 30%");
    expect(screen.lines).toEqual(["a line that was asked for", "a line about the work", "Sending 30%"]);
  });

  test("shows no progress while a question waits, and shows it again afterwards", async () => {
    const { screen, input, terminal } = makeTerminal();
    terminal.showProgress("Pairing");
    const typed = readTypedLine(terminal.prompt, "Passphrase: ", "hidden");
    terminal.showProgress("Pairing 10%");
    expect(screen.lines).toEqual(["Passphrase:"]);
    input.write("secret\r");
    expect(await typed).toEqual({ kind: "line", text: "secret" });
    terminal.showProgress("Pairing 20%");
    expect(screen.lines).toEqual(["Passphrase:", "Pairing 20%"]);
  });

  test("shows what is typed where that is wanted, also when it is taken back", async () => {
    const { screen, input, terminal } = makeTerminal();
    input.write("abé\u007f\u007fc\u001b[A\r");
    expect(await readTypedLine(terminal.prompt, "Words: ", "shown")).toEqual({ kind: "line", text: "ac" });
    expect(screen.lines).toEqual(["Words: ac", ""]);
  });

  test("says of a line that is not UTF-8 that it is none", async () => {
    const { input, terminal } = makeTerminal();
    input.write(Buffer.of(0xe4, 0xf6, 0x0d));
    expect(await readTypedLine(terminal.prompt, "? ", "hidden")).toEqual({ kind: "not-utf8" });
  });
});

describe("the line of progress", () => {
  test("holds whole fields only, the most important first", () => {
    for (let columns = 10; columns < 120; columns++) {
      const line = formatProgress(progress({}), 1e6, columns);
      expect(line.length).toBeLessThan(columns);
      const whole = "Sending 25% [====------------] 5.00 MB of 20.0 MB, 1.00 MB/s, 15 s left  9 of 24,100 files";
      expect(whole.startsWith(line)).toBe(true);
      expect(["", " ", ","]).toContain(whole.charAt(line.length));
      if (columns > whole.length) expect(line).toBe(whole);
    }
  });

  test.each([
    [0, {}, "Sending 25% [====------------] 5.00 MB of 20.0 MB  9 of 24,100 files"],
    [1.088139281828074, {}, "1 B/s"],
    [1e6, { waiting: "server-unreachable" }, "Waiting (the server cannot be reached) 25%"],
    [5, { bytesTotal: 0, bytesDone: 0 }, "Sending 0% [----------------]"],
    [0, { phase: "pairing", filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0 }, "Pairing"],
  ])("at %d bytes a second with %j says %j", (rate, fields, words) => {
    expect(formatProgress(progress(fields), rate, 200)).toContain(words);
  });
});
