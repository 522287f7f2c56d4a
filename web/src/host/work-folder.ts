// The files that grow under this tab's own folder in OPFS (docs/host-api.md H-23). Rule: their names tell nothing; the folder is
// held by a Web Lock, and whoever starts removes the folders whose lock is free.
//
// Here two names that some file system takes for one are one: zips are unpacked, and folders picked, on disks of that kind.

const FOLDER = "work";
const MOST_TRIES = 50;
const RETRY_MS = 100;

/** Why bytes were not written. */
export type WriteFailure = "no-space" | "permission" | "io";

interface WorkFile {
  readonly handle: FileSystemFileHandle;
  /** Opened once, however many pieces come at the same time. */
  access: Promise<FileSystemSyncAccessHandle> | null;
}

export class WorkFolder {
  readonly #folder: FileSystemDirectoryHandle;
  readonly #release: () => void;
  readonly #files = new Map<string, WorkFile>();
  #count = 0;

  private constructor(folder: FileSystemDirectoryHandle, release: () => void) {
    this.#folder = folder;
    this.#release = release;
  }

  /** Makes a folder of this tab's own; null where the browser refuses storage (private windows of Firefox). */
  static async open(): Promise<WorkFolder | null> {
    try {
      const top = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
      const name = crypto.randomUUID();
      const release = await holdLock(lockOf(name));
      const folder = await top.getDirectoryHandle(name, { create: true });
      await removeLeftovers(top);
      return new WorkFolder(folder, release);
    } catch {
      return null;
    }
  }

  /** Writes `bytes` at `offset`, making the file; null when they are written. */
  async write(path: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<WriteFailure | null> {
    try {
      const access = await this.#access(await this.#file(path));
      const written = access.write(bytes, { at: offset });
      return written === bytes.length ? null : "no-space";
    } catch (error) {
      return writeFailureOf(error);
    }
  }

  /** The file as the browser shows it, of `sizeBytes` (a shorter one ends in zeros); null when it is not there. */
  async read(path: string, sizeBytes: number | null): Promise<File | null> {
    const file = this.#files.get(keyOf(path));
    if (file === undefined) return null;
    if (sizeBytes !== null) (await this.#access(file)).truncate(sizeBytes);
    await close(file);
    return await file.handle.getFile();
  }

  /** Ends a file at `sizeBytes`. */
  async end(path: string, sizeBytes: number): Promise<void> {
    (await this.#access(await this.#file(path))).truncate(sizeBytes);
  }

  /** An empty file, or an emptied one. */
  async create(path: string): Promise<void> {
    const file = await this.#file(path);
    (await this.#access(file)).truncate(0);
    await close(file);
  }

  async remove(path: string): Promise<void> {
    const file = this.#files.get(keyOf(path));
    if (file === undefined) return;
    await close(file);
    this.#files.delete(keyOf(path));
    await this.#folder.removeEntry(file.handle.name).catch(() => {});
  }

  /** Removes all of it, and lets go of the lock. */
  async erase(): Promise<void> {
    for (const file of this.#files.values()) await close(file);
    this.#files.clear();
    try {
      const top = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER);
      await removeSoon(top, this.#folder.name);
    } finally {
      this.#release();
    }
  }

  async #file(path: string): Promise<WorkFile> {
    const key = keyOf(path);
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    this.#count += 1;
    const made = { handle: await this.#folder.getFileHandle(String(this.#count), { create: true }), access: null };
    // Another piece of the same file may have come meanwhile.
    const other = this.#files.get(key);
    if (other !== undefined) return other;
    this.#files.set(key, made);
    return made;
  }

  #access(file: WorkFile): Promise<FileSystemSyncAccessHandle> {
    file.access ??= file.handle.createSyncAccessHandle();
    return file.access;
  }
}

/** The reason behind an error of writing. */
export function writeFailureOf(error: unknown): WriteFailure {
  const name = error instanceof Error ? error.name : "";
  if (name === "QuotaExceededError") return "no-space";
  return name === "NotAllowedError" || name === "SecurityError" ? "permission" : "io";
}

async function close(file: WorkFile): Promise<void> {
  const opened = file.access;
  file.access = null;
  (await opened)?.close();
}

function keyOf(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

function lockOf(name: string): string {
  return `coffre-work/${name}`;
}

/** Takes the lock for as long as the worker lives, or until the function that comes back is called. */
function holdLock(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = new Promise<void>((release) => {
      navigator.locks
        .request(name, () => {
          resolve(release);
          return held;
        })
        .catch(reject);
    });
  });
}

/** Removes a folder; a file that the browser is just copying holds it for a moment. */
async function removeSoon(top: FileSystemDirectoryHandle, name: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await top.removeEntry(name, { recursive: true });
    } catch (error) {
      if (error instanceof Error && error.name === "NotFoundError") return;
      if (tries === MOST_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Removes the folders of tabs that are no more: their locks are free. */
async function removeLeftovers(top: FileSystemDirectoryHandle): Promise<void> {
  for await (const name of top.keys()) {
    await navigator.locks.request(lockOf(name), { ifAvailable: true }, async (lock) => {
      if (lock !== null) await top.removeEntry(name, { recursive: true }).catch(() => {});
    });
  }
}
