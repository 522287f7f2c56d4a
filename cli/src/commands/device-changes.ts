// `coffre devices rename` and `coffre devices revoke`: what an owner changes about the machines of a vault.

import type { ShutOutView } from "coffre-engine";
import type { Command } from "commander";
import { usage } from "../command-end.ts";
import type { CommandFrame, CommandResult, RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { say } from "../language.ts";
import { parseSince } from "../option-values.ts";
import { withOwnVault } from "../owner-session.ts";
import { sayTime, showBytes, showCount, showName } from "../printable.ts";
import { askLine, confirm } from "../questions.ts";
import { ACCEPT_OLDER, type VaultOptions } from "../restore-session.ts";
import { failedWith, readHome, type Session } from "../session.ts";

interface RevokeOptions extends VaultOptions {
  readonly since?: string;
  readonly yes?: boolean;
}

/** Adds both below `coffre devices`. */
export function addDeviceChanges(devices: Command, run: RunCommand): void {
  addRename(devices, run);
  addRevoke(devices, run);
}

function addRename(devices: Command, run: RunCommand): void {
  const command = devices
    .command("rename")
    .argument("<device>", "its name, or the beginning of its id")
    .argument("<name>", "what to call it from now on")
    .description("Call a machine of the vault something else. Needs the passphrase or the recovery words.")
    .option("--accept-older", ACCEPT_OLDER)
    .action(async (device: string, name: string) => {
      await run(command, async (frame) => {
        // Which server and vault, and how it is opened, are options of `devices` itself.
        const options = command.optsWithGlobals<VaultOptions>();
        return await withOwnVault(frame, options, async (session) => {
          const result = await session.must({ kind: "rename-device", device, name });
          if (result.kind !== "result" || result.ask !== "rename-device") throw failedWith(null);
          const { deviceName = name } = result;
          const pairing = frame.home.readPairing();
          if (pairing !== null && (await ownDevice(frame)) === result.device) {
            frame.home.writePairing({ ...pairing, deviceName });
          }
          frame.output.line(say("owner", "renamed", { name: showName(deviceName) }));
          return { exitCode: 0, fields: { outcome: "ok", device: result.device, deviceName } };
        });
      });
    });
}

function addRevoke(devices: Command, run: RunCommand): void {
  const command = devices
    .command("revoke")
    .argument("<device>", "its name, or the beginning of its id")
    .description("Shut a lost or stolen machine out of the vault, at once. Needs the passphrase or the recovery words.")
    .option(
      "--since <when>",
      "since when it is out of your hands: what it backed up since then counts no more; or: now",
    )
    .option("--yes", "do not ask")
    .option("--accept-older", ACCEPT_OLDER)
    .addHelpText(
      "after",
      helpText(`
Whoever has the machine can write false newer versions of its files until it is revoked. So it asks since when it is out of
your hands, and shows what each answer shuts out. A copy of its home that was made earlier counts from that day. What is
shut out can still be restored, marked, with restore --with-revoked.

Examples:
  coffre devices revoke phone
  coffre devices revoke phone --since '2026-11-21 10:15' --yes`),
    )
    .action(async (device: string) => {
      await run(command, async (frame) => {
        const options = command.optsWithGlobals<RevokeOptions>();
        const isAsked = frame.output.terminal.canAsk;
        if (!isAsked && (options.since === undefined || options.yes !== true))
          throw usage(say("owner", "revoke-needs"));
        const given = options.since === undefined ? undefined : parseSince(options.since);
        return await withOwnVault(frame, options, (session) => revoke(frame, session, device, given, options));
      });
    });
}

/** `since`: null for now, undefined to be asked for. */
async function revoke(
  frame: CommandFrame,
  session: Session,
  device: string,
  given: number | null | undefined,
  options: RevokeOptions,
): Promise<CommandResult> {
  const name = showName(device);
  const since = given === undefined ? await askSince(frame, session, device) : given;
  const shutOut = since === null ? null : ((await choicesOf(session, device, since))[0] ?? null);
  frame.output.note(sayShutOut(name, shutOut));
  if (await isOwn(frame, session, device)) {
    frame.output.note(say("owner", "revoke-own", { name }));
  }
  if (options.yes !== true) await confirm(frame, say("owner", "revoke-question", { name }));
  const result = await session.must({ kind: "revoke-device", device, ...(since === null ? {} : { since }) });
  if (result.kind !== "result" || result.ask !== "revoke-device") throw failedWith(null);
  const { revokedAfter = 0 } = result;
  frame.output.line(say("owner", "revoked", { name, record: `${revokedAfter}` }));
  frame.output.line(say("owner", "revoked-next"));
  const { records = 0, files = 0, bytes = 0 } = shutOut ?? {};
  return { exitCode: 0, fields: { outcome: "ok", device: result.device, revokedAfter, records, files, bytes } };
}

/** Shows what each answer shuts out, and asks until there is one; null for now. */
async function askSince(frame: CommandFrame, session: Session, device: string): Promise<number | null> {
  const { output } = frame;
  const name = showName(device);
  output.note(say("owner", "since-choices", { name }));
  output.note(say("owner", "since-nothing"));
  for (const choice of await choicesOf(session, device)) output.note(say("owner", "since-choice", countsOf(choice)));
  for (;;) {
    const typed = await askLine(frame, say("owner", "since-question", { name }));
    if (typed === say("owner", "since-now")) return null;
    try {
      return parseSince(typed);
    } catch (error) {
      output.note(error instanceof Error ? error.message : "");
    }
  }
}

async function choicesOf(session: Session, device: string, since?: number): Promise<readonly ShutOutView[]> {
  const result = await session.must({ kind: "shut-out", device, ...(since === undefined ? {} : { since }) });
  return result.kind === "result" && result.ask === "shut-out" ? result.choices : [];
}

function sayShutOut(name: string, shutOut: ShutOutView | null): string {
  if (shutOut === null || shutOut.records === 0) return say("owner", "revoke-nothing", { name });
  return say("owner", "revoke-some", { name, ...countsOf(shutOut) });
}

function countsOf({ sinceMs, records, files, bytes }: ShutOutView) {
  return {
    time: sayTime(sinceMs),
    records: showCount(records, "record"),
    files: showCount(files, "file"),
    size: showBytes(bytes),
  };
}

/** This machine's id in the vault that its home is paired with; null when there is none. */
export async function ownDevice(frame: CommandFrame): Promise<string | null> {
  if (frame.home.readPairing() === null) return null;
  const status = await readHome(frame.home, { kind: "status" });
  return status?.kind === "status" ? status.device : null;
}

async function isOwn(frame: CommandFrame, session: Session, device: string): Promise<boolean> {
  const own = await ownDevice(frame);
  const result = await session.must({ kind: "devices" });
  if (own === null || result.kind !== "result" || result.ask !== "devices") return false;
  return result.devices.some((each) => each.device === own && (each.name === device || own.startsWith(device)));
}
