// The server's keys as files beside the database, readable by their owner only (P-72). Rule: a key is made once, durably,
// before its first use, and never beside data: there a missing one was lost.

import { randomBytes } from "node:crypto";
import { link, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ServerKeys } from "../domain/server-keys.ts";
import { importSeed } from "../domain/signed-bytes.ts";
import { isCode, makeFolder, syncFolder } from "./durable-files.ts";

const SEED_BYTES = 32;

/** Reads the four keys from `folder`; `mayMake` makes those that are not there, else an Error in words. */
export async function openKeyFiles(folder: string, mayMake: boolean): Promise<ServerKeys> {
  if (mayMake) await makeFolder(folder);
  const [receipts, tokens, decoys, addresses] = await Promise.all(
    ["receipts", "tokens", "decoys", "addresses"].map((name) => openSecret(folder, name, mayMake)),
  );
  if (receipts === undefined || tokens === undefined || decoys === undefined || addresses === undefined) {
    throw new Error("a key file could not be read");
  }
  return {
    receiptKey: importSeed(receipts),
    tokenKey: importSeed(tokens),
    decoySecret: decoys,
    addressSecret: addresses,
  };
}

/** The 32 bytes of a key; a first start draws them now. */
async function openSecret(folder: string, name: string, mayMake: boolean): Promise<Uint8Array> {
  const path = join(folder, `${name}.key`);
  const known = await readSecret(path);
  if (known !== null) return known;
  if (!mayMake) {
    throw new Error(
      `keys/${name}.key is missing beside this server's data: put keys/ back from a copy. Without it nobody can log in, and no new key can replace it`,
    );
  }
  const temporary = `${path}.${randomBytes(4).toString("hex")}`;
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(`${randomBytes(SEED_BYTES).toString("hex")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(temporary, path);
  } catch (error) {
    // Another process made it first: its key counts.
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(join(path, ".."));
  const made = await readSecret(path);
  if (made === null) throw new Error("a key file vanished while it was made");
  return made;
}

async function readSecret(path: string): Promise<Uint8Array | null> {
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error("a key file does not hold 64 hex digits; restore it from a copy");
  return new Uint8Array(Buffer.from(text, "hex"));
}
