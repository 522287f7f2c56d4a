// `coffre backup`: the vault brought up to date, once or all the time.

import type { Result, View } from "coffre-engine";
import type { Command } from "commander";
import { type CommandFrame, type CommandResult, type RunCommand, showTrouble, showWork } from "../command-run.ts";
import { sayCounts } from "../counts-text.ts";
import { helpText } from "../help-text.ts";
import { NO_PASSPHRASE } from "../host/passphrase-source.ts";
import { withInterrupts } from "../interrupts.ts";
import { parseRate } from "../option-values.ts";
import { showBytes, showCount } from "../printable.ts";
import { failedAtServer, failedWith, type Session, withSession } from "../session.ts";
import { WatchReport } from "../watch-report.ts";

interface BackupOptions {
  readonly watch?: boolean;
  readonly quiet?: boolean;
  readonly limitUpload?: string;
}

type BackupResult = Extract<Result, { ask: "backup" }>;

/** Adds the command to the program. */
export function addBackup(program: Command, run: RunCommand): void {
  const command = program
    .command("backup")
    .description("Bring the vault up to date.")
    .option("--watch", "stay, send what is new within seconds, and look at everything every 15 minutes")
    .option("--quiet", "print nothing unless something waits or fails: for cron and timers")
    .option("--limit-upload <rate>", "send at most that many bytes per second: 500k, 2M")
    .addHelpText(
      "after",
      helpText(`
Interrupted by Ctrl-C it ends at the next safe point; the next backup goes on there.
Exit code 0: everything is synced. 3: some files wait, each for a reason that is shown. 1: it failed.`),
    )
    .action(async (options: BackupOptions) => {
      await run(command, async (frame) => {
        const uploadBytesPerS = options.limitUpload === undefined ? null : parseRate(options.limitUpload);
        let watched: WatchReport | null = null;
        const onView = (view: View): void => {
          showWork(frame, view);
          if (view.kind === "progress") watched?.take(view);
        };
        const onTrouble = (message: string): void => showTrouble(frame, message);
        const parts = { home: frame.home, role: "backup", passphrases: NO_PASSPHRASE, onView, onTrouble } as const;
        if (frame.home.readPairing() === null) throw failedWith("user-not-paired");
        return await withSession(parts, async (session) => {
          await session.must({ kind: "set", policy: { uploadBytesPerS } });
          if (options.watch !== true) return await backUp(frame, session, "once");
          watched = new WatchReport(frame, session);
          try {
            return await backUp(frame, session, "watch");
          } finally {
            watched.close();
          }
        });
      });
    });
}

async function backUp(frame: CommandFrame, session: Session, mode: "once" | "watch"): Promise<CommandResult> {
  const stop = (): void => {
    frame.output.note("Ending at the next safe point; once more ends at once.");
    session.requestStop();
  };
  const result = await withInterrupts(stop, () => session.ask({ kind: "backup", mode }));
  if (result.kind !== "result" || result.ask !== "backup") throw failedWith("host-error");
  const isNews = result.outcome === "failed" || result.counts.filesWaiting > 0;
  if (isNews || !frame.output.isQuiet) for (const line of sayResult(result)) frame.output.line(line);
  const { kind: _kind, ask: _ask, counts, ...rest } = result;
  const fields = { ...rest, ...counts };
  // Who watches until told to stop has done what was asked.
  const isDone = result.outcome !== "failed" || (mode === "watch" && result.code === "user-stopped");
  if (!isDone) {
    const pairing = frame.home.readPairing();
    const { message } = pairing === null ? failedWith(result.code) : await failedAtServer(result.code, pairing.server);
    frame.output.failure(message);
    return { exitCode: 1, fields: { ...fields, message } };
  }
  const outcome = counts.filesWaiting > 0 ? "waiting" : "ok";
  return { exitCode: outcome === "ok" ? 0 : 3, fields: { ...fields, outcome, code: null } };
}

function sayResult(result: BackupResult): string[] {
  const sent = `Sent ${showBytes(result.bytesSent)} in ${showCount(result.blobsSent, "blob")} and ${showCount(result.requests, "request")}.`;
  return [...sayCounts(result.counts, result.files), sent];
}
