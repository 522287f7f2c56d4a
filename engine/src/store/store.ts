// The Store port as the engine uses it (docs/host-api.md §1). Rule: the only place that knows the text on that border.

import { toAsciiJson } from "../border/ascii-json.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";

/** What a host gives: three calls of ASCII JSON text, synchronous, within the transaction of the step. */
export interface StorePort {
  run(text: string): string;
  runMany(text: string): string;
  all(text: string): string;
}

export type StoreValue = null | number | string | Uint8Array;
export type Row = readonly StoreValue[];

/** Rows that one `runMany` carries at the most, so that a message stays far below the border's limit. */
const ROWS_A_CALL = 500;
/** Characters of rows in one message; the border's limit is 524,288. */
const MAX_ROWS_TEXT = 400_000;

/** Statements over the port. `trafficChars` counts what crossed since the step began (H-5: 4 MiB a step). */
export class Store {
  readonly #port: StorePort;
  trafficChars = 0;
  /** The texts of settings that were read or written by this process; null for one that is not set (`settings.ts`). */
  readonly settings: Map<string, string | null> = new Map();

  constructor(port: StorePort) {
    this.#port = port;
  }

  /** Runs one statement; `lastId` is the row id of an insert. */
  run(sql: string, params: Row = []): { changes: number; lastId: number } {
    const answer = this.#call((text) => this.#port.run(text), `{"sql":${quote(sql)},"params":${rowText(params)}}`);
    return { changes: Number(answer["changes"]), lastId: Number(answer["lastId"]) };
  }

  /** Runs one statement for each row. */
  runMany(sql: string, rows: readonly Row[]): number {
    let changes = 0;
    let begin = 0;
    while (begin < rows.length) {
      const texts: string[] = [];
      let length = 0;
      while (begin + texts.length < rows.length && texts.length < ROWS_A_CALL && length < MAX_ROWS_TEXT) {
        const text = rowText(rows[begin + texts.length] as Row);
        texts.push(text);
        length += text.length;
      }
      const answer = this.#call(
        (text) => this.#port.runMany(text),
        `{"sql":${quote(sql)},"rows":[${texts.join(",")}]}`,
      );
      changes += Number(answer["changes"]);
      begin += texts.length;
    }
    return changes;
  }

  /** The rows of a query, values in the order of its columns. */
  all(sql: string, params: Row = []): Row[] {
    const answer = this.#call((text) => this.#port.all(text), `{"sql":${quote(sql)},"params":${rowText(params)}}`);
    const rows = answer["rows"] as unknown[][];
    for (const row of rows) {
      for (let i = 0; i < row.length; i++) {
        const value = row[i];
        if (typeof value === "object" && value !== null) row[i] = fromBase64((value as { b64: string }).b64);
      }
    }
    return rows as Row[];
  }

  /** The first row of a query, or null. */
  first(sql: string, params: Row = []): Row | null {
    return this.all(sql, params)[0] ?? null;
  }

  #call(port: (text: string) => string, text: string): Record<string, unknown> {
    const answer = port(text);
    this.trafficChars += text.length + answer.length;
    const parsed = JSON.parse(answer) as Record<string, unknown>;
    const failure = parsed["failure"];
    if (failure !== undefined) throw new CoffreError(`host-store-${String(failure)}`, "the store refused a statement");
    return parsed;
  }
}

const quoted = new Map<string, string>();

/** Statements are few and constant, so their JSON text is made once. */
function quote(sql: string): string {
  let text = quoted.get(sql);
  if (text === undefined) {
    text = toAsciiJson(sql);
    quoted.set(sql, text);
  }
  return text;
}

function rowText(row: Row): string {
  return toAsciiJson(row.map((value) => (value instanceof Uint8Array ? { b64: toBase64(value) } : value)));
}
