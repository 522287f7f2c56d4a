// Argon2id, in a worker that does nothing else. Rule: one message in, one key out; whoever started it ends it.

import { argon2id } from "hash-wasm";

/** What is stretched, and how. */
export interface Stretching {
  readonly message: Uint8Array<ArrayBuffer>;
  readonly cost: {
    /** Base64. */
    readonly salt: string;
    readonly memoryKiB: number;
    readonly passes: number;
    readonly lanes: number;
  };
}

const KEY_BYTES = 32;

self.onmessage = async ({ data: { message, cost } }: MessageEvent<Stretching>) => {
  const key = await argon2id({
    password: message,
    salt: Uint8Array.fromBase64(cost.salt),
    memorySize: cost.memoryKiB,
    iterations: cost.passes,
    parallelism: cost.lanes,
    hashLength: KEY_BYTES,
    outputType: "binary",
  });
  message.fill(0);
  self.postMessage(key, { transfer: [key.buffer as ArrayBuffer] });
};
