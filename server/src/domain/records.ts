// Appending: epochs, records and bases (P-33, P-50 to P-54, P-60). Rule: a record is taken only when everything that it
// needs is durable, and its receipt leaves only after the record's commit.

import { parseBaseBody } from "./base-body.ts";
import { type Caller, requireStanding } from "./callers.ts";
import { healBase, healRecord, readLogObject } from "./damage.ts";
import { parseEnvelope, parseRecord, type RecordHeader } from "./device-structures.ts";
import { formatBase64, hashId, type Id } from "./encodings.ts";
import type { Instance } from "./instance.ts";
import type { Decision } from "./ledger.ts";
import { readHead } from "./logs.ts";
import { listLacking } from "./references.ts";
import { Refusal } from "./refusal.ts";
import { makeReceipt } from "./server-keys.ts";

export type Outcome = "created" | "repeated";

/** How far above its newest envelope a device may number one: a stolen token must not use up the numbers (P-33). */
const EPOCHS_AHEAD = 1_024;

/** Stores an envelope once; Refusals `malformed`, `epoch-differs`, `epoch-too-high`. */
export async function putEnvelope(
  instance: Instance,
  caller: Caller & { readonly device: Id },
  number: number,
  bytes: Uint8Array,
): Promise<Outcome> {
  const { vault, device } = caller;
  const [row] = await instance.database.read<{ signing_key: Uint8Array }>(
    `SELECT signing_key FROM devices WHERE vault = $1 AND device = $2`,
    [vault, device],
  );
  if (row === undefined) throw new Refusal("not-found");
  const hash = parseEnvelope(bytes, vault, device, number, row.signing_key);
  return instance.ledger.change<Outcome>(vault, async () => {
    const [known] = await instance.database.read<{ hash: Id; damaged: number }>(
      `SELECT hash, damaged FROM envelopes WHERE vault = $1 AND device = $2 AND number = $3`,
      [vault, device, number],
    );
    if (known !== undefined && known.hash !== hash) throw new Refusal("epoch-differs");
    if (known?.damaged === 0) return { change: null, result: "repeated" };
    await requireStillStanding(instance, caller);
    if (known === undefined) {
      await requireReachable(instance, caller, number);
      (await instance.quotas.reserve(vault, device, bytes.length)).release();
    }
    const result = known === undefined ? "created" : "repeated";
    return { change: { kind: "epoch", device, number, envelope: bytes }, result };
  });
}

/** Refuses `epoch-too-high` for a number that leaves too few for the epochs to come. */
async function requireReachable(instance: Instance, { vault, device }: Caller, number: number): Promise<void> {
  const [row] = await instance.database.read<{ newest: number | null }>(
    `SELECT max(number) AS newest FROM envelopes WHERE vault = $1 AND device = $2`,
    [vault, device],
  );
  if (number > (row?.newest ?? 0) + EPOCHS_AHEAD) throw new Refusal("epoch-too-high");
}

/** Appends a record and gives its receipt; Refusals `malformed`, `record-conflict`, `record-needs`, `quota-exceeded`. */
export async function putRecord(
  instance: Instance,
  caller: Caller & { readonly device: Id },
  number: number,
  bytes: Uint8Array,
): Promise<{ outcome: Outcome; receipt: string }> {
  const { vault, device } = caller;
  const header = parseRecord(bytes, vault, device, number);
  return instance.ledger.change(vault, async () => {
    const receipt = await repeatRecord(instance, caller, header, bytes);
    if (receipt !== null) return { change: null, result: { outcome: "repeated", receipt: formatBase64(receipt) } };
    return checkRecord(instance, caller, header, bytes);
  });
}

/** Stores a base; Refusals `malformed`, `number-differs`, `base-needs`. */
export async function putBase(instance: Instance, caller: Caller, number: number, body: Uint8Array): Promise<Outcome> {
  const { vault } = caller;
  const [row] = await instance.database.read<{ signing_key: Uint8Array }>(
    `SELECT signing_key FROM vaults WHERE vault = $1`,
    [vault],
  );
  if (row === undefined) throw new Refusal("not-found");
  const need = parseBaseBody(body, vault, number, row.signing_key);
  return instance.ledger.change<Outcome>(vault, async () => {
    const [known] = await instance.database.read<{ hash: Id; damaged: number; sequence: number }>(
      `SELECT hash, damaged, sequence FROM bases WHERE vault = $1 AND number = $2`,
      [vault, number],
    );
    if (known !== undefined) {
      if (known.hash !== hashId(body)) throw new Refusal("number-differs");
      if (known.damaged === 1) await healBase(instance, vault, known.sequence, { kind: "base", number, body });
      return { change: null, result: "repeated" };
    }
    const missing = await listLacking(instance, vault, need, instance.terms.limits.idsPerRecord);
    if (missing.length > 0) throw new Refusal("base-needs", "", { missing });
    (await instance.quotas.reserve(vault, null, body.length)).release();
    return { change: { kind: "base", number, body }, result: "created" };
  });
}

