// What an operator does from the command line, also beside a running server. Rule: these commands print what they did,
// and nothing that is secret but the code of an invitation.

import { createInterface } from "node:readline/promises";
import { type Command, InvalidArgumentError } from "commander";
import { findVault, removeRows } from "../domain/account-removal.ts";
import { removeCondemned } from "../domain/collector.ts";
import type { Database } from "../domain/database.ts";
import { DEFAULT_TERMS, type Instance } from "../domain/instance.ts";
import { makeInvitation } from "../domain/invitations.ts";
import { recoverRows } from "../domain/rebuild.ts";
import { resetSecondFactor } from "../domain/second-factor.ts";
import { CERTIFICATE_NOTE, readSetting, TLS_NOTE } from "../domain/settings.ts";
import { listAccounts, setTerms } from "../domain/terms.ts";
import { type Drivers, enterData, OperatorError, withInstance } from "./drivers.ts";
import { dataOption, parseSize } from "./options.ts";
import { drawCode, formatPairingCode, parsePhoneAddress, type ServedWith } from "./pairing-code.ts";
import { formatFinding, rebuild } from "./rebuild.ts";
import { scrub } from "./scrub.ts";
import { formatBytes } from "./sizes.ts";

/** Something that is still needed is damaged or cannot be read, or nothing was there to be checked. */
const NEEDED_IS_DAMAGED = 3;

type DataOptions = { readonly data: string };
type Locate = (path: string) => string;

/** Adds the operator's commands; `locate` gives a folder's full path. */
export function addOperatorCommands(program: Command, drivers: Drivers, locate: Locate): void {
  const beside = async (options: DataOptions, work: (instance: Instance) => Promise<void>): Promise<void> => {
    const data = locate(options.data);
    await enterData(drivers, data);
    await withInstance(drivers, data, "operate", DEFAULT_TERMS, work);
  };

  add(program, "invite", "print a new invitation, for one account")
    .option("--qr <address>", "and as a QR code for the app, which finds the server at https://HOST[:PORT]")
    .action((options: DataOptions & { readonly qr?: string }) =>
      beside(options, async (instance) => {
        const { qr } = options;
        const place = qr === undefined ? null : await readPlace(instance.database, qr);
        const invitation = await makeInvitation(instance.database, instance.now());
        print(invitation);
        if (place === null) return;
        const text = formatPairingCode({ ...place, invitation });
        print(`\n${drawCode(text, isColoured())}\n\n${text}`);
      }),
    );

  add(program, "accounts", "list the accounts and what they store")
    .option("--bytes", "give sizes in bytes, for programs")
    .action((options: DataOptions & { readonly bytes?: boolean }) =>
      beside(options, async (instance) => {
        const format = options.bytes === true ? String : formatBytes;
        const accounts = await listAccounts(instance);
        if (accounts.length === 0) process.stderr.write("there are no accounts here yet\n");
        print(["login", "devices", "blobs", "used", "quota", "state", "vault"].join("\t"));
        for (const account of accounts) {
          const { login, devices, blobs, usedBytes, quotaBytes, state, vault } = account;
          const quota = quotaBytes === null ? "-" : format(quotaBytes);
          print([login ?? "-", devices, blobs, format(usedBytes), quota, state, vault].join("\t"));
        }
      }),
    );

  add(program, "quota", "set what one account may store")
    .argument("<login>")
    .argument("<bytes>", "such as 500G, or 'default' for the server's own", parseQuota)
    .action((login: string, quotaBytes: number | null, options: DataOptions) =>
      beside(options, async (instance) => {
        const usedBytes = await set(instance, login, { quotaBytes }, `quota: ${quotaBytes ?? "default"}`);
        if (quotaBytes === null || usedBytes <= quotaBytes) return;
        process.stderr.write(
          `${formatBytes(usedBytes)} are stored already, more than that: nothing is removed, and no more is taken\n`,
        );
      }),
    );

  add(program, "disable", "refuse everything of one account, and keep it")
    .argument("<login>")
    .action((login: string, options: DataOptions) =>
      beside(options, async (instance) => {
        await set(instance, login, { isDisabled: true }, "disabled");
      }),
    );

  add(program, "enable", "end a disabling")
    .argument("<login>")
    .action((login: string, options: DataOptions) =>
      beside(options, async (instance) => {
        await set(instance, login, { isDisabled: false }, "enabled");
      }),
    );

  add(program, "reset-second-factor", "take away the second factor of an account, which is then logged in to without")
    .argument("<login>")
    .option("--keep", "say that the present one holds, after a rebuild could not")
    .action((login: string, options: DataOptions & { readonly keep?: boolean }) =>
      beside(options, async (instance) => {
        const isKept = options.keep ?? false;
        if (!(await resetSecondFactor(instance, login, isKept))) throw new OperatorError("no account has this login");
        print(isKept ? "second factor: as it is" : "second factor: none");
      }),
    );

  add(
    program,
    "scrub",
    "read everything that is stored and mark what is damaged, so that devices send it again",
  ).action(async (options: DataOptions) => {
    const data = locate(options.data);
    await enterData(drivers, data);
    process.exitCode = (await scrub(drivers, data)) ? 0 : NEEDED_IS_DAMAGED;
  });

  add(program, "backup-db", "copy the database, as it stands at one moment, into a new file; the server may run")
    .argument("<file>")
    .action(async (file: string, options: DataOptions) => {
      const data = locate(options.data);
      await enterData(drivers, data);
      if (!(await drivers.hasDatabase(data)))
        throw new OperatorError("there is no database here: start the server once");
      const to = locate(file);
      if (!(await drivers.copyDatabase(data, to))) throw new OperatorError(`something stands at ${to} already`);
      print(`the database is copied to ${to}`);
    });

  addStoppedCommands(program, drivers, locate);
}

