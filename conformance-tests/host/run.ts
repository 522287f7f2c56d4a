// The portability suite's command line (docs/host-suite.md). Rule: exit code 0 when every check passed that could be made, 1
// when one failed, 2 when there was nothing to test.

import { parseArgs } from "node:util";
import { formatCounts, formatJson, formatOutcome } from "./report.ts";
import { type Outcome, runSuite } from "./suite.ts";

const HELP = `Puts a host through the portability suite (docs/host-suite.md).

  node conformance-tests/host/run.ts [options] -- ADAPTER-COMMAND...

  --large-mib N    size of the large file in MiB (default 192; 10240 is 10 GiB)
  --growth-mib N   by how much the host's memory may grow over it (default 64)
  --only TEXT      only checks whose sentence contains TEXT, or that prove the id TEXT
  --check-s N      the longest time for one check in seconds (default 60)
  --json           one JSON object instead of lines
  --help           this text

Exit code: 0 every check passed, 1 a check failed, 2 the adapter did not start or an option is wrong.
`;

const MIB = 1_048_576;

/** A whole number of at least 1. */
function readNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new TypeError(`--${name} takes a whole number above 0`);
  return number;
}

async function run(args: readonly string[]): Promise<number> {
  const at = args.indexOf("--");
  const { values } = parseArgs({
    args: args.slice(0, at < 0 ? args.length : at),
    options: {
      "large-mib": { type: "string", default: "192" },
      "growth-mib": { type: "string", default: "64" },
      only: { type: "string", default: "" },
      "check-s": { type: "string", default: "60" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const command = at < 0 ? [] : args.slice(at + 1);
  if (command.length === 0) throw new TypeError("expected -- and the adapter's command line");
  let group = "";
  const report = await runSuite({
    command,
    only: values.only,
    largeBytes: readNumber("large-mib", values["large-mib"]) * MIB,
    growthBytes: readNumber("growth-mib", values["growth-mib"]) * MIB,
    checkMs: readNumber("check-s", values["check-s"]) * 1000,
    onOutcome: (outcome: Outcome) => {
      if (values.json) return;
      if (outcome.group !== group) process.stdout.write(`${outcome.group}\n`);
      group = outcome.group;
      process.stdout.write(formatOutcome(outcome));
    },
  });
  process.stdout.write(values.json ? formatJson(report) : formatCounts(report));
  return report.outcomes.some(({ state }) => state === "failed") ? 1 : 0;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nSee --help.\n`);
  process.exitCode = 2;
}
