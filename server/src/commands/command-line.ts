// The command line: which commands there are, and how each ends. Rule: 0 is done, 1 failed with one sentence, 2 wrong
// usage.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, CommanderError, program } from "commander";
import { StorageFull, StoreUnavailable } from "../domain/storage.ts";
import { type Drivers, OperatorError } from "./drivers.ts";
import { addOperatorCommands } from "./operator.ts";
import { addServeOptions, readServeSettings, type ServeOptions } from "./options.ts";
import { serve } from "./serve.ts";

const FAILED = 1;
const USAGE = 2;

/** Runs what the command line says and gives the exit code. */
export async function runCommandLine(drivers: Drivers): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };

  program
    .name("coffre-server")
    .description("Stores the sealed bytes of Coffre's clients, which it cannot read, and signs receipts for them.")
    .version(version)
    .enablePositionalOptions()
    .exitOverride();
  addServeOptions(program as Command).action((options: ServeOptions) => {
    refuseUnknownCommand(program as Command);
    return serve(drivers, readServeSettings(options, `coffre-server/${version}`));
  });
  addOperatorCommands(program as Command, drivers, (path) => resolve(path));
  program.hook("preAction", takeDataFolder);
  // After the commands, which would inherit it.
  program.allowExcessArguments();

  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

/** `--data` before a command's name means the same as behind it; Commander would use the command's default. */
function takeDataFolder(before: Command, command: Command): void {
  const isSaid = (where: Command) => where.getOptionValueSource("data") === "cli";
  if (isSaid(before) && !isSaid(command))
    command.setOptionValueWithSource("data", before.getOptionValue("data"), "cli");
}

/**
 * Whatever stands where a command would is a CommanderError that names the one that was meant. A program that does something
 * without a command does not look for it by itself, so one that does not is asked.
 */
function refuseUnknownCommand({ args, commands }: Command): void {
  if (args.length === 0) return;
  const names = new Command().exitOverride();
  for (const command of commands) names.command(command.name());
  names.parse(args, { from: "user" });
}

/** Says in one sentence what failed, and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof OperatorError) process.stderr.write(`coffre-server: ${error.message}\n`);
  else process.stderr.write(`coffre-server: ${describe(error)}\n`);
  return FAILED;
}

/** System errors that an operator can act upon; 8 and 14 are SQLite's for a file that cannot be written or opened. */
const SENTENCES: Readonly<Record<string, string>> = {
  EACCES: "the data folder cannot be written: check --data and its owner",
  EPERM: "the data folder cannot be written: check --data and its owner",
  EROFS: "the data folder cannot be written: its file system is read-only",
  ENOENT: "the data folder cannot be made: check --data and that its file system can be written",
  ENOSPC: "the disk of the data folder is full: make room and start again",
  ENOTDIR: "the data folder is a file: choose another --data",
  EEXIST: "the data folder is a file: choose another --data",
  "8": "the database cannot be written: check --data and its owner",
  "11": "the database is damaged: stop the server, then make it anew with 'coffre-server rebuild'",
  "26": "the database is damaged: stop the server, then make it anew with 'coffre-server rebuild'",
  "14": "the database cannot be opened: check --data, its owner, and that its file system can be written",
};

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StorageFull) return SENTENCES["ENOSPC"] ?? error.message;
  if (error instanceof StoreUnavailable) {
    return `${error.message}: check that the disk of the data folder is mounted and gives no errors, and start again`;
  }
  const code = "errcode" in error ? error.errcode : "code" in error ? error.code : null;
  return SENTENCES[String(code)] ?? error.message;
}
