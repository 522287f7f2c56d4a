// A home: the folder in which one pairing lives. Rule: its owner's alone, and one process at a time.
//
//   state.db   the engine's database       keys.json  the slots of the device
//   home.json  server, login, device name  lock       held by the process that works
//   .coffre-own  says that the folder is Coffre's own (docs/host-api.md H-36)

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { ServerAddress } from "coffre-engine";
import { CommandFailed, usage } from "./command-end.ts";
import { storageFailure } from "./failure-text.ts";
import { HomeLock } from "./host/home-lock.ts";
import { makeFolders } from "./host/made-folders.ts";
import { locatorOf } from "./host/names.ts";
import { markOwnFolder, OWN_MARK } from "./host/own-folders.ts";
import { syncFolder } from "./host/slots.ts";
import { lookCloser, storageTroubleOf } from "./host/storage-trouble.ts";
import { errnoOf } from "./host/system-error.ts";
import { say } from "./language.ts";
import { showName } from "./printable.ts";

/** Whom a home is paired with; no secrets. */
export interface Pairing {
  readonly server: ServerAddress;
  readonly login: string;
  readonly deviceName: string;
}

/** Each home has one of these. */
const HOME_FILES: ReadonlySet<string> = new Set(["state.db", "home.json", "keys.json", "lock"]);
/** What Coffre itself may have put into one: those, what belongs to them, and what a restore works with. */
const OWN_NAMES = /^(?:(?:state\.db|home\.json|keys\.json|lock)(?:[.-].*)?|work)$/;
/** What a new file system holds. */
const DISK_OWN = "lost+found";

/** A status that looks at the lock lets it go at once; everyone else waits that long. */
const LOCK_WAIT_MS = 400;

/** The home of `--home`, `COFFRE_HOME`, or `~/.coffre`. */
export function findHome(option: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  if (option === "") throw usage(say("home", "empty-name"));
  return resolve(option ?? (env["COFFRE_HOME"] || join(findUserFolder(env), ".coffre")));
}

/** The user's own folder, by HOME or by the system's list of users. */
function findUserFolder(env: Readonly<Record<string, string | undefined>>): string {
  const folder = env["HOME"] || readUserFolder();
  if (folder !== "") return folder;
  throw usage(say("home", "no-user-folder"));
}

function readUserFolder(): string {
  try {
    return userInfo().homedir;
  } catch {
    return "";
  }
}

/** A folder with the files of one engine. */
export class Home {
  readonly folder: string;
  /** The database of a passing home never lies in its folder: it ends with the process, however that ends. */
  readonly isPassing: boolean;

  constructor(folder: string, isPassing = false) {
    this.folder = folder;
    this.isPassing = isPassing;
  }

  get database(): string {
    return join(this.folder, "state.db");
  }

  get keys(): string {
    return join(this.folder, "keys.json");
  }

  /**
   * The locator of the folder, which is made when it is missing, for its owner alone. One that was there stays as it is: a
   * CommandFailed when it holds other things, since others may need it.
   */
  make(): string {
    try {
      makeFolders(this.folder, 0o700);
      const names = readdirSync(this.folder).filter((name) => name !== DISK_OWN && name !== OWN_MARK);
      if (names.length > 0 && !names.some((name) => HOME_FILES.has(name))) throw this.#foreign();
      // What others keep in a home of version 0.1 is theirs to back up: it is left out by its path alone.
      if (names.every((name) => OWN_NAMES.test(name))) markOwnFolder(this.folder);
      return locatorOf(realpathSync(this.folder, "buffer"));
    } catch (error) {
      if (error instanceof CommandFailed) throw error;
      const trouble = storageTroubleOf(error);
      if (trouble === "full") throw storageFailure(trouble, this.folder);
      throw new CommandFailed(
        "host-error",
        say("home", "unusable", { folder: showName(this.folder), error: String(errnoOf(error)) }),
      );
    }
  }

  /** Takes the home for this process; a CommandFailed when another one has it. */
  lock(): HomeLock {
    try {
      const lock = HomeLock.take(join(this.folder, "lock"), LOCK_WAIT_MS);
      if (lock !== null) return lock;
    } catch (error) {
      const trouble = storageTroubleOf(error);
      throw trouble === null ? error : storageFailure(lookCloser(trouble, this.folder), this.folder);
    }
    throw new CommandFailed("user-home-busy", say("home", "busy", { folder: showName(this.folder) }));
  }

  /** A CommandFailed when the home was paired, and its database is gone. */
  checkComplete(): void {
    if (existsSync(this.database) || !existsSync(this.keys) || this.readPairing() === null) return;
    throw new CommandFailed("host-home-damaged", say("home", "state-gone"));
  }

  #foreign(): CommandFailed {
    return usage(say("home", "holds-others", { folder: showName(this.folder) }));
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
    throw new CommandFailed("host-error", say("home", "pairing-unreadable"));
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
