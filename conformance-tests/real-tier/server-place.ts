// Where a round's server keeps its data, and how much room it has there. Rule: a small file system is mounted where that is
// allowed; else a quota stands in for it, and whoever runs the rounds is told.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ENOUGH = "600m";

/** Whether this user may mount a file system. */
export function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "coffre-mount-"));
  try {
    mount(folder, "1m");
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

export class ServerPlace {
  readonly folder: string;
  readonly #isMounted: boolean;
  #quotaBytes: number | null = null;

  /** `roomBytes` null: as much as the disk has. */
  constructor(folder: string, roomBytes: number | null, isMountable: boolean) {
    this.folder = folder;
    this.#isMounted = roomBytes !== null && isMountable;
    mkdirSync(folder);
    if (roomBytes === null) return;
    if (isMountable) mount(folder, `${Math.ceil(roomBytes / 1024)}k`);
    else this.#quotaBytes = roomBytes;
  }

  /** What a server here is to be started with. */
  get options(): readonly string[] {
    return this.#quotaBytes === null ? [] : ["--quota", String(this.#quotaBytes)];
  }

  /** Gives room enough; true when a server that runs must be started again to know of it. */
  enlarge(): boolean {
    const hadQuota = this.#quotaBytes !== null;
    this.#quotaBytes = null;
    if (this.#isMounted) execFileSync("mount", ["-o", `remount,size=${ENOUGH}`, this.folder]);
    return hadQuota;
  }

  /** Gives the file system back; its content is gone. */
  remove(): void {
    if (this.#isMounted) execFileSync("umount", [this.folder]);
  }
}

function mount(folder: string, size: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { stdio: "ignore" });
}
