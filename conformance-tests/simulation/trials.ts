// The three scenarios of the exhaustive part: new files, a changed vault, a restore. Rule: each is small enough that every
// place where its process can end is tried.

import { CHUNK_BYTES } from "../../engine/src/format/ladder.ts";
import { seededContent } from "../scripted-host/file-content.ts";
import type { VirtualServer } from "../scripted-host/http-exchange.ts";
import type { EngineFactory } from "../scripted-host/script-engines.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { Arrivals } from "./arrivals.ts";
import { converge } from "./play.ts";
import { checkRestore, Reader } from "./restoring.ts";
import { ROOT, Stage } from "./stage.ts";

/** One play of a scenario up to its end, with a process that may be killed anywhere. */
export interface Trial {
  readonly stage: Stage;
  /** The host whose process is killed. */
  readonly host: ScriptedHost;
  readonly arrivals: Arrivals;
  /** Starts the process and does what the scenario is about, as far as the process lives. */
  run(): void;
  /** The last commits of the process that ended had not reached the disk; false where there are not that many. */
  forgetCommits(count: number): boolean;
  /** Brings everything to its end, and throws Broken where a promise did not hold. */
  finish(): void;
}

export interface TrialScenario {
  readonly name: string;
  begin(engines: EngineFactory): Trial;
}

/** A seed whose host answers at once: what is left to chance is what the explorer chooses. */
const SEED = 3;
/** Small enough that each large file needs a blob of its own. */
const PROXY_LIMIT_BYTES = 1_200_000;
const HOUR_MS = 3_600_000;

export const TRIAL_SCENARIOS: readonly TrialScenario[] = [
  {
    name: "new files go up in several blobs",
    begin: (engines) => {
      const stage = pairedStage(engines);
      // The server's proxy refuses the first blob: from now on each large file needs one of its own.
      stage.host.ground.link.proxyLimitBytes = PROXY_LIMIT_BYTES;
      stage.tree.write(`${ROOT}/first`, seededContent(20, 2 * CHUNK_BYTES));
      converge(stage);
      return new BackupTrial(stage, ({ tree }) => {
        for (let i = 0; i < 3; i++) tree.write(`${ROOT}/large ${i}`, seededContent(10 + i, CHUNK_BYTES));
        tree.write(`${ROOT}/trip/small`, "small");
        tree.link(`${ROOT}/link`, "trip");
      });
    },
  },
  {
    name: "files are renamed, changed and removed while an epoch ends",
    begin: (engines) => {
      const stage = pairedStage(engines);
      stage.tree.write(`${ROOT}/changing`, "as it was");
      stage.tree.write(`${ROOT}/old/kept`, "kept");
      stage.tree.write(`${ROOT}/old/dropped`, "dropped");
      converge(stage);
      return new BackupTrial(stage, ({ tree, host }) => {
        tree.rename(`${ROOT}/old/kept`, `${ROOT}/moved`);
        tree.write(`${ROOT}/changing`, "as it is");
        tree.remove(`${ROOT}/old`);
        host.ask({ kind: "rotate" });
        host.step();
      });
    },
  },
  {
    name: "a new machine restores",
    begin: (engines) => {
      const stage = pairedStage(engines);
      for (const name of ["early", "trip/later", "last"]) {
        stage.tree.write(`${ROOT}/${name}`, name);
        converge(stage);
      }
      return new RestoreTrial(stage);
    },
  },
];

class BackupTrial implements Trial {
  readonly stage: Stage;
  readonly arrivals: Arrivals;

  constructor(stage: Stage, change: (stage: Stage) => void) {
    this.stage = stage;
    if (!stage.host.isUp) stage.host.start();
    change(stage);
    // Old enough that no time stamp is close to the reading.
    stage.world.clock.advance(HOUR_MS);
    this.arrivals = placeBetween(stage.host, { handle: stage.weather.handle }, stage);
  }

  get host(): ScriptedHost {
    return this.stage.host;
  }

  run(): void {
    const { host, stage } = this;
    if (!host.isUp) host.start();
    stage.asked = "once";
    if (host.drive({ kind: "backup", mode: "once" }) === null) stage.noteDown();
  }

  forgetCommits(count: number): boolean {
    this.stage.phoneWentBack();
    return this.stage.store.loseCommits(count);
  }

  finish(): void {
    converge(this.stage);
    checkRestore(this.stage, true);
  }
}

class RestoreTrial implements Trial {
  readonly stage: Stage;
  readonly arrivals: Arrivals;
  readonly #reader: Reader;
  #isOpen = false;

  constructor(stage: Stage) {
    this.stage = stage;
    this.#reader = new Reader(stage);
    this.arrivals = placeBetween(this.host, stage.world.server, stage);
    this.#reader.open(true);
    this.#isOpen = true;
  }

  get host(): ScriptedHost {
    return this.#reader.host;
  }

  run(): void {
    if (this.#isOpen) this.#reader.restoreAll();
    this.#isOpen = false;
  }

  forgetCommits(): boolean {
    return false;
  }

  finish(): void {
    this.#reader.check(this.#reader.restore(true));
  }
}

/** A paired phone whose commits can be lost. */
function pairedStage(engines: EngineFactory): Stage {
  const stage = new Stage(SEED, ["lost-commits"], engines);
  stage.weather.repeatOneIn = Number.POSITIVE_INFINITY;
  stage.begin();
  return stage;
}

function placeBetween(host: ScriptedHost, server: VirtualServer, stage: Stage): Arrivals {
  const arrivals = new Arrivals(server);
  stage.connect(host, arrivals);
  return arrivals;
}
