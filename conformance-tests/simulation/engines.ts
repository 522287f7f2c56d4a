// Starts the simulator's engines. Rule: one compiled function for each bundle, called once for each engine, since a seed
// starts a dozen of them; what a bare context lacks is tested elsewhere.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { compileFunction } from "node:vm";
import { bundleInQuickJs, type EngineFactory, type Powers } from "../scripted-host/script-engines.ts";

/** DER in front of a raw Ed25519 public key and seed (RFC 8410 §4 and §7). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

const MOST_KEYS = 64;
const keys = new Map<string, KeyObject>();

const POWERS: Powers = { simulatedEd25519 };

type Instantiate = (globals: object) => void;

/** Engines of a bundle in this thread. */
export function enginesOf(script: string): EngineFactory {
  const instantiate = compileFunction(script, ["globalThis"], { filename: "engine.js" }) as unknown as Instantiate;
  return (store) => {
    const globals = {
      ...POWERS,
      storeRun: store.run,
      storeRunMany: store.runMany,
      storeAll: store.all,
    } as unknown as { handle(text: string): string };
    instantiate(globals);
    return { handle: (text) => globals.handle(text) };
  };
}

/** Engines of a bundle in QuickJS. */
export async function quickJsEnginesOf(script: string): Promise<EngineFactory> {
  return await bundleInQuickJs(script, POWERS);
}

/** `key SEED`, `sign SEED MESSAGE` or `verify KEY MESSAGE SIGNATURE`, in base64. */
function simulatedEd25519(text: string): string {
  const [what, ...fields] = text.split(" ");
  const [key, message, signature] = fields.map((field) => Buffer.from(field, "base64")) as [Buffer, Buffer, Buffer];
  switch (what) {
    case "key":
      return spkiOf(key).subarray(SPKI_PREFIX.length).toString("base64");
    case "sign":
      return sign(null, message, privateKeyOf(key)).toString("base64");
    default:
      return isSigned(key, message, signature) ? "yes" : "no";
  }
}

function isSigned(key: Buffer, message: Buffer, signature: Buffer): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  try {
    const publicKey = keep(`public ${key.toString("base64")}`, () =>
      createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: "der", type: "spki" }),
    );
    return verify(null, message, publicKey, signature);
  } catch {
    return false;
  }
}

function privateKeyOf(seed: Buffer): KeyObject {
  return keep(`private ${seed.toString("base64")}`, () =>
    createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" }),
  );
}

/** The key of a name, read once: a story uses the same few keys over and over. */
function keep(name: string, read: () => KeyObject): KeyObject {
  const known = keys.get(name);
  if (known !== undefined) return known;
  if (keys.size >= MOST_KEYS) keys.clear();
  const key = read();
  keys.set(name, key);
  return key;
}

function spkiOf(seed: Buffer): Buffer {
  return createPublicKey(privateKeyOf(seed)).export({ format: "der", type: "spki" });
}
