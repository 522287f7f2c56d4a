// `coffre devices`: the machines of a vault.

import { rmSync } from "node:fs";
import type { DeviceProgress } from "coffre-engine";
import type { Command } from "commander";
import { endWithReader, type RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { Home } from "../home.ts";
import { say } from "../language.ts";
import { sayTime, showBytes, showCount, showName } from "../printable.ts";
import { type VaultOptions, withVault } from "../restore-session.ts";
import { addServerOptions, addWordsOptions } from "../server-options.ts";
import { failedWith } from "../session.ts";
import { addDeviceChanges, ownDevice } from "./device-changes.ts";
import { makeIndexFolder } from "./ls.ts";

/** Adds the command to the program. */
export function addDevices(program: Command, run: RunCommand): void {
  const command = program
    .command("devices")
    .description(
      "List the machines of the vault: name, when each joined, what it backed up last; rename one, or revoke it.",
    );
  addServerOptions(addWordsOptions(command), "from-home")
    .addHelpText(
      "after",
      helpText(`
It needs the passphrase or the recovery words. A name that several machines share has the beginning of each one's id behind
it; ls and restore take that name with --device.`),
    )
    .action(async (options: VaultOptions) => {
      await run(command, async (frame) => {
        endWithReader(frame);
        const folder = makeIndexFolder();
        try {
          return await withVault(
            frame,
            options,
            new Home(folder, true),
            () => {},
            async (session) => {
              const result = await session.must({ kind: "devices" });
              if (result.kind !== "result" || result.ask !== "devices") throw failedWith(null);
              const own = await ownDevice(frame);
              for (const device of result.devices) {
                const isThis = device.device === own;
                frame.output.item("device", { ...device, isThis });
                frame.output.line(isThis ? `${sayDevice(device)}  ${say("owner", "device-this")}` : sayDevice(device));
              }
              return { exitCode: 0, fields: { outcome: "ok", devices: result.devices.length } };
            },
          );
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      });
    });
  addDeviceChanges(command, run);
}

function sayDevice({ name, createdAtMs, records, revokedAfter, ...device }: DeviceProgress): string {
  const { lastRecordAtMs, lastSeenAtMs, storedBytes } = device;
  const backedUp =
    lastRecordAtMs === null
      ? say("vault", "device-new")
      : say("vault", "device-last", { time: sayTime(lastRecordAtMs), records: showCount(records, "record") });
  const seen = lastSeenAtMs === null ? [] : [say("owner", "device-seen", { time: sayTime(lastSeenAtMs) })];
  const last = [backedUp, ...(storedBytes === null ? [] : [showBytes(storedBytes)]), ...seen].join("  ");
  const about = { name: showName(name), joined: sayTime(createdAtMs), last };
  if (revokedAfter === null) return say("vault", "device", about);
  return say("vault", "device-out", { ...about, record: `${revokedAfter}` });
}