/** A base's body as it came; Refusal `not-found` when there is none. */
export async function readBase(instance: Instance, vault: Id, number: number): Promise<Uint8Array> {
  const [row] = await instance.database.read<{ sequence: number }>(
    `SELECT sequence FROM bases WHERE vault = $1 AND number = $2 AND damaged = 0`,
    [vault, number],
  );
  if (row === undefined) throw new Refusal("not-found");
  const change = await readLogObject(instance, vault, row.sequence, "base");
  if (change === null) throw new Refusal("not-found");
  return change.body;
}

async function checkRecord(
  instance: Instance,
  caller: Caller & { readonly device: Id },
  header: RecordHeader,
  bytes: Uint8Array,
): Promise<Decision<{ outcome: Outcome; receipt: string }>> {
  const { vault, device } = caller;
  const { number, hash } = header;
  await requireStillStanding(instance, caller);
  const head = await readHead(instance, vault, device);
  if (number !== head.number + 1 || header.previousHash !== head.hash) {
    throw new Refusal("record-conflict", "", { head: { number: head.number, hash: head.hash, receipt: head.receipt } });
  }
  const [envelope] = await instance.database.read<{ hash: Id }>(
    `SELECT hash FROM envelopes WHERE vault = $1 AND device = $2 AND number = $3 AND damaged = 0`,
    [vault, device, header.epoch],
  );
  const needsEnvelope = envelope?.hash !== header.envelopeHash;
  const missing = await listLacking(instance, vault, header, instance.terms.limits.idsPerRecord);
  if (needsEnvelope || missing.length > 0) throw new Refusal("record-needs", "", { missing, envelope: needsEnvelope });
  // Under the account's lock the rows count the record before another one is checked: nothing is held over the write.
  (await instance.quotas.reserve(vault, device, bytes.length)).release();
  const timeMs = instance.now();
  const receipt = makeReceipt(instance.keys, { vault, device, number, hash, timeMs });
  return {
    change: { kind: "record", device, number, record: bytes, receipt, timeMs },
    result: { outcome: "created", receipt: formatBase64(receipt) },
  };
}

/** The receipt of a record that is stored already, which is written again where it is damaged; else null. */
async function repeatRecord(
  instance: Instance,
  caller: Caller & { readonly device: Id },
  header: RecordHeader,
  record: Uint8Array,
): Promise<Uint8Array | null> {
  const { vault, device } = caller;
  const { number, hash } = header;
  const [row] = await instance.database.read<{
    receipt: Uint8Array;
    receipt_at_ms: number;
    sequence: number;
    damaged: number;
  }>(
    `SELECT receipt, receipt_at_ms, sequence, damaged FROM records
      WHERE vault = $1 AND device = $2 AND number = $3 AND hash = $4`,
    [vault, device, number, hash],
  );
  if (row === undefined) return null;
  if (row.damaged === 0) return row.receipt;
  await requireStillStanding(instance, caller);
  // A record that only its successor named has no receipt any more: it gets one now that its bytes are there.
  const isLost = row.receipt.length === 0;
  const timeMs = isLost ? instance.now() : row.receipt_at_ms;
  const receipt = isLost ? makeReceipt(instance.keys, { vault, device, number, hash, timeMs }) : row.receipt;
  const lost = { kind: "record", device, number, record, receipt, timeMs, sequence: row.sequence } as const;
  await healRecord(instance, vault, lost, header);
  return receipt;
}

/** P-31: the device's row is read again when a PUT commits. */
function requireStillStanding(instance: Instance, caller: Caller): Promise<void> {
  return requireStanding({ query: (sql, values) => instance.database.read(sql, values) }, caller);
}
