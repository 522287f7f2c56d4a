// What a server does besides answering: collecting, keeping the ballast, writing what a full disk kept in memory. Rule: a
// failure is logged and tried again, and ends nothing.

import { Collector } from "../domain/collector.ts";
import { DiskWarning } from "../domain/disk-warning.ts";
import type { Instance } from "../domain/instance.ts";
import type { App } from "../routes/app.ts";
import { describeFault } from "../routes/fault-lines.ts";

/** How much running time a kill can lose to the collector. */
const TICK_MS = 10 * 60_000;

/** How soon a full disk that has room again is written to. */
const ROOM_MS = 30_000;

/** Begins the upkeep; `stop` ends it with a last look. */
export function startUpkeep(app: App, instance: Instance): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const collector = new Collector(instance, () => performance.now());
  const timers = [
    repeat(app, TICK_MS, "collecting failed", async () => {
      const collected = await collector.tick();
      if (collected === null) return;
      app.log.info(collected, "collected");
      if (!stopping.signal.aborted) await instance.ballast.keep(stopping.signal);
    }),
    repeat(app, ROOM_MS, "writing what waited failed", () => instance.unwritten.flush()),
    repeat(app, ROOM_MS, "keeping room failed", async () => {
      if (!stopping.signal.aborted) await instance.ballast.keep(stopping.signal);
    }),
  ];
  const warning = new DiskWarning();
  const warn = async (): Promise<void> => {
    const space = await instance.room.readSpace();
    const said = space === null ? null : warning.judge(space, performance.now());
    if (said === "low") app.log.warn(space, "the disk is nearly full");
    if (said === "enough") app.log.info(space, "the disk has room again");
  };
  timers.push(repeat(app, ROOM_MS, "looking at the disk failed", warn));
  const begun = keepNow(app, instance, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await begun;
      for (const timer of timers) await timer.stop();
    },
  };
}

/** Of a server that was just started, too: its disk may be full before the first half minute has passed. */
async function keepNow(app: App, instance: Instance, signal: AbortSignal): Promise<void> {
  try {
    await instance.ballast.keep(signal);
  } catch (error) {
    app.log.error({ err: describeFault(error) }, "keeping room failed");
  }
}

/** Runs `work` every `intervalMs`, never twice at once, and a last time when it is stopped. */
function repeat(app: App, intervalMs: number, message: string, work: () => Promise<void>): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      app.log.error({ err: describeFault(error) }, message);
    }
  };
  const timer = setInterval(() => {
    running = running.then(run);
  }, intervalMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running.then(run);
    },
  };
}
