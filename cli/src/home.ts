// A home: the folder in which one pairing lives. Rule: its owner's alone, and one process at a time.
//
//   state.db   the engine's database       keys.json  the slots of the device
//   home.json  server, login, device name  lock       held by the process that works

import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { ServerAddress } from "coffre-engine";
import { CommandFailed } from "./command-end.ts";
import { HomeLock } from "./host/home-lock.ts";
import { errnoOf } from "./host/host-fault.ts";
import { locatorOf } from "./host/names.ts";
import { syncFolder } from "./host/slots.ts";

/** Whom a home is paired with; no secrets. */
export interface Pairing {
  readonly server: ServerAddress;
  readonly login: string;
  readonly deviceName: string;
}

/** A status that looks at the lock lets it go at once; everyone else waits that long. */
const LOCK_WAIT_MS = 400;

/** The home of `--home`, `COFFRE_HOME`, or `~/.coffre`. */
export function findHome(option: string | undefined): string {
  return resolve(option ?? (process.env["COFFRE_HOME"] || join(homedir(), ".coffre")));
}

/** A folder with the files of one engine. */
export class Home {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get database(): string {
    return join(this.folder, "state.db");
  }

  get keys(): string {
    return join(this.folder, "keys.json");
  }

  /** The locator of the folder, which is made when it is missing. */
  make(): string {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      chmodSync(this.folder, 0o700);
      return locatorOf(realpathSync(this.folder, "buffer"));
    } catch (error) {
      throw new CommandFailed(
        "host-error",
        `The folder for Coffre's own files cannot be made (${errnoOf(error)}): choose another one.`,
      );
    }
  }

  /** Takes the home for this process; a CommandFailed when another one has it. */
  lock(): HomeLock {
    const lock = HomeLock.take(join(this.folder, "lock"), LOCK_WAIT_MS);
    if (lock !== null) return lock;
    throw new CommandFailed("user-home-busy", "Another coffre works with this home: wait until it ends, or stop it.");
  }

  /** Whether another process works with the home now. */
  isBusy(): boolean {
    try {
      const lock = HomeLock.take(join(this.folder, "lock"), 0);
      lock?.release();
      return lock === null;
    } catch {
      return false;
    }
  }

  /** Whom the home is paired with, or null; a CommandFailed when its file does not say it. */
  readPairing(): Pairing | null {
    let pairing: Pairing | null = null;
    try {
      pairing = parsePairing(readFileSync(this.#pairingFile, "utf8"));
    } catch (error) {
      if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return null;
    }
    if (pairing !== null) return pairing;
    throw new CommandFailed(
      "host-error",
      "The file home.json of this home cannot be read: restore it, or pair anew in another home.",
    );
  }

  writePairing(pairing: Pairing): void {
    const draft = `${this.#pairingFile}.new`;
    const fd = openSync(draft, "w", 0o600);
    try {
      writeSync(fd, `${JSON.stringify(pairing, null, 2)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, this.#pairingFile);
    syncFolder(this.folder);
  }

  removePairing(): void {
    rmSync(this.#pairingFile, { force: true });
  }

  get #pairingFile(): string {
    return join(this.folder, "home.json");
  }
}

/** The pairing in the text of a `home.json`, or null when it is none; a SyntaxError for text that is not JSON. */
function parsePairing(text: string): Pairing | null {
  const read: Partial<Record<keyof Pairing, unknown>> | null = JSON.parse(text);
  const { server, login, deviceName } = read ?? {};
  if (typeof login !== "string" || typeof deviceName !== "string") return null;
  if (typeof server !== "object" || server === null || !("url" in server) || typeof server.url !== "string")
    return null;
  if (!("pin" in server) || server.pin === undefined) return { server: { url: server.url }, login, deviceName };
  return typeof server.pin === "string" ? { server: { url: server.url, pin: server.pin }, login, deviceName } : null;
}