/** Commands that need the server to be stopped. */
function addStoppedCommands(program: Command, drivers: Drivers, locate: Locate): void {
  add(program, "gc", "remove now the blobs that stayed unreferenced through all passes (stop the server first)").action(
    (options: DataOptions) =>
      whileStopped(drivers, locate(options.data), () =>
        withInstance(drivers, locate(options.data), "operate", DEFAULT_TERMS, async (instance) => {
          // What a start would apply first may need what would go.
          await instance.ballast.free(() => recoverRows(instance));
          const { blobs, bytes, postponed } = await removeCondemned(instance);
          await instance.ballast.keep();
          print(`${blobs} blobs removed, ${bytes} bytes`);
          if (postponed === 0) return;
          print(`${postponed} could not be removed now: their files or accounts cannot be read, or the disk is full`);
          process.exitCode = NEEDED_IS_DAMAGED;
        }),
      ),
  );

  add(program, "delete", "remove an account and all that it stored, for good (stop the server first)")
    .argument("<login>")
    .option("--yes", "do not ask")
    .action((login: string, options: DataOptions & { readonly yes?: boolean }) =>
      whileStopped(drivers, locate(options.data), async () => {
        const data = locate(options.data);
        if (options.yes !== true) await confirmLogin(login);
        const none = new OperatorError("no account has this login");
        await withInstance(drivers, data, "operate", DEFAULT_TERMS, async (instance) => {
          const vault = await findVault(instance, login);
          if (vault === null) throw none;
          await drivers.removeVaultFiles(data, vault);
          await removeRows(instance, vault);
        });
        await drivers.compactDatabase(data);
        print(`the account of ${login} is removed; copies of this folder still hold it`);
      }),
    );

  add(program, "rebuild", "make the database anew from the stored objects (stop the server first)").action(
    (options: DataOptions) =>
      whileStopped(drivers, locate(options.data), async () => {
        const { recovery, findings, aside } = await rebuild(drivers, locate(options.data));
        print(`${recovery.changes} changes and ${recovery.blobs} blobs have their rows again`);
        if (recovery.removed > 0) print(`${recovery.removed} vault objects were replaced and removed long ago`);
        for (const finding of findings) print(formatFinding(finding));
        if (aside !== null) print(`the old database is kept as ${aside}`);
        if (findings.length > 0) process.exitCode = 3;
      }),
  );
}

/** OperatorError unless whoever sits at the terminal types the login again. */
async function confirmLogin(login: string): Promise<void> {
  if (!process.stdin.isTTY) throw new OperatorError("nobody can be asked here: say --yes to remove the account");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await terminal.question(`Everything of ${login} goes for good. Type the login to remove it: `);
    if (typed.trim() !== login) throw new OperatorError("that is another login: nothing was removed");
  } finally {
    terminal.close();
  }
}

/** Where phones find the server, and its pin when its key is its own. */
async function readPlace(database: Database, address: string): Promise<{ server: string; pin: string | null }> {
  const pin = await readSetting(database, CERTIFICATE_NOTE);
  // A server of 0.1 noted nothing but its pin.
  const servedWith = ((await readSetting(database, TLS_NOTE)) ?? (pin === null ? "none" : "self")) as ServedWith;
  const server = parsePhoneAddress(address, servedWith);
  return { server, pin: servedWith === "self" ? pin : null };
}

/** Escapes are for terminals, and not for those who want none (no-color.org). */
function isColoured(): boolean {
  // A pipe has no such property at all.
  return Boolean(process.stdout.isTTY) && !process.env["NO_COLOR"];
}

async function whileStopped(drivers: Drivers, data: string, work: () => Promise<void>): Promise<void> {
  await enterData(drivers, data);
  const lock = await drivers.lockData(data);
  if (lock === null) throw new OperatorError("a coffre-server is running on this data folder: stop it first");
  try {
    await work();
  } finally {
    lock.release();
  }
}

function add(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).addOption(dataOption());
}

/** Says what was done, and gives the bytes that the account stores. */
async function set(
  instance: Instance,
  login: string,
  terms: { readonly isDisabled?: boolean; readonly quotaBytes?: number | null },
  done: string,
): Promise<number> {
  const account = await setTerms(instance, login, terms);
  if (account === null) throw new OperatorError("no account has this login");
  print(done);
  return account.usedBytes;
}

function parseQuota(text: string): number | null {
  if (text === "default") return null;
  try {
    return parseSize(text);
  } catch {
    throw new InvalidArgumentError("Expected bytes, such as 500G, or 'default'.");
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
