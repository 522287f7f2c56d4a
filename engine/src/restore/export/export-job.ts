// What is remembered of an export that is under way. Rule: a process that is asked for the same export of the same vault goes on
// with it; another ask begins anew.

import type { Ask } from "../../border/asks.ts";
import type { VaultId } from "../../ids.ts";
import { getSetting, putSetting } from "../../store/settings.ts";
import type { Store } from "../../store/store.ts";
import { clearExport } from "../tables/export-rows.ts";
import { clearIndex } from "../tables/index-rows.ts";

export type ExportAsk = Ask & { readonly kind: "export" };

/**
 * How far an export is; each phase may be begun again at `offset`.
 *
 *   begin ─▶ logs ─▶ references ─▶ blobs ─▶ sums ─▶ end ─▶ place
 */
export type ExportPhase = "begin" | "logs" | "references" | "blobs" | "sums" | "end" | "place";

/** Setting `exporting`. */
export interface ExportJob {
  readonly ask: ExportAsk;
  readonly server: string;
  readonly vault: VaultId;
  readonly phase: ExportPhase;
  /** How many bytes of the file are written for good. */
  readonly offset: number;
  /** When it began. */
  readonly atMs: number;
}

export function readExportJob(store: Store): ExportJob | null {
  return getSetting(store, "exporting") as ExportJob | null;
}

export function putExportJob(store: Store, job: ExportJob | null): void {
  putSetting(store, "exporting", job);
}

/** The job of this ask: the one under way when it is the same, else a new one, whose phase is `begin`. */
export function takeExportJob(store: Store, wanted: Omit<ExportJob, "phase" | "offset">): ExportJob {
  const job = readExportJob(store);
  if (job !== null && nameOf(job) === nameOf(wanted)) return job;
  clearExport(store);
  clearIndex(store);
  const begun = { ...wanted, phase: "begin", offset: 0 } as const;
  putExportJob(store, begun);
  return begun;
}

function nameOf({ ask, server, vault }: Pick<ExportJob, "ask" | "server" | "vault">): string {
  return JSON.stringify([ask.target, ask.name, ask.work, server, vault]);
}
