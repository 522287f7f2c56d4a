// Giving one account the rows of all its objects, after a start (P-71). Rule: numbers are listed where some may be missing;
// a gap is closed by an `empty` object, so that its number is never used again and the next start need not list.

import { applyFound, type LedgerStores, readSequence, salvageBytes } from "./applying.ts";
import { insertVault, writeRows } from "./change-rows.ts";
import { type AccountChange, type EmptyReason, encodeChange } from "./changes.ts";
import type { Id } from "./encodings.ts";
import { readObject } from "./journal-objects.ts";
import { forgetFactorDoubt, hasLost, type LostIdentity, noteLost } from "./lost-objects.ts";
import { NO_BLOBS } from "./named-blobs.ts";
import { Refusal } from "./refusal.ts";
import { parseRoster } from "./roster.ts";
import { parseVaultObject, type VaultObject } from "./vault-object.ts";

export type VaultRecovery = {
  /** Objects that have their rows now. */
  readonly changes: number;
  /** Numbers of vault objects that version 0.1 removed after P-24's days. */
  readonly removed: readonly number[];
  /** Numbers of objects that were damaged and could be written again from what they still held. */
  readonly mended: readonly number[];
  /** No whole vault object is left: the account has no row, and everything of it is kept as it is. */
  readonly isUnreadable: boolean;
};

const NOTHING: VaultRecovery = { changes: 0, removed: [], mended: [], isUnreadable: false };

/** More missing numbers than this are no journal of ours. */
const MAX_GAPS = 1_000_000;

type Survey = {
  readonly objects: readonly { readonly sequence: number; readonly object: VaultObject; readonly timeMs: number }[];
  readonly rosters: readonly Uint8Array[];
  readonly damaged: readonly number[];
  /** Whether something other than `empty` objects was found. */
  readonly hasContent: boolean;
};

/**
 * Applies what is there. Without `mayList` it asks for the next number by name, which is enough where none can be missing;
 * what is there then tells of a database older than its store, and the numbers are listed.
 */
export async function recoverVault(stores: LedgerStores, vault: Id, mayList: boolean): Promise<VaultRecovery> {
  const known = await readSequence(stores.database, vault);
  if (known !== null && known > 0 && !mayList && (await readObject(stores.journal, vault, known + 1)).kind === "absent")
    return NOTHING;
  const numbers = await stores.journal.list(vault);
  const gaps = findGaps(numbers);
  const mustSurvey = known === null || gaps.length > 0;
  const survey = await surveyObjects(stores, vault, mustSurvey ? numbers : [], known ?? 0);
  if (known === null && !(await beginVault(stores, vault, survey, gaps)))
    return { ...NOTHING, isUnreadable: await hasLost(stores.database, vault) };
  const removed = await findRemoved(stores, vault, gaps, survey);
  await closeKnownGaps(stores, vault, gaps, known ?? 0, removed);
  const applied = await applyNumbers(stores, vault, numbers, known ?? 0, removed);
  return { ...applied, removed: [...removed], isUnreadable: false };
}

/** Applies the listed numbers after `known` in order, and closes the gaps between them. */
async function applyNumbers(
  stores: LedgerStores,
  vault: Id,
  numbers: readonly number[],
  known: number,
  removed: ReadonlySet<number>,
): Promise<{ changes: number; mended: number[] }> {
  const present = new Set(numbers);
  const mended: number[] = [];
  const last = numbers.at(-1) ?? 0;
  for (let sequence = known + 1; sequence <= last; sequence += 1) {
    if (!present.has(sequence)) await closeGap(stores, vault, sequence, removed.has(sequence) ? "removed" : "lost");
    const found = await readObject(stores.journal, vault, sequence);
    const outcome = await applyFound(stores, vault, sequence, found, "rows-may-be-older");
    if (outcome === "mended") mended.push(sequence);
  }
  return { changes: Math.max(0, last - known), mended };
}

/** What the objects after `known` say of vault objects and rosters, damaged objects included. */
async function surveyObjects(
  stores: LedgerStores,
  vault: Id,
  numbers: readonly number[],
  known: number,
): Promise<Survey> {
  const objects: { sequence: number; object: VaultObject; timeMs: number }[] = [];
  const rosters: Uint8Array[] = [];
  const damaged: number[] = [];
  let hasContent = false;
  for (const sequence of numbers.filter((number) => number > known)) {
    const found = await readObject(stores.journal, vault, sequence);
    if (found.kind === "absent") continue;
    if (found.kind === "damaged") damaged.push(sequence);
    const changes =
      found.kind === "whole" ? [found.change] : listChanges(await salvageBytes(stores, vault, found.bytes));
    if (changes.some((change) => change.kind !== "empty") || found.kind === "damaged") hasContent = true;
    for (const change of changes) {
      if (change.kind === "account" || change.kind === "vault-object") {
        const object = attempt(() => parseVaultObject(change.vaultObject));
        if (object?.vault === vault) objects.push({ sequence, object, timeMs: change.timeMs });
      }
      if (change.kind === "account" || change.kind === "roster") rosters.push(change.roster);
    }
  }
  return { objects, rosters, damaged, hasContent };
}

function listChanges(salvage: Awaited<ReturnType<typeof salvageBytes>>): readonly AccountChange[] {
  switch (salvage.kind) {
    case "whole":
      return [salvage.change];
    case "part":
      return salvage.changes;
    case "nothing":
      return [];
  }
}

