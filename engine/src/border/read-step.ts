// Reads what a host hands to `handle` (docs/host-api.md §1, §2). Rule: a step whose text does not fit is refused whole.

import { fromBase64 } from "../bytes.ts";
import type { Answer } from "./answers.ts";
import type * as asked from "./asks.ts";
import {
  base64,
  byKind,
  count,
  fieldsOf,
  list,
  malformed,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Read,
  text,
  truth,
} from "./fields.ts";
import type * as told from "./inputs.ts";
import type * as owned from "./owner-asks.ts";
import type { ServerAddress } from "./transfers.ts";

const MAX_MESSAGE_CHARS = 524_288;
const ENTROPY_BYTES = 64;

const hours: Read<readonly [from: number, to: number]> = (value, name) => {
  const pair = list(number)(value, name);
  if (pair.length !== 2) throw malformed(`two numbers in ${name}`);
  return pair as readonly [number, number];
};

const server = object<ServerAddress>({ url: text, pin: optional(text) });
const spelling = object<asked.Spelling>({ root: text, path: text });
const spellings = optional(list(spelling));
const selection = object<asked.Selection>({ root: text, path: text, spellings });
const named = object<asked.RemoveRoot | asked.BelieveGone>({ name: text }) as Read<never>;
const bare = object<object>({}) as Read<never>;

const policy = object<Partial<told.Policy>>({
  unmeteredOnly: optional(truth),
  roamingToo: optional(truth),
  meteredBytesPerMonth: optional(nullable(number)),
  chargingOnly: optional(truth),
  hours: optional(nullable(hours)),
  uploadBytesPerS: optional(nullable(number)),
});

const mode = oneOf<asked.BackupMode>({ once: true, changed: true, watch: true });

const ask = byKind<asked.Ask>({
  create: object<asked.Create>({ server, login: text, invitation: optional(text), deviceName: text }),
  join: object<asked.Join>({
    server,
    login: text,
    deviceName: text,
    words: optional(text),
    code: optional(text),
    acceptOlder: optional(truth),
  }),
  "add-root": object<asked.AddRoot>({ name: text, locator: text, excludes: list(text) }),
  "remove-root": named,
  "believe-gone": named,
  "set-server": object<asked.SetServer>({ server }),
  set: object<asked.SetPolicy>({ policy }),
  backup: object<asked.BackUp>({ mode }),
  rotate: bare,
  verify: object<asked.Verify>({ all: optional(truth) }),
  status: bare,
  roots: bare,
  evidence: object<asked.Evidence>({ login: text }),
  learn: object<asked.Learn>({ known: text }),
  "open-vault": object<asked.OpenVault>({
    server,
    login: text,
    words: optional(text),
    code: optional(text),
    known: optional(list(text)),
    acceptOlder: optional(truth),
  }),
  devices: bare,
  list: object<asked.List>({
    at: optional(number),
    device: optional(text),
    root: optional(text),
    path: optional(text),
    spellings,
    versions: optional(oneOf({ current: true, all: true })),
    withRevoked: optional(truth),
  }),
  restore: object<asked.RestoreFiles>({
    target: text,
    work: text,
    at: optional(number),
    device: optional(text),
    selections: list(selection),
    existing: oneOf<asked.ExistingRule>({ skip: true, rename: true, replace: true }),
    withRevoked: optional(truth),
  }),
  "rename-device": object<owned.RenameDevice>({ device: text, name: text }),
  "shut-out": object<owned.ShutOut>({ device: text, since: optional(number) }),
  "revoke-device": object<owned.RevokeDevice>({ device: text, since: optional(number) }),
  export: object<asked.ExportVault>({ target: text, name: text, work: text }),
  "change-passphrase": bare,
  "renew-words": bare,
  "begin-second-factor": bare,
  "confirm-second-factor": object<owned.ConfirmSecondFactor>({ code: text }),
  "remove-second-factor": bare,
  drill: object<owned.Drill>({ device: text, roots: list(object<owned.DrilledRoot>({ name: text, locator: text })) }),
  drilled: object<owned.Drilled>({ checked: count, of: count, bad: count, blobs: list(text) }),
  stop: object<asked.Stop>({ mode: optional(mode) }),
});

/** Only that it has a kind: its effect says which reader it needs (`read-answer.ts`). */
const answer: Read<Answer> = (value, name) => {
  text(fieldsOf(value, name)["kind"], "kind");
  return value as Answer;
};

const input = byKind<told.Input>({
  started: object<told.Started>({
    role: oneOf({ backup: true, restore: true }),
    ownFolders: list(text),
    software: text,
  }),
  answer: object<told.Answered>({ effect: number, answer }),
  changed: object<told.Changed>({ root: text, folders: nullable(list(text)) }),
  unwatched: object<told.Unwatched>({ root: text, unwatched: truth }),
  conditions: object<told.ConditionsNow>({
    network: oneOf({ none: true, metered: true, roaming: true, unmetered: true }),
    charging: truth,
    utcOffsetMinutes: number,
  }),
  ask: object<told.Asked>({ ask }),
});

const step = object<Omit<told.StepInput, "entropy"> & { readonly entropy: string }>({
  now: count,
  monotonicMs: count,
  entropy: base64,
  inputs: list(input),
});

/** The step in `message`; `host-malformed` when it is none. */
export function readStep(message: string): told.StepInput {
  if (message.length > MAX_MESSAGE_CHARS) throw malformed("a message of at most 524,288 characters");
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw malformed("JSON");
  }
  const fields = fieldsOf(value, "a step");
  // Hosts of the first version have no other clock.
  const { now, monotonicMs, entropy, inputs } = step({ monotonicMs: fields["now"], ...fields }, "a step");
  const bytes = fromBase64(entropy);
  if (bytes.length !== ENTROPY_BYTES) throw malformed("64 bytes of entropy");
  return { now, monotonicMs, entropy: bytes, inputs };
}
