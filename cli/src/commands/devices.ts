// `coffre devices`: the machines of a vault.

import { rmSync } from "node:fs";
import type { DeviceProgress } from "coffre-engine";
import type { Command } from "commander";
import { endWithReader, type RunCommand } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { Home } from "../home.ts";
import { say } from "../language.ts";
import { sayTime, showCount, showName } from "../printable.ts";
import { withVault } from "../restore-session.ts";
import type { PassphraseOptions, WordsOptions } from "../secret-input.ts";
import { addServerOptions, addWordsOptions, type ServerOptions } from "../server-options.ts";
import { failedWith } from "../session.ts";
import { makeIndexFolder } from "./ls.ts";

/** Adds the command to the program. */
export function addDevices(program: Command, run: RunCommand): void {
  const command = program
    .command("devices")
    .description("List the machines of the vault: name, when each joined, and what it backed up last.");
  addServerOptions(addWordsOptions(command), "from-home")
    .addHelpText(
      "after",
      helpText(`
It needs the passphrase or the recovery words. A name that several machines share has the beginning of each one's id behind
it; ls and restore take that name with --device.`),
    )
    .action(async (options: ServerOptions & PassphraseOptions & WordsOptions) => {
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
              for (const device of result.devices) {
                frame.output.item("device", device);
                frame.output.line(sayDevice(device));
              }
              return { exitCode: 0, fields: { outcome: "ok", devices: result.devices.length } };
            },
          );
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      });
    });
}

function sayDevice({ name, createdAtMs, records, lastRecordAtMs, revokedAfter }: DeviceProgress): string {
  const last =
    lastRecordAtMs === null
      ? say("vault", "device-new")
      : say("vault", "device-last", { time: sayTime(lastRecordAtMs), records: showCount(records, "record") });
  const about = { name: showName(name), joined: sayTime(createdAtMs), last };
  if (revokedAfter === null) return say("vault", "device", about);
  return say("vault", "device-out", { ...about, record: `${revokedAfter}` });
}
