// An adapter that is wrong on purpose: it stands before a right one and spoils one thing. Rule: everything else passes through
// as it came, so that only the check which looks at that thing can fail.
//
//   node conformance-tests/host/spoiling-adapter.ts NAME -- ADAPTER-COMMAND...

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { SPOILS } from "./spoils.ts";

const [name = "", , program = "", ...args] = process.argv.slice(2);
const spoil = SPOILS[name];
if (spoil === undefined) throw new Error(`expected one of ${Object.keys(SPOILS).join(", ")}`);

const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});

const toHost = (line: unknown): void => {
  child.stdin.write(`${JSON.stringify(line)}\n`);
};
const toSuite = (line: unknown): void => {
  process.stdout.write(typeof line === "string" ? `${line}\n` : `${escapeAscii(JSON.stringify(line))}\n`);
};
const spoiled = spoil({ toHost, toSuite });

createInterface({ input: process.stdin })
  .on("line", (line) => spoiled.order(JSON.parse(line)))
  .on("close", () => child.stdin.end());
createInterface({ input: child.stdout }).on("line", (line) => spoiled.reply(JSON.parse(line)));

function escapeAscii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
