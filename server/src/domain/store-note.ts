// Whose stores and keys these are: the database, `blobs/` and `journal/` each hold the same note (P-72). Rule: what is
// missing beside rows was lost or is not mounted, and is refused in words; nothing is made in its place.

import { randomBytes } from "node:crypto";
import type { Database } from "./database.ts";
import { formatId, type Id } from "./encodings.ts";
import { readKeyFingerprints, type ServerKeys } from "./server-keys.ts";
import { readSetting, STORE_NOTE, writeSetting } from "./settings.ts";
import type { BlobStore, Journal, MarkedStore, StoredBlob } from "./storage.ts";

type Stores = {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly journal: Journal;
  readonly keys: ServerKeys;
};

type Note = { readonly store: Id; readonly keys: Readonly<Record<string, string>> };

/** `serve` writes the note where the rows' things are there, `rebuild` anew, `operate` only compares. */
export type Purpose = "serve" | "rebuild" | "operate";

/** So many rows from each end are looked for before a store without a mark is believed to be theirs. */
const LOOKED_AT = 50;

/** Compares the notes of stores and database, and from then on holds the stores to theirs; an Error in words otherwise. */
export async function checkStoreNote(stores: Stores, purpose: Purpose): Promise<void> {
  const roots: [string, MarkedStore][] = [
    ["blobs/", stores.blobs],
    ["journal/", stores.journal],
  ];
  const texts = await Promise.all(roots.map(([, root]) => root.readMark()));
  const marks = texts.map(parseNote);
  const noted = parseNote(await readSetting(stores.database, STORE_NOTE));
  const known = noted ?? marks.find((mark) => mark !== null) ?? null;
  if (known !== null) requireSameKeys(known, stores.keys);
  if (purpose !== "rebuild") {
    if (noted === null && purpose === "operate") {
      throw new Error("this version has not served this data yet: start coffre-server on it once");
    }
    const mayLackMark = noted === null && (marks.every((mark) => mark === null) || (await isEmpty(stores)));
    for (const [index, [name]] of roots.entries()) requireSameStore(name, marks[index] ?? null, known, mayLackMark);
    if (noted === null) await requireNamedThings(stores);
  }
  const note = known ?? { store: formatId(new Uint8Array(randomBytes(32))), keys: readKeyFingerprints(stores.keys) };
  const text = JSON.stringify(note);
  for (const [index, [, root]] of roots.entries()) {
    if (purpose !== "operate" && texts[index] !== text) await root.writeMark(text);
    root.requireMark(text);
  }
  if (noted === null) await writeSetting(stores.database, STORE_NOTE, text);
}

/** Holds stores to their own marks, for looking at them without a database; an Error in words for keys of other data. */
export async function holdToMarks(blobs: MarkedStore, journal: MarkedStore, keys: ServerKeys | null): Promise<void> {
  for (const root of [blobs, journal]) {
    const mark = await root.readMark();
    if (mark !== null) root.requireMark(mark);
    const note = parseNote(mark);
    if (note !== null && keys !== null) requireSameKeys(note, keys);
  }
}

/** Whether nothing was ever stored: a first start may have broken off between two marks. */
async function isEmpty({ blobs, journal }: Stores): Promise<boolean> {
  for await (const _ of blobs.list()) return false;
  return (await journal.listVaults()).length === 0;
}

function requireSameStore(name: string, mark: Note | null, known: Note | null, mayLackMark: boolean): void {
  if (mark === null && mayLackMark) return;
  if (mark !== null && mark.store === known?.store) return;
  throw new Error(
    mark === null
      ? `${name} is not the store that belongs here: its mark store.json is missing. Is its disk mounted, and --data right? If it was restored so, run 'coffre-server rebuild'`
      : `${name} is of another store than the database or the other folder: put together what belongs together, or run 'coffre-server rebuild'`,
  );
}

function requireSameKeys(note: Note, keys: ServerKeys): void {
  const present: Record<string, string> = readKeyFingerprints(keys);
  const others = Object.keys(present).filter(
    (name) => note.keys[name] !== undefined && note.keys[name] !== present[name],
  );
  if (others.length === 0) return;
  const names = others.map((name) => `keys/${name}.key`).join(", ");
  throw new Error(
    `${names}: not the key that belongs to this data, so nobody could log in: put keys/ back from a copy`,
  );
}

/** Before a database without a note is believed to belong to these stores: something that its rows name must be there. */
async function requireNamedThings({ database, blobs, journal }: Stores): Promise<void> {
  const ends = async <Row>(sql: string, order: string): Promise<Row[]> => [
    ...(await database.read<Row>(`${sql} ORDER BY ${order} LIMIT ${LOOKED_AT}`)),
    ...(await database.read<Row>(`${sql} ORDER BY ${order.replaceAll(",", " DESC,")} DESC LIMIT ${LOOKED_AT}`)),
  ];
  const vaults = await ends<{ vault: Id; sequence: number }>("SELECT vault, sequence FROM vaults", "vault");
  const hasObject = await some(vaults, async (row) => (await journal.read(row.vault, row.sequence)) !== null);
  if (vaults.length > 0 && !hasObject) throw lacking("journal/");
  const rows = await ends<{ vault: Id; id: Id; suffix: string; size_bytes: number }>(
    "SELECT vault, id, suffix, size_bytes FROM blobs WHERE damaged = 0",
    "vault, id",
  );
  const hasBlob = await some(rows, async ({ vault, id, suffix, size_bytes: sizeBytes }) => {
    const stored: StoredBlob = { vault, id, suffix, sizeBytes };
    const body = await blobs.open(stored, null);
    body?.destroy();
    return body !== null;
  });
  if (rows.length > 0 && !hasBlob) throw lacking("blobs/");
}

function lacking(name: string): Error {
  return new Error(
    `${name} holds nothing of what the database names: is its disk mounted, and --data right? If all of it is lost, run 'coffre-server rebuild'`,
  );
}

async function some<Row>(rows: readonly Row[], isThere: (row: Row) => Promise<boolean>): Promise<boolean> {
  for (const row of rows) if (await isThere(row)) return true;
  return false;
}

/** Null for no note, and for one that cannot be read. */
function parseNote(text: string | null): Note | null {
  if (text === null) return null;
  try {
    const { store, keys } = JSON.parse(text) as Partial<Note>;
    if (typeof store !== "string" || !/^[0-9a-f]{64}$/.test(store)) return null;
    return { store, keys: typeof keys === "object" && keys !== null ? keys : {} };
  } catch {
    return null;
  }
}
