// One decoder as the fuzzing tests see it: valid samples, how to call it, and how it may refuse. Rule: whatever a decoder
// does that its row does not name is a fault of the decoder.

/** What a decoder reads. */
export type Raw = Uint8Array | string;

export interface RowSpec<Input extends Raw, Value> {
  /** The file from the repository's root, and the function. */
  readonly name: string;
  readonly samples: readonly Input[];
  /** How the samples can be taken apart and put together again, so that a mutation reaches single fields. */
  readonly form?: "cbor" | "json";
  readonly decode: (input: Input) => Value;
  /** The bytes or text of a decoded value, where the format knows one encoding only. */
  readonly encode?: (value: Exclude<Value, null | undefined>) => Input;
  /** Whether this is how the decoder says no. */
  readonly refuses: (error: unknown) => boolean;
  /** What stands around a mutated sample: a signature, padding. Null when it cannot be. */
  readonly dress?: (mutated: Input) => Input | null;
}

export type Outcome =
  | { readonly kind: "value"; readonly value: unknown; readonly again: Raw | null }
  | { readonly kind: "refused"; readonly message: string };

/** A row without its types: `run` is for inputs of the samples' kind. */
export interface DecoderRow {
  readonly name: string;
  readonly samples: readonly Raw[];
  readonly form: "cbor" | "json" | "raw";
  readonly isText: boolean;
  readonly run: (input: Raw) => Outcome;
  readonly dress: (mutated: Raw) => Raw | null;
}

/** A row from what is known of a decoder; an Error without samples, since nothing could be mutated. */
export function row<Input extends Raw, Value>(spec: RowSpec<Input, Value>): DecoderRow {
  const [first] = spec.samples;
  if (first === undefined) throw new Error(`${spec.name} has no samples`);
  return {
    name: spec.name,
    samples: spec.samples,
    form: spec.form ?? "raw",
    isText: typeof first === "string",
    run: (input) => runDecoder(spec, input as Input),
    dress: (mutated) => (spec.dress === undefined ? mutated : spec.dress(mutated as Input)),
  };
}

/** Calls the decoder; an error that is no refusal is thrown on, for the test to show. */
function runDecoder<Input extends Raw, Value>(spec: RowSpec<Input, Value>, input: Input): Outcome {
  let value: Value;
  try {
    value = spec.decode(input);
  } catch (error) {
    if (!spec.refuses(error)) throw error;
    return { kind: "refused", message: error instanceof Error ? error.message : "" };
  }
  const again =
    value === null || value === undefined || spec.encode === undefined
      ? null
      : spec.encode(value as Exclude<Value, null | undefined>);
  return { kind: "value", value, again };
}

/** Bytes that a value holds on to, counted generously: eight for each slot, two for each character. */
export function heldBytes(value: unknown): number {
  if (typeof value === "string") return 8 + 2 * value.length;
  if (value instanceof Uint8Array) return 8 + value.byteLength;
  if (typeof value !== "object" || value === null) return 8;
  const parts = value instanceof Map ? [...value.values()] : value instanceof Set ? [...value] : Object.values(value);
  return parts.reduce((sum: number, part) => sum + heldBytes(part), 8);
}
