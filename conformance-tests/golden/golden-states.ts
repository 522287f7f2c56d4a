// States that a phone of some release left behind, one for each commit, in one compressed file a release. Rule: written once
// by that release and never again; what they hold is read with the serialization of Node alone.

import { readdirSync, readFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { DurableState } from "../scripted-host/server-state.ts";
import type { TreeStage } from "./golden-scenario.ts";

/** A phone killed after a commit, and its server at that moment. */
export interface GoldenState {
  readonly tables: Uint8Array;
  readonly slots: ReadonlyMap<string, Uint8Array>;
  readonly server: DurableState;
  readonly nowMs: number;
  readonly tree: TreeStage;
}

export interface GoldenRelease {
  readonly release: string;
  readonly schemaVersion: number;
  /** Seeds the server's keys. */
  readonly seed: number;
  /** When the tree was changed, in virtual time. */
  readonly changedAtMs: number;
  readonly states: readonly GoldenState[];
}

const FOLDER = new URL("./releases/", import.meta.url);
const SUFFIX = ".bin.br";
/** All states lie within the window, and repeat each other. */
const WINDOW_BITS = 24;

export function fileOf(release: string): URL {
  return new URL(`${release}${SUFFIX}`, FOLDER);
}

export function pack(release: GoldenRelease): Uint8Array {
  const params = { [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS, [constants.BROTLI_PARAM_QUALITY]: 9 };
  return brotliCompressSync(serialize(release), { params });
}

/** Every release whose states are kept, oldest name first. */
export function readReleases(): readonly GoldenRelease[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(SUFFIX));
  return names.sort().map((name) => deserialize(brotliDecompressSync(readFileSync(new URL(name, FOLDER)))));
}
