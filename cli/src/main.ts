// Where the process begins and ends. Rule: everything else can be run in a test.

import { runProgram } from "./program.ts";

const exitCode = await runProgram(process.argv.slice(2), {
  input: process.stdin,
  out: process.stdout,
  error: process.stderr,
  env: process.env,
});
// What was printed is flushed before the process ends by itself; nothing may keep it alive then.
process.exitCode = exitCode;
process.stdin.unref?.();
