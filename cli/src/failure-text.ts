// What went wrong outside the engine, in a sentence: the disk under a home, the environment. Rule: it says what is so and what
// can be done; what nobody foresaw is shown as it is, and asks for a report.

import { CommandFailed } from "./command-end.ts";
import { type StorageTrouble, storageTroubleOf } from "./host/storage-trouble.ts";
import { errnoOf } from "./host/system-error.ts";
import { say } from "./language.ts";
import { showName } from "./printable.ts";
import { failureWords } from "./words.ts";

/** The failure of a command that threw `error`. */
export function describeFailure(error: unknown): CommandFailed {
  if (error instanceof CommandFailed) return error;
  const trouble = storageTroubleOf(error);
  if (trouble !== null) return storageFailure(trouble, pathOf(error));
  if (errnoOf(error) === "ENOENT" && error instanceof Error && "syscall" in error && error.syscall === "uv_cwd") {
    return new CommandFailed("host-error", say("trouble", "working-folder-gone"));
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CommandFailed("host-error", say("trouble", "unexpected", { message: showName(message) }));
}

/** What the disk's trouble means for the files in `folder`, or for Coffre's own when it is null. */
export function storageFailure(trouble: StorageTrouble, folder: string | null): CommandFailed {
  const where = folder === null ? say("trouble", "own-folder") : showName(folder);
  switch (trouble) {
    case "full":
      return new CommandFailed("host-no-space", failureWords("host-no-space"));
    case "not-writable":
      return new CommandFailed("host-not-writable", say("trouble", "not-writable", { where }));
    case "damaged":
      return new CommandFailed("host-home-damaged", say("trouble", "database-damaged", { where }));
    case "io":
      return new CommandFailed("host-disk-error", say("trouble", "disk-errors", { where }));
  }
}

/** The path that a system's error names, or null. */
function pathOf(error: unknown): string | null {
  return error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : null;
}
