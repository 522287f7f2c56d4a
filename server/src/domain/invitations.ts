// Invitations (P-20). Rule: only a hash is kept; the code is seen once, by who made it.

import { randomInt } from "node:crypto";
import { hashInvitation } from "./accounts.ts";
import type { Database } from "./database.ts";

/** Digits and letters that are not mistaken for each other. */
const ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** Makes an invitation for one account and gives its code. */
export async function makeInvitation(database: Database, nowMs: number): Promise<string> {
  const code = Array.from({ length: GROUPS }, drawGroup).join("-");
  await database.transaction((transaction) =>
    transaction.query(`INSERT INTO invitations (hash, made_at_ms) VALUES ($1, $2)`, [hashInvitation(code), nowMs]),
  );
  return code;
}

/** The first invitation of a server, or null when one was ever made. */
export async function makeFirstInvitation(database: Database, nowMs: number): Promise<string | null> {
  const [row] = await database.read(`SELECT 1 AS found FROM invitations LIMIT 1`);
  return row === undefined ? makeInvitation(database, nowMs) : null;
}

function drawGroup(): string {
  return Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
