// A real server in this process on a free port, over a fresh data folder and a clock that tests move. Rule: tests hold
// no private knowledge of the routes; they use `fetch`.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../src/domain/database.ts";
import { DEFAULT_TERMS, type Instance, makeInstance, type Stores, type Terms } from "../src/domain/instance.ts";
import { recoverRows } from "../src/domain/rebuild.ts";
import type { BlobStore, Journal, Room } from "../src/domain/storage.ts";
import { openDataFolder } from "../src/drivers/data-folder.ts";
import { sweepTemporary } from "../src/drivers/disk-blobs.ts";
import type { App } from "../src/routes/app.ts";
import { buildServer, DEFAULT_OPTIONS, type ServerOptions } from "../src/routes/server.ts";

export type Setup = {
  readonly terms?: Partial<Terms>;
  readonly options?: Partial<ServerOptions>;
  readonly wrapDatabase?: (database: Database) => Database;
  readonly wrapBlobs?: (blobs: BlobStore) => BlobStore;
  readonly wrapJournal?: (journal: Journal) => Journal;
  readonly room?: Room;
};

/** A clock that stands still until a test moves it. */
export type Clock = { nowMs: number };

const START_MS = Date.UTC(2026, 0, 1);

/** Opens the stores of a data folder as main.ts does. */
export function openStores(data: string): Promise<Stores> {
  return openDataFolder(data, "serve");
}

/** A server that listens, and what tests need around it. */
export class RunningServer {
  readonly data: string;
  readonly clock: Clock = { nowMs: START_MS };
  readonly #setup: Setup;
  #instance: Instance | null = null;
  #app: App | null = null;
  url = "";

  constructor(data: string, setup: Setup) {
    this.data = data;
    this.#setup = setup;
  }

  get instance(): Instance {
    if (this.#instance === null) throw new Error("the server does not run");
    return this.#instance;
  }

  get app(): App {
    if (this.#app === null) throw new Error("the server does not run");
    return this.#app;
  }

  async start(): Promise<void> {
    await sweepTemporary(join(this.data, "tmp"));
    const stores = await openStores(this.data);
    const {
      wrapDatabase = (database: Database) => database,
      wrapBlobs = (blobs: BlobStore) => blobs,
      wrapJournal = (journal: Journal) => journal,
      room = stores.room,
    } = this.#setup;
    const terms: Terms = { ...DEFAULT_TERMS, registration: "open", ...this.#setup.terms };
    const wrapped = {
      ...stores,
      database: wrapDatabase(stores.database),
      blobs: wrapBlobs(stores.blobs),
      journal: wrapJournal(stores.journal),
      room,
    };
    this.#instance = makeInstance(wrapped, terms, () => this.clock.nowMs);
    await recoverRows(this.#instance);
    this.#app = await buildServer(this.#instance, { ...DEFAULT_OPTIONS, ...this.#setup.options });
    await this.#app.listen({ host: "127.0.0.1", port: 0 });
    const address = this.#app.server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  /** Starts again over the stores alone. */
  async loseDatabase(): Promise<void> {
    await this.stop();
    const names = (await readdir(this.data)).filter((name) => name.startsWith("coffre.db"));
    for (const name of names) await rm(join(this.data, name));
    await this.start();
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.instance.database.close();
    this.#app = null;
    this.#instance = null;
  }
}

/** Runs `work` with a started server, and removes everything afterwards. */
export async function withServer(work: (server: RunningServer) => Promise<void>, setup: Setup = {}): Promise<void> {
  await withFolder(async (data) => {
    const server = new RunningServer(data, setup);
    await server.start();
    try {
      await work(server);
    } finally {
      await server.stop();
    }
  });
}

/** Runs `work` with an empty folder, and removes it afterwards. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "coffre-server-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `target` with some of its methods replaced. */
export function override<Target extends object>(target: Target, methods: Partial<Target>): Target {
  return new Proxy(target, {
    get: (_, name) => {
      if (name in methods) return Reflect.get(methods, name);
      const found: unknown = Reflect.get(target, name);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}
