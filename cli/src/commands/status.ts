// `coffre status`: what is synced, what waits and why, and what happens next. It reads alone, also while a backup runs.

import type { View } from "coffre-engine";
import type { Command } from "commander";
import { endWithReader, type RunCommand } from "../command-run.ts";
import { sayCounts } from "../counts-text.ts";
import type { Pairing } from "../home.ts";
import { say } from "../language.ts";
import { sayTime, showName } from "../printable.ts";
import { describeUnpaired, readHome } from "../session.ts";
import { failureWords } from "../words.ts";
import { sayRoot } from "./roots.ts";

type StatusView = Extract<View, { kind: "status" }>;

const STATES: Record<Exclude<StatusView["state"], "ok">, string> = {
  forked: "peer-forked",
  cloned: "peer-cloned",
  revoked: "peer-device-revoked",
};

/** Adds the command to the program. */
export function addStatus(program: Command, run: RunCommand): void {
  const command = program
    .command("status")
    .description("Show what is synced, what waits and why, and what happens next.")
    .action(async () => {
      await run(command, async (frame) => {
        endWithReader(frame);
        const pairing = frame.home.readPairing();
        const status = await readHome(frame.home, { kind: "status" });
        if (pairing === null || status === null || status.kind !== "status" || !status.paired) {
          throw await describeUnpaired(frame.home);
        }
        const isRunning = frame.home.isBusy();
        for (const line of sayStatus(pairing, status, isRunning)) frame.output.line(line);
        const { kind: _kind, counts, ...rest } = status;
        const { server, login, deviceName } = pairing;
        return {
          exitCode: 0,
          fields: { outcome: "ok", server: server.url, login, deviceName, isRunning, ...rest, ...counts },
        };
      });
    });
}

function sayStatus(pairing: Pairing, status: StatusView, isRunning: boolean): string[] {
  const who = { login: showName(pairing.login), server: pairing.server.url, device: showName(pairing.deviceName) };
  const lines = [say("status", "who", who)];
  if (status.state !== "ok") lines.push(failureWords(STATES[status.state]));
  lines.push("", ...sayCounts(status.counts, status.files, status.roots, isRunning), "");
  const receipt = status.lastReceipt;
  if (receipt === null) lines.push(say("status", "unconfirmed"));
  else lines.push(say("status", "confirmed", { time: sayTime(receipt.timeMs), record: `${receipt.number}` }));
  lines.push(sayNext(status, isRunning));
  if (status.roots.length === 0) lines.push("", say("status", "no-folders"));
  else lines.push("", ...status.roots.flatMap(sayRoot));
  return lines;
}

function sayNext({ next }: StatusView, isRunning: boolean): string {
  if (!isRunning) return say("status", "next-none");
  if (next.atMs === null || next.what === "nothing") return say("status", "next-running");
  return say("status", next.what === "sweep" ? "next-sweep" : "next-retry", { time: sayTime(next.atMs) });
}
