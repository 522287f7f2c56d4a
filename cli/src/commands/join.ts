// `coffre join`: this machine as a further device of a vault.

import type { DeviceView, View } from "coffre-engine";
import type { Command } from "commander";
import { type CommandFrame, type RunCommand, showTrouble, showWork } from "../command-run.ts";
import { helpText } from "../help-text.ts";
import { NO_PASSPHRASE } from "../host/passphrase-source.ts";
import { say } from "../language.ts";
import { pair } from "../pairing.ts";
import { sayTime, showName } from "../printable.ts";
import { ACCEPT_OLDER } from "../restore-session.ts";
import { type CodeOptions, RememberedPassphrase, withCode } from "../second-factor-code.ts";
import { choosePassphrases, chooseWords, type PassphraseOptions, type WordsOptions } from "../secret-input.ts";
import { addServerOptions, addWordsOptions, type ServerOptions, wantedPairing } from "../server-options.ts";
import { withSession } from "../session.ts";

interface JoinOptions extends ServerOptions, PassphraseOptions, WordsOptions, CodeOptions {
  readonly deviceName?: string;
  readonly acceptOlder?: boolean;
}

/** Adds the command to the program. */
export function addJoin(program: Command, run: RunCommand): void {
  const command = program
    .command("join")
    .description("Pair this machine with a vault that you have, as a further device.")
    .option("--device-name <name>", "what to call this machine in the vault (default: its host name)")
    .option("--accept-older", ACCEPT_OLDER);
  addServerOptions(addWordsOptions(command), "required")
    .addHelpText(
      "after",
      helpText(`
Example:
  coffre join --server https://backup.example.org --login ada`),
    )
    .action(async (options: JoinOptions) => {
      await run(command, async (frame) => {
        const pairing = wantedPairing(options, options.deviceName);
        const words = await chooseWords(frame, options);
        const existing = words.words === undefined ? choosePassphrases(frame, options) : NO_PASSPHRASE;
        const passphrases = new RememberedPassphrase(existing, NO_PASSPHRASE);
        const onView = (view: View): void => {
          if (view.kind === "devices") showDevices(frame, view.devices);
          else showWork(frame, view);
        };
        const onTrouble = (message: string): void => showTrouble(frame, message);
        const name = await withSession(
          { home: frame.home, role: "backup", passphrases, onView, onTrouble },
          async (session) => {
            const { server, login, deviceName } = pairing;
            const accept = options.acceptOlder === true ? { acceptOlder: true } : {};
            const ask = { kind: "join", server, login, deviceName, ...words, ...accept } as const;
            const result = await withCode(frame, options, (code) =>
              pair(session, frame.home, pairing, { ...ask, ...code }),
            ).finally(() => passphrases.erase());
            const given =
              result.kind === "result" && result.ask === "join" ? (result.deviceName ?? deviceName) : deviceName;
            if (given !== deviceName) frame.home.writePairing({ ...pairing, deviceName: given });
            return given;
          },
        );
        if (name === pairing.deviceName) frame.output.line(say("vault", "paired", { name: showName(name) }));
        else sayOtherName(frame, pairing.deviceName, name);
        frame.output.line(say("vault", "next"));
        return { exitCode: 0, fields: { outcome: "ok", deviceName: name } };
      });
    });
}

/** Shows whom the vault's list names already; this machine signs that list with itself added. */
function showDevices(frame: CommandFrame, devices: readonly DeviceView[]): void {
  frame.output.note(say("vault", "signed-devices"));
  for (const { device, name, createdAtMs, revokedAfter } of devices) {
    frame.output.item("device", { device, name, createdAtMs, revokedAfter });
    const about = { name: showName(name), time: sayTime(createdAtMs) };
    if (revokedAfter === null) frame.output.note(say("vault", "device-since", about));
    else frame.output.note(say("vault", "device-revoked", { ...about, record: `${revokedAfter}` }));
  }
}

/** The name was another device's: two of one name could not be told apart. */
function sayOtherName({ output }: CommandFrame, wanted: string, name: string): void {
  output.line(say("vault", "name-taken", { name: showName(wanted) }));
  output.line(say("vault", "paired", { name: showName(name) }));
}
