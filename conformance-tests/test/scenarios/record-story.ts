// Writes the long story down, so that engines in other processes can be held to it: every step and every Store call, with
// both texts. Rule: each line is a word and a text; what was recorded here is what Node does.
//
//   node conformance-tests/test/scenarios/record-story.ts FILE
//
// The file is gzip. `engine N`: a new engine over database N. `in`, `out`: a step. `run`, `runMany`, `all`, each followed by
// `answer`: the Store calls within it.

import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { createEngine } from "coffre-engine";
import type { StorePort } from "../../scripted-host/memory-store.ts";
import type { ScriptEngine } from "../../scripted-host/script-engines.ts";
import { tellLongStory } from "./long-story.ts";

const PIECE_CHARS = 4_000_000;

class StoryRecorder {
  readonly #fd: number;
  readonly #databases = new Map<StorePort, number>();
  #lines: string[] = [];
  #chars = 0;

  constructor(file: string) {
    this.#fd = openSync(file, "w");
  }

  /** Node's own engine, with all that passes through it written down. */
  readonly makeEngine = (store: StorePort): ScriptEngine => {
    const database = this.#databases.get(store) ?? this.#databases.size;
    this.#databases.set(store, database);
    this.#add("engine", String(database));
    const engine = createEngine({
      run: (text) => this.#call("run", text, store.run),
      runMany: (text) => this.#call("runMany", text, store.runMany),
      all: (text) => this.#call("all", text, store.all),
    });
    return { handle: (text) => this.#step(engine, text) };
  };

  close(): void {
    this.#flush();
    closeSync(this.#fd);
  }

  #step(engine: ScriptEngine, text: string): string {
    this.#add("in", text);
    const answer = engine.handle(text);
    this.#add("out", answer);
    return answer;
  }

  #call(call: string, text: string, store: (text: string) => string): string {
    this.#add(call, text);
    const answer = store(text);
    this.#add("answer", answer);
    return answer;
  }

  #add(word: string, text: string): void {
    const line = `${word} ${text}\n`;
    this.#lines.push(line);
    this.#chars += line.length;
    if (this.#chars > PIECE_CHARS) this.#flush();
  }

  /** Pieces of gzip one behind the other are gzip. */
  #flush(): void {
    writeSync(this.#fd, gzipSync(this.#lines.join(""), { level: 1 }));
    this.#lines = [];
    this.#chars = 0;
  }
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("expected a file to write to");
mkdirSync(dirname(file), { recursive: true });
const recorder = new StoryRecorder(`${file}.new`);
const { calls } = tellLongStory(recorder.makeEngine);
recorder.close();
renameSync(`${file}.new`, file);
process.stdout.write(`the long story: ${calls} steps\n`);
