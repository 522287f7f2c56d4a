// Reading a vault, from any machine: what `ls` and `restore` have in common. Rule: it works in a folder of its own, so that it
// never disturbs the home's backup.

import type { Ask, DamageView, ServerAddress, View } from "coffre-engine";
import type { Command } from "commander";
import type { Ended } from "../../host-loop/src/index.ts";
import { type CommandFrame, showTrouble, showWork } from "./command-run.ts";
import { learnEvidence, recallEvidence } from "./evidence.ts";
import type { Home } from "./home.ts";
import type { LocalServer } from "./host/exchange.ts";
import { NO_PASSPHRASE, type PassphraseSource } from "./host/passphrase-source.ts";
import { withInterrupts } from "./interrupts.ts";
import { say } from "./language.ts";
import { parseTime } from "./option-values.ts";
import { showPlace } from "./place-text.ts";
import { showName } from "./printable.ts";
import { type CodeOptions, RememberedPassphrase, withCode } from "./second-factor-code.ts";
import { choosePassphrases, chooseWords, type PassphraseOptions, type WordsOptions } from "./secret-input.ts";
import { addServerOptions, addWordsOptions, type ServerOptions, wantedVault } from "./server-options.ts";
import { type Session, withSession } from "./session.ts";
import { damageWords } from "./words.ts";

/** Options of commands that read a vault. */
export interface VaultOptions extends ServerOptions, PassphraseOptions, WordsOptions, CodeOptions {
  readonly at?: string;
  readonly device?: string;
  readonly acceptOlder?: boolean;
  readonly withRevoked?: boolean;
}

/** Adds the option that names a time. */
export function addTimeOption(command: Command): Command {
  return command.option(
    "--at <time>",
    "as it was at that time: 2026-11-21T10:15:00Z, '2026-11-21 10:15' (local), 2026-11-21 (its end)",
  );
}

/** Adds the options with which a vault is read. */
export function addVaultOptions(command: Command): Command {
  command
    .option("--device <name>", "only what that device backed up")
    .option(
      "--with-revoked",
      "also what devices backed up after they were shut out, marked: a stranger may have written it",
    );
  return addVaultAccess(command);
}

/** The same without what chooses, for all of a vault. */
export function addVaultAccess(command: Command): Command {
  return addServerOptions(addWordsOptions(command.option("--accept-older", ACCEPT_OLDER)), "from-home");
}

/** What `--accept-older` says. */
export const ACCEPT_OLDER =
  "take what the server shows although this machine has seen newer: for a server that was restored from an old backup";

/** The fields of an ask that `--at`, `--device` and `--with-revoked` give. */
export function chosenVersions(options: VaultOptions): { at?: number; device?: string; withRevoked?: true } {
  return {
    ...(options.at === undefined ? {} : { at: parseTime(options.at) }),
    ...(options.device === undefined ? {} : { device: options.device }),
    ...(options.withRevoked === true ? { withRevoked: true } : {}),
  };
}

/** A vault in a file, with what answers out of it in a server's place. */
export interface FiledVault {
  readonly server: ServerAddress;
  readonly login: string;
  readonly local: LocalServer;
}

/** What an owner's command brings: a source of new passphrases, and how new words are shown. */
export interface OpenedBy {
  readonly newPassphrases?: PassphraseSource;
  readonly onWords?: (words: string) => Promise<void>;
}

/**
 * Opens the vault that the options name, or the one in a file, in the folder `place`, and runs `work`. `onView` gets what is not
 * progress. A file is of the past by its nature: nothing in it is held against what this machine saw, and nothing of it is learned.
 */
export async function withVault<T>(
  frame: CommandFrame,
  options: VaultOptions,
  place: Home,
  onView: (view: View) => void,
  work: (session: Session) => Promise<T>,
  filed: FiledVault | null = null,
  opened: OpenedBy = {},
): Promise<T> {
  const { server, login } = filed ?? wantedVault(options, frame.home);
  const words = await chooseWords(frame, options);
  const existing = words.words === undefined ? choosePassphrases(frame, options) : NO_PASSPHRASE;
  const passphrases = new RememberedPassphrase(existing, opened.newPassphrases ?? NO_PASSPHRASE);
  let seen: string | null = null;
  const parts = {
    home: place,
    role: "restore",
    passphrases,
    onView: (view: View): void => {
      if (view.kind === "evidence") seen = view.known;
      showWork(frame, view);
      onView(view);
    },
    onTrouble: (message: string): void => showTrouble(frame, message),
    ...(filed === null ? {} : { local: filed.local }),
    ...(opened.onWords === undefined ? {} : { onWords: opened.onWords }),
  } as const;
  const known = filed === null ? await recallEvidence(frame.home, login) : [];
  if (known === null) {
    frame.output.note(say("trouble", "nothing-to-compare"));
  }
  const accept = options.acceptOlder === true ? { acceptOlder: true } : {};
  const keep = async (): Promise<void> => {
    if (filed !== null || seen === null || (await learnEvidence(frame.home, seen)) || frame.home.readPairing() === null)
      return;
    frame.output.note(say("trouble", "evidence-lost"));
  };
  return await withSession(parts, async (session) => {
    const ask = { kind: "open-vault", server, login, ...words, known: known ?? [], ...accept } as const;
    await withCode(frame, options, (code) => session.must({ ...ask, ...code })).finally(() => passphrases.erase());
    await keep();
    const result = await work(session);
    await keep();
    return result;
  });
}

/** Lists what could not be restored or verified: one line each. */
export function showDamage(frame: CommandFrame, damage: readonly DamageView[]): void {
  for (const item of damage) {
    frame.output.item("damage", item);
    const place = item.root === undefined ? "" : showPlace(item.root, item.path ?? "");
    const record = item.record === undefined ? "" : say("form", "record", { record: `${item.record}` });
    const where = [showName(item.device ?? ""), record, place].filter((part) => part !== "").join(", ");
    const about = where === "" ? say("form", "the-vault") : where;
    frame.output.note(say("form", "about", { place: about, words: damageWords(item.code) }));
  }
}

/** Asks, and has what was asked end at its next safe point when somebody interrupts it. */
export async function askUntilStopped({ output }: CommandFrame, session: Session, ask: Ask): Promise<Ended> {
  const stop = (): void => {
    output.note(say("restore", "ending"));
    session.requestStop();
  };
  return await withInterrupts(stop, () => session.ask(ask));
}
