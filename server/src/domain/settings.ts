// What the server notes about itself, one text under each name. Rule: a name belongs to one file.

import type { Database } from "./database.ts";

/** Whose stores and keys these are (store-note.ts). */
export const STORE_NOTE = "store-note";
/** The pin of the server's own certificate: once it is noted, a missing file was lost. */
export const CERTIFICATE_NOTE = "self-certificate-pin";
/** How the last start served: `self`, `files` or `none`. */
export const TLS_NOTE = "tls";

/** Null when nothing was noted. */
export async function readSetting(database: Database, name: string): Promise<string | null> {
  const [row] = await database.read<{ value: string }>("SELECT value FROM settings WHERE name = $1", [name]);
  return row?.value ?? null;
}

/** Notes a value, in place of the one before. */
export async function writeSetting(database: Database, name: string, value: string): Promise<void> {
  await database.transaction((transaction) =>
    transaction.query(
      `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      [name, value],
    ),
  );
}
