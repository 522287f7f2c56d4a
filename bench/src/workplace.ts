// The folder in which a demonstration or a benchmark works, and its end. Rule: processes are ended and the folder is
// removed however it ends, by itself, by a failure, or by Ctrl-C.

import { stopChildren } from "../../conformance-tests/end-to-end/child.ts";
import { makeScratchFolder, removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { describeError } from "./sentence.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type WorkplaceSetup = {
  /** A word of the folder's name. */
  readonly name: string;
  /** The folder in which it is made; null for the system's folder of temporary files. */
  readonly within: string | null;
  readonly isKept: boolean;
};

/** Runs `work` with a new folder, and sets the exit code: that of `work`, 1 when it throws, 128 + n after signal n. */
export async function withWorkplace(setup: WorkplaceSetup, work: (folder: string) => Promise<number>): Promise<void> {
  const folder = makeScratchFolder(setup.name, setup.within ?? undefined);
  let isCleaning = false;
  const clean = async (): Promise<void> => {
    isCleaning = true;
    await stopChildren();
    if (setup.isKept) process.stdout.write(`kept: ${folder}\n`);
    else removeScratchFolder(folder);
  };
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (isCleaning) return;
      process.stderr.write(`\n${setup.name}: stopped by ${signal}\n`);
      void clean().finally(() => process.exit(code));
    });
  }
  try {
    process.exitCode = await work(folder);
  } catch (error) {
    // After a signal the processes end early, which is no failure of theirs.
    if (!isCleaning) process.stderr.write(`${setup.name}: ${describeError(error)}\n`);
    process.exitCode = 1;
  }
  if (!isCleaning) await clean();
}
