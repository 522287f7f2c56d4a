// `coffre ls`: what the vault holds.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ask, ListingEntry, View } from "coffre-engine";
import type { Command } from "commander";
import { CommandFailed } from "../command-end.ts";
import { type CommandFrame, type CommandResult, endWithReader, type RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { Home } from "../home.ts";
import { errnoOf } from "../host/system-error.ts";
import { withInterrupts } from "../interrupts.ts";
import { say } from "../language.ts";
import { parsePlace, showPlace } from "../place-text.ts";
import { showBytes, showName, showTime } from "../printable.ts";
import {
  addTimeOption,
  addVaultOptions,
  chosenVersions,
  showDamage,
  type VaultOptions,
  withVault,
} from "../restore-session.ts";
import { failedWith } from "../session.ts";
import { failureWords } from "../words.ts";

const SIZE_CHARS = 8;

/** Adds the command to the program. */
export function addLs(program: Command, run: RunCommand): void {
  const command = program
    .command("ls")
    .argument("[place]", "ROOT or ROOT/PATH: only what is there")
    .description("List what the vault holds: size, time, device and path of each file.");
  addVaultOptions(addTimeOption(command))
    .addHelpText(
      "after",
      helpText(`
It needs the passphrase or the recovery words. Without --server the vault is the one that this machine is paired with.

Examples:
  coffre ls
  coffre ls Photos/2026 --at 2026-03-01
  coffre ls --server https://backup.example.org --login ada`),
    )
    .action(async (place: string | undefined, options: VaultOptions) => {
      await run(command, async (frame) => {
        const selection = place === undefined ? {} : parsePlace(place);
        return await listVault(frame, options, { kind: "list", ...chosenVersions(options), ...selection }, sayEntry);
      });
    });
}

/** A folder of this user alone, for as long as a command reads a vault. */
export function makeIndexFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "coffre-ls-"));
  } catch (error) {
    throw new CommandFailed(
      "host-error",
      say("trouble", "temporary-folder", { folder: showName(tmpdir()), error: String(errnoOf(error)) }),
    );
  }
}

/** Lists what `ask` names: one line of `say` for each entry. */
export async function listVault(
  frame: CommandFrame,
  options: VaultOptions,
  ask: Extract<Ask, { kind: "list" }>,
  say: (entry: ListingEntry) => string,
): Promise<CommandResult> {
  endWithReader(frame);
  // The index holds paths in clear, so it is never a file that a killed process leaves behind.
  const folder = makeIndexFolder();
  const clean = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", clean);
  const listing = new Listing(frame, say);
  try {
    return await withVault(frame, options, new Home(folder, true), listing.onView, async (session) => {
      const stop = (): void => session.requestStop();
      const result = await withInterrupts(stop, () => session.ask(ask));
      if (result.kind !== "result" || result.outcome === "failed") {
        throw failedWith(result.kind === "result" ? result.code : null);
      }
      if (result.outcome === "ok" && listing.entries === 0) frame.output.note(failureWords("user-vault-empty"));
      const fields = {
        outcome: result.outcome,
        code: result.code,
        entries: listing.entries,
        damaged: listing.damaged,
      };
      return { exitCode: result.outcome === "ok" ? 0 : 3, fields };
    });
  } finally {
    process.off("exit", clean);
    clean();
  }
}

/** Prints entries as they come. */
class Listing {
  readonly #frame: CommandFrame;
  readonly #say: (entry: ListingEntry) => string;
  entries = 0;
  damaged = 0;

  constructor(frame: CommandFrame, say: (entry: ListingEntry) => string) {
    this.#frame = frame;
    this.#say = say;
  }

  readonly onView = (view: View): void => {
    if (view.kind === "damage") {
      this.damaged += view.damage.length;
      showDamage(this.#frame, view.damage);
    }
    if (view.kind !== "listing") return;
    for (const entry of view.entries) {
      this.entries++;
      const { kind: entryKind, ...fields } = entry;
      this.#frame.output.item("entry", { entryKind, ...fields });
      this.#frame.output.line(this.#say(entry));
    }
  };
}

function sayEntry(entry: ListingEntry): string {
  const size = (entry.kind === "file" ? showBytes(entry.sizeBytes) : "").padStart(SIZE_CHARS);
  const mark = { file: "", folder: "/", link: "@" }[entry.kind];
  const place = showPlace(entry.root, entry.path);
  const about = entry.afterRevocation === true ? `  ${say("owner", "after-revocation")}` : "";
  return `${size}  ${showTime(entry.mtimeS * 1000)}  ${showName(entry.device)}  ${place}${mark}${about}`;
}
