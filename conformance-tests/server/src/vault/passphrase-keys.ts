// What a passphrase opens (docs/format.md 2 and 3): login key, vault secret, the vault's signing key. Rule: Node's own cryptography,
// and nothing of the project's other programs.

import crypto, {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { formatId, hash } from "./signatures.ts";

/** The bytes before an Ed25519 seed in its PKCS #8 form (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Memory in KiB, passes, lanes. */
export type KdfParameters = readonly [memoryKiB: number, passes: number, lanes: number];

/** False in a Node before 24.7, which has no Argon2. */
export const canStretch: boolean = typeof crypto.argon2Sync === "function";

/** True for parameters that a client may use (F-11), whatever a server says. */
export function isInRange([memoryKiB, passes, lanes]: KdfParameters): boolean {
  const isBetween = (value: number, least: number, most: number) => value >= least && value <= most;
  return isBetween(memoryKiB, 65_536, 1_048_576) && isBetween(passes, 3, 16) && isBetween(lanes, 1, 4);
}

/** Stretches the passphrase's UTF-8 of NFKD form (F-10); 32 bytes. */
export function stretch(
  passphrase: string,
  login: string,
  salt16: Uint8Array,
  [memory, passes, parallelism]: KdfParameters,
): Uint8Array {
  const name = Buffer.from(login, "utf8");
  const nonce = hash(Buffer.from("coffre/1/kdf", "ascii"), Uint8Array.of(name.length), name, salt16).subarray(0, 16);
  const message = Buffer.from(passphrase.normalize("NFKD"), "utf8");
  return new Uint8Array(crypto.argon2Sync("argon2id", { message, nonce, memory, passes, parallelism, tagLength: 32 }));
}

export function deriveLoginKey(stretched: Uint8Array, serverKey: Uint8Array): Uint8Array {
  return derive(stretched, `coffre/1/login/${formatId(hash(serverKey))}`);
}

/** The vault secret under the wrap of a vault object; null when the passphrase is another one. */
export function openWrap(
  wrap: Uint8Array,
  stretched: Uint8Array,
  vault: string,
  parameters: KdfParameters,
  salt16: Uint8Array,
): Uint8Array | null {
  return open(
    derive(stretched, "coffre/1/unlock"),
    `coffre/1/wrap/${vault}/${parameters.join("/")}/${formatId(salt16)}`,
    wrap,
  );
}

/** The vault's Ed25519 key. */
export function deriveSigningKey(vaultSecret: Uint8Array): KeyObject {
  const seed = derive(vaultSecret, "coffre/1/vault-sign");
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
}

/** A device's name as the roster holds it (F-34): 92 bytes. */
export function sealDeviceName(vaultSecret: Uint8Array, vault: string, device: string, name: string): Uint8Array {
  const padded = new Uint8Array(64);
  padded.set(Buffer.from(name, "utf8"));
  return seal(derive(vaultSecret, "coffre/1/names"), `coffre/1/name/${vault}/${device}`, padded);
}

function derive(key: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, new Uint8Array(0), info, 32));
}

function seal(root: Uint8Array, context: string, bytes: Uint8Array): Uint8Array {
  const { key, nonceOf } = sealingKeys(root, context);
  const nonce = nonceOf(bytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context, "ascii"));
  return new Uint8Array(Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
}

/** The opened bytes; null when they were not sealed under this root and context (F-21). */
function open(root: Uint8Array, context: string, sealed: Uint8Array): Uint8Array | null {
  const { key, nonceOf } = sealingKeys(root, context);
  const nonce = sealed.subarray(0, NONCE_BYTES);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce)
      .setAAD(Buffer.from(context, "ascii"))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    const middle = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
    const bytes = new Uint8Array(Buffer.concat([decipher.update(middle), decipher.final()]));
    return Buffer.compare(nonceOf(bytes), nonce) === 0 ? bytes : null;
  } catch {
    return null;
  }
}

function sealingKeys(root: Uint8Array, context: string) {
  const info = Buffer.from(context, "ascii");
  const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]) =>
    createHmac("sha256", key).update(Buffer.concat(parts)).digest();
  // HKDF-Expand to 64 bytes (RFC 5869 §2.3): two blocks.
  const key = hmac(root, info, Uint8Array.of(1));
  const nonceKey = hmac(root, key, info, Uint8Array.of(2));
  return { key, nonceOf: (bytes: Uint8Array) => hmac(nonceKey, hash(bytes)).subarray(0, NONCE_BYTES) };
}
