// `coffre versions`: what a place of the vault was, at any time.

import type { ListingEntry } from "coffre-engine";
import type { Command } from "commander";
import type { RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { say } from "../language.ts";
import { parsePlace, showPlace } from "../place-text.ts";
import { showBytes, showName, showTime } from "../printable.ts";
import { addVaultOptions, chosenVersions, type VaultOptions } from "../restore-session.ts";
import { listVault } from "./ls.ts";

const SIZE_CHARS = 8;
const TIME_CHARS = 19;

/** Adds the command to the program. */
export function addVersions(program: Command, run: RunCommand): void {
  const command = program
    .command("versions")
    .argument("<place>", "ROOT or ROOT/PATH, as `coffre ls` shows it: a file, or a folder with all that was ever in it")
    .description("List every version of a file or folder that the vault holds, also of what was deleted.");
  addVaultOptions(command)
    .addHelpText(
      "after",
      helpText(`
Each line says from when until when a version was the newest one, its size, its device and its place. Any time between the
two gives it back: coffre restore PLACE --to DIR --at TIME.

Examples:
  coffre versions Photos/2026/beach.jpg
  coffre versions Documents`),
    )
    .action(async (place: string, options: VaultOptions) => {
      await run(command, async (frame) => {
        const { device, withRevoked } = chosenVersions(options);
        const which = { ...(device === undefined ? {} : { device }), ...(withRevoked === true ? { withRevoked } : {}) };
        const ask = { kind: "list", versions: "all", ...which, ...parsePlace(place) } as const;
        return await listVault(frame, options, ask, sayVersion);
      });
    });
}

function sayVersion(entry: ListingEntry): string {
  // Typed behind --at, the second must not lie before the version.
  const from = showTime(Math.ceil(entry.syncedAtMs / 1000) * 1000);
  const until = entry.untilMs === null ? say("form", "now").padEnd(TIME_CHARS) : showTime(entry.untilMs);
  const size = (entry.kind === "file" ? showBytes(entry.sizeBytes) : "").padStart(SIZE_CHARS);
  const mark = { file: "", folder: "/", link: "@" }[entry.kind];
  const about = entry.afterRevocation === true ? `  ${say("owner", "after-revocation")}` : "";
  return `${from} – ${until}  ${size}  ${showName(entry.device)}  ${showPlace(entry.root, entry.path)}${mark}${about}`;
}
