// Saving things of a vault: one file, several as a zip, or all into a folder that was picked. Rule: nothing is called saved before
// the last part was authentic and on the disk, and what the browser copies by itself is called handed over.

import type { DamageView, ListingEntry, View } from "coffre-engine";
import { CallFailed, type WorkerClient } from "./worker-client.ts";

/** A place of a vault that is to be saved. */
export interface SavePlace {
  readonly device: string;
  readonly root: string;
  readonly path: string;
}

export type SaveWish =
  | { readonly kind: "file"; readonly place: SavePlace; readonly atMs: number | null }
  | { readonly kind: "zip"; readonly places: readonly SavePlace[]; readonly atMs: number | null }
  | {
      readonly kind: "folder";
      readonly places: readonly SavePlace[];
      readonly folder: FileSystemDirectoryHandle;
      readonly atMs: number | null;
    }
  | {
      readonly kind: "bytes";
      readonly entry: ListingEntry;
      readonly atMs: number | null;
      readonly take: (file: Blob) => void;
    };

export type SaveState =
  | {
      readonly kind: "under-way";
      readonly filesDone: number;
      readonly filesTotal: number;
      readonly bytesDone: number;
      readonly bytesTotal: number;
    }
  | {
      readonly kind: "ended";
      /** What was handed to the browser; null when it went into a folder, or nowhere. */
      readonly handed: { readonly name: string; readonly again: () => void } | null;
      readonly inFolder: boolean;
      readonly damage: readonly DamageView[];
      /** Why nothing, or not all, was saved; null when everything was. */
      readonly code: string | null;
    };

/** For so long a browser may still be copying what was handed to it. */
const HANDING_OVER_MS = 60_000;
const MOST_DAMAGE = 200;

export class SaveJob {
  readonly #client: WorkerClient;
  readonly #wish: SaveWish;
  readonly #show: (state: SaveState) => void;
  readonly #damage: DamageView[] = [];
  #urls: string[] = [];
  #handedAtMs: number | null = null;

  constructor(client: WorkerClient, wish: SaveWish, show: (state: SaveState) => void) {
    this.#client = client;
    this.#wish = wish;
    this.#show = show;
  }

  get isHandingOver(): boolean {
    return this.#handedAtMs !== null && Date.now() - this.#handedAtMs < HANDING_OVER_MS;
  }

  /** Fetches, opens and saves; never rejects. */
  async run(): Promise<void> {
    this.#show({ kind: "under-way", filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0 });
    try {
      await this.#run();
    } catch (error) {
      this.#end(null, error instanceof CallFailed ? error.code : "host-error");
    }
  }

  /** Takes what the engine shows meanwhile. */
  #hear(view: View): void {
    if (view.kind === "damage" && this.#damage.length < MOST_DAMAGE) this.#damage.push(...view.damage);
    if (view.kind !== "progress" || view.phase !== "restoring") return;
    const { filesDone, filesTotal, bytesDone, bytesTotal } = view;
    this.#show({ kind: "under-way", filesDone, filesTotal, bytesDone, bytesTotal });
  }

  stop(): void {
    this.#client.stop();
  }

  /** Lets go of addresses of files. */
  forget(): void {
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }

  async #run(): Promise<void> {
    const wish = this.#wish;
    const locator = await this.#openPlace();
    const places: readonly SavePlace[] =
      wish.kind === "file" ? [wish.place] : wish.kind === "bytes" ? [wish.entry] : wish.places;
    const devices = new Set(places.map(({ device }) => device));
    let code: string | null = null;
    for (const device of devices) {
      const selections = places.filter((place) => place.device === device).map(({ root, path }) => ({ root, path }));
      const at = wish.atMs === null ? {} : { at: wish.atMs };
      const target = { target: locator, work: "work:1", existing: "rename" } as const;
      const ended = await this.#client.ask({ kind: "restore", ...target, ...at, device, selections }, (view) =>
        this.#hear(view),
      );
      if (ended.kind !== "result" || ended.outcome === "ok") continue;
      code = ended.code ?? "host-error";
      if (ended.outcome === "failed" && code === "user-stopped") return this.#end(null, code);
    }
    await this.#handOver(locator, code);
  }

  async #openPlace(): Promise<string> {
    const wish = this.#wish;
    const reply = await this.#client.call(
      wish.kind === "folder"
        ? { kind: "open-folder", folder: wish.folder }
        : { kind: "open-basket", as: wish.kind === "zip" ? "zip" : "file" },
    );
    if (reply.kind !== "locator") throw new CallFailed("host-error");
    return reply.locator;
  }

  async #handOver(locator: string, code: string | null): Promise<void> {
    const wish = this.#wish;
    if (wish.kind === "folder") return this.#end(null, code);
    const reply = await this.#client.call({ kind: wish.kind === "zip" ? "take-zip" : "take-files", locator });
    const [first] = reply.kind === "files" ? reply.files : [];
    if (first === undefined) return this.#end(null, code ?? "host-error");
    if (wish.kind === "bytes") {
      // At most some megabytes; the work file goes at once.
      wish.take(new Blob([await first.file.arrayBuffer()]));
      await this.#client.call({ kind: "close-place", locator });
      return;
    }
    const name = first.name.split("/").at(-1) ?? first.name;
    // By its name's ending it would be a page on our origin.
    const url = URL.createObjectURL(new Blob([first.file], { type: "application/octet-stream" }));
    this.#urls.push(url);
    const again = (): void => {
      this.#handedAtMs = Date.now();
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
    };
    again();
    this.#end({ name, again }, code);
  }

  #end(handed: { readonly name: string; readonly again: () => void } | null, code: string | null): void {
    this.#show({
      kind: "ended",
      handed,
      inFolder: this.#wish.kind === "folder" && code === null,
      damage: this.#damage,
      code,
    });
  }
}
