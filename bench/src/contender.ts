// What is measured: a program that backs a folder up to a server of its own and restores it. Rule: all contenders are asked
// for the same, and each says by itself what its answer is worth.

import type { Input } from "./inputs.ts";

/** What one course took; null where it is not measured. */
export type Figures = {
  readonly seconds: number;
  /** Processor seconds of the program and what it started. */
  readonly clientCpuS: number;
  readonly clientPeakBytes: number | null;
  /** Null where there is no server. */
  readonly serverCpuS: number | null;
  /** Of the server since its start. */
  readonly serverPeakBytes: number | null;
  readonly requests: number | null;
  readonly storedBytes: number | null;
};

/** The calls that put something on stable storage; null: nobody counted. */
export type Flushes = { readonly client: number | null; readonly server: number | null };

export interface Contender {
  readonly name: string;
  /** What it fsyncs and verifies, in a sentence. */
  readonly promise: string;
  /** A repository of its own in `folder`, which is there; `input` is what it will back up. */
  begin(folder: string, input: Input): Promise<void>;
  backUp(): Promise<Figures>;
  /** Backs up again what has not changed. */
  rescan(): Promise<Figures>;
  /** Restores everything below `target`; the input's files are then in `restoredFolder`. */
  restore(target: string): Promise<Figures>;
  /** Where below `target` the input's own files lie after `restore`. */
  restoredFolder(target: string): string;
  /** Stops its server. */
  end(): Promise<void>;
}

/** The courses, in the order in which they are run. */
export const COURSES = ["backup", "rescan", "restore"] as const;
export type Course = (typeof COURSES)[number];
