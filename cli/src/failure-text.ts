// What went wrong outside the engine, in a sentence: the disk under a home, the environment. Rule: it says what is so and what
// can be done; what nobody foresaw is shown as it is, and asks for a report.

import { CommandFailed } from "./command-end.ts";
import { errnoOf } from "./host/host-fault.ts";
import { type StorageTrouble, storageTroubleOf } from "./host/storage-trouble.ts";
import { showName } from "./printable.ts";
import { failureWords } from "./words.ts";

/** The failure of a command that threw `error`. */
export function describeFailure(error: unknown): CommandFailed {
  if (error instanceof CommandFailed) return error;
  const trouble = storageTroubleOf(error);
  if (trouble !== null) return storageFailure(trouble, pathOf(error));
  if (errnoOf(error) === "ENOENT" && error instanceof Error && "syscall" in error && error.syscall === "uv_cwd") {
    return new CommandFailed(
      "host-error",
      "The folder in which this command was started is gone: change to another one.",
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailed("host-error", `Something unexpected happened: ${showName(message)}. Please report this.`);
}

/** What the disk's trouble means for the files in `folder`, or for Coffre's own when it is null. */
export function storageFailure(trouble: StorageTrouble, folder: string | null): CommandFailed {
  const where = folder === null ? "Coffre's own folder (--home)" : showName(folder);
  switch (trouble) {
    case "full":
      return new CommandFailed("host-no-space", failureWords("host-no-space"));
    case "not-writable":
      return new CommandFailed(
        "host-not-writable",
        `${where} cannot be written: check whose it is, its permissions, and that its disk is not mounted read-only.`,
      );
    case "damaged":
      return new CommandFailed(
        "host-home-damaged",
        `The database in ${where} is damaged. What was synced is safe in the vault: pair this machine anew with 'coffre join' and another --home.`,
      );
    case "io":
      return new CommandFailed(
        "host-disk-error",
        `The disk under ${where} gives errors: look at the system's log, and copy away what you can.`,
      );
  }
}

/** The path that a system's error names, or null. */
function pathOf(error: unknown): string | null {
  return error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : null;
}
