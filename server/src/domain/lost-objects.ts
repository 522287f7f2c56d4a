// What is known of objects that the journal holds damaged, or holds no more (`damaged_objects`). Rule: a lost object keeps
// its number, and whatever else names it (a receipt, a successor) says which it was; what nothing explains may have been
// a second factor.

import type { Database, Transaction } from "./database.ts";
import type { RecordHeader } from "./device-structures.ts";
import type { Id } from "./encodings.ts";

/** Bytes that do not hold, no bytes, or a second object for what another one says already. */
export type LostState = "damaged" | "absent" | "conflict";

export type LostKind = "record" | "epoch" | "base" | "vault-object" | "roster";

/** What a lost object was; `device` and `number` are those of a record, an envelope or (without device) a base. */
export type LostIdentity = { readonly kind: LostKind; readonly device: Id | null; readonly number: number | null };

export type LostObject = {
  readonly vault: Id;
  readonly sequence: number;
  readonly state: LostState;
  readonly identity: LostIdentity | null;
};

type LostRow = {
  vault: Id;
  sequence: number;
  state: LostState;
  kind: LostKind | null;
  device: Id | null;
  number: number | null;
};

/** Notes that the object under this number is lost; `identity` null when nothing says what it was. */
export async function noteLost(
  transaction: Transaction,
  vault: Id,
  sequence: number,
  state: LostState,
  identity: LostIdentity | null,
): Promise<void> {
  await transaction.query(
    `INSERT INTO damaged_objects (vault, sequence, state, kind, device, number, may_hold_factor)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (vault, sequence) DO UPDATE SET state = excluded.state, kind = excluded.kind,
        device = excluded.device, number = excluded.number, may_hold_factor = excluded.may_hold_factor`,
    [
      vault,
      sequence,
      state,
      identity?.kind ?? null,
      identity?.device ?? null,
      identity?.number ?? null,
      identity === null ? 1 : 0,
    ],
  );
}

/** The object under this number is whole again. */
export async function forgetLost(transaction: Transaction, vault: Id, sequence: number): Promise<void> {
  await transaction.query(`DELETE FROM damaged_objects WHERE vault = $1 AND sequence = $2`, [vault, sequence]);
}

/**
 * Finds which lost objects between two numbers are `count` things that are known to be missing, the last one first, and
 * gives their numbers; fewer when there are fewer such objects.
 */
export async function explainLost(
  transaction: Transaction,
  vault: Id,
  between: { readonly after: number; readonly before: number },
  count: number,
  identify: (index: number) => LostIdentity,
): Promise<number[]> {
  const rows = await transaction.query<{ sequence: number }>(
    `SELECT sequence FROM damaged_objects WHERE vault = $1 AND kind IS NULL AND sequence > $2 AND sequence < $3
      ORDER BY sequence DESC LIMIT $4`,
    [vault, between.after, between.before, count],
  );
  for (const [index, { sequence }] of rows.entries()) {
    const { kind, device, number } = identify(index);
    await transaction.query(
      `UPDATE damaged_objects SET kind = $3, device = $4, number = $5, may_hold_factor = 0
        WHERE vault = $1 AND sequence = $2`,
      [vault, sequence, kind, device, number],
    );
  }
  return rows.map((row) => row.sequence);
}

/**
 * Gives rows to records and an envelope that only their successor names: the number of each, and the hash of the one
 * before it. A record whose hash nothing names stands with an empty one.
 */
export async function noteMissingRecords(
  transaction: Transaction,
  vault: Id,
  device: Id,
  header: RecordHeader,
  sequence: number,
): Promise<void> {
  await noteMissingEnvelope(transaction, vault, device, header, sequence);
  const [newest] = await transaction.query<{ number: number; sequence: number }>(
    `SELECT number, sequence FROM records WHERE vault = $1 AND device = $2 ORDER BY number DESC LIMIT 1`,
    [vault, device],
  );
  const last = header.number - 1;
  const count = last - (newest?.number ?? 0);
  if (count <= 0) return;
  const between = { after: newest?.sequence ?? 0, before: sequence };
  const sequences = await explainLost(transaction, vault, between, count, (index) => ({
    kind: "record",
    device,
    number: last - index,
  }));
  for (const [index, lostSequence] of sequences.entries()) {
    const hash = index === 0 ? header.previousHash : "";
    await insertDamagedRecord(transaction, vault, { device, number: last - index, hash, sequence: lostSequence });
  }
}

/** The row of a record that is lost: number and hash keep their place in the log, the bytes are asked for (P-32). */
export async function insertDamagedRecord(
  transaction: Transaction,
  vault: Id,
  lost: {
    readonly device: Id;
    readonly number: number;
    readonly hash: Id | "";
    readonly sequence: number;
    readonly receipt?: Uint8Array;
    readonly timeMs?: number;
  },
): Promise<void> {
  const { device, number, hash, sequence, receipt = new Uint8Array(), timeMs = 0 } = lost;
  await transaction.query(
    `INSERT INTO records (vault, device, number, hash, epoch, size_bytes, receipt, receipt_at_ms, sequence, damaged)
      VALUES ($1, $2, $3, $4, 0, 0, $5, $6, $7, 1) ON CONFLICT (vault, device, number) DO NOTHING`,
    [vault, device, number, hash, receipt, timeMs, sequence],
  );
}

async function noteMissingEnvelope(
  transaction: Transaction,
  vault: Id,
  device: Id,
  header: RecordHeader,
  sequence: number,
): Promise<void> {
  const rows = await transaction.query(
    `INSERT INTO envelopes (vault, device, number, hash, bytes, damaged) VALUES ($1, $2, $3, $4, $5, 1)
      ON CONFLICT (vault, device, number) DO NOTHING RETURNING number`,
    [vault, device, header.epoch, header.envelopeHash, new Uint8Array()],
  );
  if (rows.length === 0) return;
  const number = header.epoch;
  await explainLost(transaction, vault, { after: 0, before: sequence }, 1, () => ({ kind: "epoch", device, number }));
}

/** What the account's second factor is, is known again from this number on. */
export async function forgetFactorDoubt(transaction: Transaction, vault: Id, sequence: number): Promise<void> {
  await transaction.query(`UPDATE damaged_objects SET may_hold_factor = 0 WHERE vault = $1 AND sequence < $2`, [
    vault,
    sequence,
  ]);
}

/** Whether a change of the account's second factor may be among what is lost. */
export async function isFactorDoubtful(database: Database, vault: Id): Promise<boolean> {
  const [row] = await database.read(
    `SELECT 1 AS found FROM damaged_objects WHERE vault = $1 AND may_hold_factor = 1 LIMIT 1`,
    [vault],
  );
  return row !== undefined;
}

/** Whether objects of the account are noted as lost: without an account's row, nothing of it could be read. */
export async function hasLost(database: Database, vault: Id): Promise<boolean> {
  const [row] = await database.read(`SELECT 1 AS found FROM damaged_objects WHERE vault = $1 LIMIT 1`, [vault]);
  return row !== undefined;
}

/** Everything that is noted as lost, by account and number. */
export async function listLost(database: Database): Promise<LostObject[]> {
  const rows = await database.read<LostRow>(
    `SELECT vault, sequence, state, kind, device, number FROM damaged_objects ORDER BY vault, sequence`,
  );
  return rows.map(({ vault, sequence, state, kind, device, number }) => ({
    vault,
    sequence,
    state,
    identity: kind === null ? null : { kind, device, number },
  }));
}
