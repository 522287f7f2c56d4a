// `coffre backup`: the vault brought up to date, once or all the time.

import type { BackupMode, Result, RootView, View } from "coffre-engine";
import { type Command, Option } from "commander";
import { findChanged } from "../changed-paths.ts";
import { type CommandFrame, type CommandResult, type RunCommand, showTrouble, showWork } from "../command-run.ts";
import { sayCounts } from "../counts-text.ts";
import { helpText } from "../help-text.ts";
import { NO_PASSPHRASE } from "../host/passphrase-source.ts";
import { withInterrupts } from "../interrupts.ts";
import { say } from "../language.ts";
import { parseRate } from "../option-values.ts";
import { showBytes, showCount } from "../printable.ts";
import { describeUnpaired, failedAtServer, failedWith, type Session, withSession } from "../session.ts";
import { WatchReport } from "../watch-report.ts";

interface BackupOptions {
  readonly watch?: boolean;
  readonly changed?: true | readonly string[];
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
    .addOption(
      new Option(
        "--changed [paths...]",
        "send what waits, and look at nothing but these files, and these folders with all below them",
      ).conflicts("watch"),
    )
    .option("--quiet", "print nothing unless something waits or fails: for cron and timers")
    .option("--limit-upload <rate>", "send at most that many bytes per second: 500k, 2M")
    .addHelpText(
      "after",
      helpText(`
Interrupted by Ctrl-C it ends at the next safe point; the next backup goes on there.
With --changed alone it goes on with what an earlier one had found. What changed elsewhere is found by a backup without it.
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
        if (frame.home.readPairing() === null) throw await describeUnpaired(frame.home);
        return await withSession(parts, async (session) => {
          await session.must({ kind: "set", policy: { uploadBytesPerS } });
          const roots = await session.roots();
          if (options.changed !== undefined) {
            const paths = options.changed === true ? [] : options.changed;
            for (const { root, folders } of findChanged(paths, roots)) session.tellChanged(root, folders);
            return await backUp(frame, session, "changed", roots);
          }
          if (options.watch !== true) return await backUp(frame, session, "once", roots);
          watched = new WatchReport(frame, session);
          try {
            return await backUp(frame, session, "watch", roots);
          } finally {
            watched.close();
          }
        });
      });
    });
}

async function backUp(
  frame: CommandFrame,
  session: Session,
  mode: BackupMode,
  roots: readonly RootView[],
): Promise<CommandResult> {
  const stop = (): void => {
    frame.output.note(say("backup", "ending"));
    session.requestStop();
  };
  const result = await withInterrupts(stop, () => session.ask({ kind: "backup", mode }));
  if (result.kind !== "result" || result.ask !== "backup") throw failedWith("host-error");
  if (result.code === "user-no-roots") throw failedWith(result.code);
  const isNews = result.outcome === "failed" || result.counts.filesWaiting > 0;
  if (isNews || !frame.output.isQuiet) for (const line of sayResult(result, roots)) frame.output.line(line);
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

function sayResult(result: BackupResult, roots: readonly RootView[]): string[] {
  const sent = {
    size: showBytes(result.bytesSent),
    blobs: showCount(result.blobsSent, "blob"),
    requests: showCount(result.requests, "request"),
  };
  const lines = [...sayCounts(result.counts, result.files, roots), say("backup", "sent", sent)];
  if (result.mode === "changed") lines.push(say("backup", "changed-only"));
  return lines;
}