/**
 * Makes the account's row out of the first vault object that is left, before all objects are applied in their order; with
 * its newest roster, so that devices are known to what they wrote. False when there is no whole vault object.
 */
async function beginVault(stores: LedgerStores, vault: Id, survey: Survey, gaps: readonly number[]): Promise<boolean> {
  const [first] = survey.objects;
  await stores.database.transaction((transaction) =>
    transaction.query(`DELETE FROM damaged_objects WHERE vault = $1`, [vault]),
  );
  if (first === undefined) {
    if (survey.hasContent || gaps.length > 0) await noteUnreadable(stores, vault, survey, gaps);
    return false;
  }
  const roster = survey.rosters
    .filter((bytes) => attempt(() => parseRoster(bytes, vault, first.object.signingKey)) !== null)
    .at(-1);
  await stores.database.transaction(async (transaction) => {
    if (!(await insertVault(transaction, first.object, 0, first.timeMs))) return;
    if (roster !== undefined) await writeRows(transaction, vault, 0, { kind: "roster", roster }, NO_BLOBS);
  });
  return true;
}

async function noteUnreadable(stores: LedgerStores, vault: Id, survey: Survey, gaps: readonly number[]): Promise<void> {
  const damaged = survey.damaged.map((sequence) => ({ sequence, state: "damaged" as const }));
  const absent = gaps.map((sequence) => ({ sequence, state: "absent" as const }));
  const lost =
    damaged.length + absent.length > 0 ? [...damaged, ...absent] : [{ sequence: 1, state: "absent" as const }];
  await stores.database.transaction(async (transaction) => {
    for (const { sequence, state } of lost) await noteLost(transaction, vault, sequence, state, null);
  });
}

/** The structure, or null when the bytes are none. */
function attempt<Structure>(parse: () => Structure): Structure | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** The numbers below the highest one that are not there. */
function findGaps(numbers: readonly number[]): number[] {
  const last = numbers.at(-1) ?? 0;
  if (last - numbers.length > MAX_GAPS) throw new Error("the numbers of an account's objects lie too far apart");
  const present = new Set(numbers);
  const gaps: number[] = [];
  for (let number = 1; number < last; number += 1) if (!present.has(number)) gaps.push(number);
  return gaps;
}

/**
 * The gaps that version 0.1 left when it removed replaced vault objects (P-24): their numbers have none between them, so
 * as many gaps between two of them as numbers are missing are those.
 */
async function findRemoved(
  stores: LedgerStores,
  vault: Id,
  gaps: readonly number[],
  survey: Survey,
): Promise<Set<number>> {
  const rows = await stores.database.read<{ number: number; sequence: number }>(
    `SELECT number, sequence FROM vault_objects WHERE vault = $1`,
    [vault],
  );
  const places = new Map(rows.map((row) => [row.number, row.sequence]));
  for (const { object, sequence } of survey.objects) places.set(object.number, sequence);
  const newest = Math.max(0, ...places.keys());
  const open = new Set(gaps);
  const removed = new Set<number>();
  // An account's first object is its first vault object, and rows remember where others stood.
  if (newest > 1 && open.has(1)) places.set(1, 1);
  for (const [number, sequence] of places) if (number < newest && open.has(sequence)) removed.add(sequence);
  let before = { number: 0, sequence: 0 };
  for (const [number, sequence] of [...places].sort(([left], [right]) => left - right)) {
    const between = gaps.filter((gap) => gap > before.sequence && gap < sequence);
    if (between.length === number - before.number - 1) for (const gap of between) removed.add(gap);
    before = { number, sequence };
  }
  // Version 0.1 gave the roster an object of its own before the account's first object went.
  const [roster] = await stores.database.read("SELECT 1 AS found FROM rosters WHERE vault = $1", [vault]);
  if (roster === undefined) removed.delete(1);
  return removed;
}

/** Numbers that have their rows and no object: what rows hold is not lost, records and bases are asked for again. */
async function closeKnownGaps(
  stores: LedgerStores,
  vault: Id,
  gaps: readonly number[],
  known: number,
  removed: ReadonlySet<number>,
): Promise<void> {
  for (const sequence of gaps.filter((gap) => gap <= known)) {
    if (removed.has(sequence)) {
      await closeGap(stores, vault, sequence, "removed");
      continue;
    }
    await closeGap(stores, vault, sequence, "lost");
    await stores.database.transaction(async (transaction) => {
      const where = `WHERE vault = $1 AND sequence = $2`;
      const [record] = await transaction.query<{ device: Id; number: number }>(
        `UPDATE records SET damaged = 1 ${where} RETURNING device, number`,
        [vault, sequence],
      );
      const [base] = await transaction.query<{ number: number }>(
        `UPDATE bases SET damaged = 1 ${where} RETURNING number`,
        [vault, sequence],
      );
      await noteLost(transaction, vault, sequence, "absent", identify(record, base));
      await forgetFactorDoubt(transaction, vault, sequence + 1);
    });
  }
}

function identify(
  record: { device: Id; number: number } | undefined,
  base: { number: number } | undefined,
): LostIdentity | null {
  if (record !== undefined) return { kind: "record", ...record };
  return base === undefined ? null : { kind: "base", device: null, number: base.number };
}

async function closeGap(stores: LedgerStores, vault: Id, sequence: number, reason: EmptyReason): Promise<void> {
  await stores.journal.append(vault, sequence, encodeChange(vault, sequence, { kind: "empty", reason }));
}
