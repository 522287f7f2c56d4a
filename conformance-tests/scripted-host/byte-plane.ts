// The five constructions of a host (docs/format.md 1 to 3) over node:crypto. Rule: bytes and a context come in, bytes go
// out; what they mean is unknown here.

import {
  argon2Sync,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hash,
  hkdfSync,
  timingSafeEqual,
} from "node:crypto";

/** Parameters of Argon2id version 0x13 (RFC 9106); `memoryKiB` in KiB. */
export interface Stretching {
  readonly salt: Uint8Array;
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/** What a host computes for the engine; a simulator may put other constructions in its place. */
export interface BytePlane {
  /** HMAC-SHA-256(key, SHA-256(bytes)) (F-51). */
  digest(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** docs/format.md 3; the output is 28 bytes longer than `bytes`. */
  seal(root: Uint8Array, context: string, bytes: Uint8Array): Uint8Array;
  /** The sealed bytes, or null when they are not authentic (F-21). */
  open(root: Uint8Array, context: string, sealed: Uint8Array): Uint8Array | null;
  /** HKDF(key, info) of docs/format.md 1: 32 bytes. */
  derive(key: Uint8Array, info: string): Uint8Array;
  /** Argon2id, 32 bytes. */
  stretch(passphrase: string, how: Stretching): Uint8Array;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How many bytes sealing adds (F-20). */
export const SEAL_BYTES: number = NONCE_BYTES + TAG_BYTES;

const HEX64 = "[0-9a-f]{64}";
const NUMBER = "(?:0|[1-9][0-9]{0,15})";

/** The closed table of F-22. */
const CONTEXT = new RegExp(
  `^coffre/1/(?:(?:chunk|list|padding|record|base|segment|recovery-wrap)/${HEX64}|(?:epoch|checkpoint)/${HEX64}/${HEX64}/${NUMBER}` +
    `|wrap/${HEX64}/${NUMBER}/${NUMBER}/${NUMBER}/[0-9a-f]{32}|name/${HEX64}/${HEX64}|index/${HEX64}/${NUMBER}/${NUMBER})$`,
);

/** Whether F-22 allows a context. */
export function isContext(text: string): boolean {
  return CONTEXT.test(text) && text.split("/").every((field) => field.length > 16 || !(Number(field) > 2 ** 53 - 1));
}

/** The contexts that name a content by its keyed digest (F-23). */
const CONTENT = new RegExp(`^coffre/1/(?:chunk|list|segment)/(${HEX64})$`);

/** What an effect opens: the bytes, or why there are none. */
export type Opened =
  | { readonly kind: "opened"; readonly bytes: Uint8Array }
  | { readonly kind: "not-authentic" }
  | { readonly kind: "other-content" };

/** Opens as effects do (F-21, F-23); null when the effect is refused, over its context or for want of the key. */
export function openContent(
  plane: BytePlane,
  root: Uint8Array,
  digestKey: Uint8Array | null,
  context: string,
  sealed: Uint8Array,
): Opened | null {
  const id = CONTENT.exec(context)?.[1];
  if (!isContext(context) || (id !== undefined && digestKey === null)) return null;
  const bytes = plane.open(root, context, sealed);
  if (bytes === null) return { kind: "not-authentic" };
  if (id === undefined || digestKey === null) return { kind: "opened", bytes };
  const isIt = timingSafeEqual(plane.digest(digestKey, bytes), Buffer.from(id, "hex"));
  return isIt ? { kind: "opened", bytes } : { kind: "other-content" };
}

function expandPair(root: Uint8Array, context: string): { key: Uint8Array; nonceKey: Uint8Array } {
  // HKDF-Expand (RFC 5869 §2.3) to two blocks.
  const key = createHmac("sha256", root).update(context, "latin1").update("\x01", "latin1").digest();
  const nonceKey = createHmac("sha256", root).update(key).update(context, "latin1").update("\x02", "latin1").digest();
  return { key, nonceKey };
}

function nonceOf(nonceKey: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHmac("sha256", nonceKey)
    .update(hash("sha256", bytes, "buffer"))
    .digest()
    .subarray(0, NONCE_BYTES);
}

const EXACT: BytePlane = {
  digest: (key, bytes) =>
    createHmac("sha256", key)
      .update(hash("sha256", bytes, "buffer"))
      .digest(),

  seal: (root, context, bytes) => {
    const { key, nonceKey } = expandPair(root, context);
    const nonce = nonceOf(nonceKey, bytes);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context, "latin1"));
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  },

  open: (root, context, sealed) => {
    if (sealed.length < SEAL_BYTES) return null;
    const { key, nonceKey } = expandPair(root, context);
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const cipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context, "latin1")).setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    let bytes: Uint8Array;
    try {
      bytes = Buffer.concat([cipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), cipher.final()]);
    } catch {
      return null;
    }
    return timingSafeEqual(nonceOf(nonceKey, bytes), nonce) ? bytes : null;
  },

  derive: (key, info) => new Uint8Array(hkdfSync("sha256", key, new Uint8Array(0), info, 32)),

  stretch: (passphrase, { salt, memoryKiB, passes, lanes }) =>
    argon2Sync("argon2id", {
      message: Buffer.from(passphrase.normalize("NFKD"), "utf8"),
      nonce: salt,
      memory: memoryKiB,
      passes,
      parallelism: lanes,
      tagLength: 32,
    }),
};

/** Every construction as docs/format.md has it; Argon2id costs a tenth of a second and more. */
export function exactBytePlane(): BytePlane {
  return EXACT;
}

/** As `exactBytePlane`, but for Argon2id: one hash over all that goes into it, for tests of everything else. */
export function cheapBytePlane(): BytePlane {
  return {
    ...EXACT,
    stretch: (passphrase, { salt, memoryKiB, passes, lanes }) =>
      createHash("sha256")
        .update(`${memoryKiB}/${passes}/${lanes}/`)
        .update(salt)
        .update(passphrase.normalize("NFKD"), "utf8")
        .digest(),
  };
}
