// `coffre status`: what is synced, what waits and why, and what happens next. It reads alone, also while a backup runs.

import type { View } from "coffre-engine";
import type { Command } from "commander";
import { usage } from "../command-end.ts";
import { endWithReader, type RunCommand } from "../command-run.ts";
import { sayCounts } from "../counts-text.ts";
import type { Pairing } from "../home.ts";
import { say } from "../language.ts";
import { sayTime, showCount, showName } from "../printable.ts";
import { describeUnpaired, readHome } from "../session.ts";
import { failureWords } from "../words.ts";
import { sayRoot } from "./roots.ts";

type StatusView = Extract<View, { kind: "status" }>;

const STATES: Record<Exclude<StatusView["state"], "ok">, string> = {
  forked: "peer-forked",
  cloned: "peer-cloned",
  revoked: "peer-device-revoked",
};

const DAY_MS = 86_400_000;

/** Adds the command to the program. */
export function addStatus(program: Command, run: RunCommand): void {
  const command = program
    .command("status")
    .description("Show what is synced, what waits and why, what was verified, and what happens next.")
    .option("--alarm-days <days>", "raise an alarm when nothing was fully synced, or verified, for so many days", "3")
    .action(async (options: { alarmDays: string }) => {
      await run(command, async (frame) => {
        endWithReader(frame);
        const pairing = frame.home.readPairing();
        const status = await readHome(frame.home, { kind: "status" });
        if (pairing === null || status === null || status.kind !== "status" || !status.paired) {
          throw await describeUnpaired(frame.home);
        }
        const isRunning = frame.home.isBusy();
        const alarms = findAlarms(status, parseDays(options.alarmDays), Date.now());
        for (const { kind, days } of alarms) frame.output.line(say("verify", `alarm-${kind}`, { days: `${days}` }));
        for (const line of sayStatus(pairing, status, isRunning)) frame.output.line(line);
        const { kind: _kind, counts, ...rest } = status;
        const { server, login, deviceName } = pairing;
        return {
          exitCode: 0,
          fields: { outcome: "ok", server: server.url, login, deviceName, isRunning, alarms, ...rest, ...counts },
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
  lines.push(...sayVerified(status));
  lines.push(sayNext(status, isRunning));
  if (status.roots.length === 0) lines.push("", say("status", "no-folders"));
  else lines.push("", ...status.roots.flatMap(sayRoot));
  return lines;
}

/** Why an owner should look, and for how many days that has been so. Nothing before the first receipt: that is said by itself. */
export function findAlarms(
  { lastReceipt, lastSyncedAtMs, verified, drilled }: StatusView,
  mostDays: number,
  nowMs: number,
): { readonly kind: "synced" | "verified"; readonly days: number }[] {
  if (lastReceipt === null) return [];
  const daysSince = (atMs: number): number => Math.floor((nowMs - atMs) / DAY_MS);
  const synced = daysSince(lastSyncedAtMs ?? lastReceipt.timeMs);
  const checkedAtMs = Math.max(verified?.atMs ?? 0, drilled?.atMs ?? 0);
  const checked = checkedAtMs === 0 ? null : daysSince(checkedAtMs);
  return [
    ...(synced >= mostDays ? [{ kind: "synced" as const, days: synced }] : []),
    ...(checked !== null && checked >= mostDays ? [{ kind: "verified" as const, days: checked }] : []),
  ];
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^[0-9]{1,4}$/.test(text) || days < 1) throw usage(say("option", "alarm-days"));
  return days;
}

function sayVerified({ verified, drilled, lastReceipt }: StatusView): string[] {
  const lines: string[] = [];
  for (const check of [verified, drilled]) {
    if (check === null) continue;
    const { kind, atMs, blobs, of, bad } = check;
    const what = kind === "audit" ? "blob" : "file";
    const about = { time: sayTime(atMs), checked: `${blobs}`, of: showCount(of, what), bad: `${bad}` };
    if (kind === "drill") lines.push(say("verify", "status-drill", about));
    else lines.push(say("verify", bad === 0 ? "status-good" : "status-bad", about));
  }
  return lines.length === 0 && lastReceipt !== null ? [say("verify", "status-never")] : lines;
}

function sayNext({ next }: StatusView, isRunning: boolean): string {
  if (!isRunning) return say("status", "next-none");
  if (next.atMs === null || next.what === "nothing") return say("status", "next-running");
  return say("status", next.what === "sweep" ? "next-sweep" : "next-retry", { time: sayTime(next.atMs) });
}
