// The command `coffre-conformance`. Rule: exit codes are 0, 1 and 2 as --help says, whatever happens.

import { readFileSync } from "node:fs";
import { type Check, sectionOf } from "./check.ts";
import { CHECKS } from "./checks/all.ts";
import { runCommand } from "./commands.ts";
import { exitCodeOf, judgeRun, parseExpectedFailures } from "./expected-failures.ts";
import { HELP, OptionError, type Options, parseOptions } from "./options.ts";
import { formatResult, formatSum } from "./reports/console.ts";
import { writeReports } from "./reports/files.ts";
import { runChecks, selectChecks } from "./run.ts";
import type { Account } from "./vault/account.ts";
import { canStretch } from "./vault/passphrase-keys.ts";
import { reachTarget, TargetError } from "./wire/target.ts";

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const checks = selectChecks(CHECKS, options.level, options.sections, options.ids);
  switch (options.task) {
    case "help":
      process.stdout.write(HELP);
      return 0;
    case "version":
      process.stdout.write(`${readVersion()}\n`);
      return 0;
    case "list":
      process.stdout.write(`${checks.map(formatCheck).join("\n")}\n`);
      return 0;
    case "run":
      return runAll(options, checks);
  }
}

async function runAll(options: Options, checks: readonly Check[]): Promise<number> {
  const { url, isQuiet } = options;
  if (url === null) throw new OptionError("--url is missing; --help tells more");
  if (checks.length === 0) throw new OptionError("no check is of this level, section and id");
  const expected = readExpected(options.expectedFailures);
  const run = await runChecks({
    target: await reachTarget(url, options),
    checks,
    invitations: options.invitations,
    account: readAccount(options),
    commands: { kill: commandOf(options.killCommand), restart: commandOf(options.restartCommand) },
    onResult: (result) => {
      if (!isQuiet || result.state !== "pass") process.stdout.write(`${formatResult(result, url)}\n`);
    },
  });
  const verdict = judgeRun(
    run.results,
    expected,
    CHECKS.map(({ id }) => id),
  );
  if (options.outputFolder !== null) writeReports(options.outputFolder, run, verdict, url);
  process.stdout.write(`${formatSum(run, verdict)}\n`);
  return exitCodeOf(run.results, verdict);
}

function commandOf(command: string | null): (() => Promise<void>) | null {
  return command === null ? null : () => runCommand(command);
}

function readAccount({ login, passphraseFile }: Options): Account | null {
  if (login === null || passphraseFile === null) return null;
  if (!canStretch) throw new OptionError("--login needs Node 24.7 or newer");
  try {
    return { login: login.toLowerCase(), passphrase: readFileSync(passphraseFile, "utf8").split(/\r?\n/, 1)[0] ?? "" };
  } catch {
    throw new OptionError("--passphrase-file: the file cannot be read");
  }
}

function readExpected(file: string | null): readonly string[] {
  if (file === null) return [];
  try {
    return parseExpectedFailures(readFileSync(file, "utf8"));
  } catch {
    throw new OptionError("--expected-failures: the file cannot be read");
  }
}

function formatCheck({ id, requirement, keyword, says, quote }: Check): string {
  return `${id}\n    ${sectionOf(requirement)} ${requirement} ${keyword}: “${quote}”\n    ${says}`;
}

function readVersion(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OptionError || error instanceof TargetError)) throw error;
  process.stderr.write(`coffre-conformance: ${error.message}\n`);
  process.exitCode = 2;
}
