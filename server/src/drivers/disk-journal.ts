// The journal of account changes as files `journal/<shard>/<vault>/<number>` (P-71). Rule: a number's file appears whole
// (written and synced under another name, then linked) and is only ever replaced whole.

import { randomBytes } from "node:crypto";
import { link, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Id } from "../domain/encodings.ts";
import type { Journal } from "../domain/storage.ts";
import { isCode, makeFolder, syncFolder, translateFull } from "./durable-files.ts";
import { StoreRoot } from "./store-root.ts";

const SHARD = /^[0-9a-f]{2}$/;
const VAULT = /^[0-9a-f]{64}$/;
const NUMBER = /^[1-9][0-9]{0,15}$/;

export class DiskJournal extends StoreRoot implements Journal {
  readonly #temporary: string;

  constructor(root: string, temporary: string) {
    super(root);
    this.#temporary = temporary;
  }

  append(vault: Id, sequence: number, bytes: Uint8Array): Promise<"written" | "taken"> {
    return translateFull(async () => {
      const path = join(this.#temporary, randomBytes(16).toString("hex"));
      try {
        await writeDurably(path, bytes);
        await this.check();
        await makeFolder(this.#folder(vault));
        await link(path, this.#path(vault, sequence));
      } catch (error) {
        if (isCode(error, "EEXIST")) return "taken";
        throw error;
      } finally {
        await rm(path, { force: true });
      }
      await syncFolder(this.#folder(vault));
      return "written";
    });
  }

  replace(vault: Id, sequence: number, bytes: Uint8Array): Promise<void> {
    return translateFull(async () => {
      const path = join(this.#temporary, randomBytes(16).toString("hex"));
      try {
        await writeDurably(path, bytes);
        await this.check();
        await makeFolder(this.#folder(vault));
        await rename(path, this.#path(vault, sequence));
      } finally {
        await rm(path, { force: true });
      }
      await syncFolder(this.#folder(vault));
    });
  }

  read(vault: Id, sequence: number): Promise<Uint8Array | null> {
    return this.unlessMissing(() => readFile(this.#path(vault, sequence)));
  }

  async list(vault: Id): Promise<number[]> {
    const names = (await this.unlessMissing(() => readdir(this.#folder(vault)))) ?? [];
    return names
      .filter((name) => NUMBER.test(name))
      .map(Number)
      .sort((left, right) => left - right);
  }

  async remove(vault: Id, sequence: number): Promise<void> {
    await this.check();
    await translateFull(() => rm(this.#path(vault, sequence), { force: true }));
    await syncFolder(this.#folder(vault));
  }

  async listVaults(): Promise<Id[]> {
    const vaults: Id[] = [];
    await this.check();
    for (const shard of (await this.unlessMissing(() => readdir(this.path))) ?? []) {
      if (!SHARD.test(shard)) continue;
      const names = (await this.unlessMissing(() => readdir(join(this.path, shard)))) ?? [];
      vaults.push(...(names.filter((name) => VAULT.test(name)) as Id[]));
    }
    await this.check();
    return vaults;
  }

  #folder(vault: Id): string {
    return join(this.path, vault.slice(0, 2), vault);
  }

  #path(vault: Id, sequence: number): string {
    return join(this.#folder(vault), String(sequence));
  }
}

/** Opens the journal below `root`. */
export async function openDiskJournal(root: string, temporary: string): Promise<Journal> {
  await makeFolder(root);
  await makeFolder(temporary);
  return new DiskJournal(root, temporary);
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
