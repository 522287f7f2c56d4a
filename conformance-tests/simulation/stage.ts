// Where a story is played: one phone, one server, and everything that watches them. Rule: nothing here chooses; moves do.

import type { Result } from "../../engine/src/border/results.ts";
import { cheapBytePlane } from "../scripted-host/byte-plane.ts";
import type { FileTree } from "../scripted-host/file-tree.ts";
import type { VirtualServer } from "../scripted-host/http-exchange.ts";
import type { EngineFactory } from "../scripted-host/script-engines.ts";
import type { ScriptedHost } from "../scripted-host/scripted-host.ts";
import { SeededRandom } from "../scripted-host/seeded-random.ts";
import type { Account, DurableState } from "../scripted-host/server-state.ts";
import { SERVER_URL, VirtualWorld } from "../scripted-host/virtual-world.ts";
import { Broken } from "./broken.ts";
import { checkMemory, checkNamed, checkProgress, checkSynced, checkTables, claimStamp } from "./claims.ts";
import { EXCLUDES } from "./excluded.ts";
import { checkExplained } from "./explained.ts";
import type { FaultCounts, FaultKind } from "./fault-kinds.ts";
import { TreeHistory } from "./history.ts";
import { watchPatience } from "./patience.ts";
import { PhoneConditions } from "./phone-conditions.ts";
import { SealedLog } from "./sealed-log.ts";
import { NAME_MARK, Secrecy } from "./secrecy.ts";
import { ServerOracle } from "./server-oracle.ts";
import { SimulatedStore } from "./simulated-store.ts";
import { chooseTicks } from "./ticks.ts";
import { Weather } from "./weather.ts";

export const ROOT = "/photos";
export const ROOT_NAME: string = `${NAME_MARK}-name-photos`;
const DEVICE_NAME = `${NAME_MARK}-name-phone`;
export const ROOT_AWAY = "/unmounted";
export const LOGIN = "anna";
export const SERVER = { url: SERVER_URL };
/** What an engine throws when the story says that it ran out of memory or time. */
const SIMULATED_LIMIT = "the story's limit was reached";
const INJECTED = [SIMULATED_LIMIT, "the test let the call fail"];

type BackupResult = Result & { readonly ask: "backup" };

/** How a phone's clock differs from everyone else's. */
export interface PhoneClock {
  readonly skewMs: number;
  readonly utcOffsetMinutes: number;
}

export type StageChoice = { readonly keepsTrace?: boolean; readonly phone?: PhoneClock };

export class Stage {
  readonly world: VirtualWorld;
  readonly host: ScriptedHost;
  readonly tree: FileTree;
  readonly store: SimulatedStore;
  readonly history: TreeHistory;
  readonly sealed: SealedLog = new SealedLog();
  readonly oracle: ServerOracle;
  readonly weather: Weather;
  readonly conditions: PhoneConditions;
  readonly counts: FaultCounts = {};
  readonly makeEngine: EngineFactory;
  /** Which ask is under way. */
  asked: "once" | "watch" | null = null;
  words = "";
  deviceName: string = DEVICE_NAME;
  kills = 0;
  /** Cut-offs that may each cost the blobs in flight, beside kills. */
  cutOffs = 0;
  /** The Store or the server went back in time: what was sent may be sent again, and a clone may be suspected. */
  wentBack = false;
  /** Files that cannot be seen for a while, although they are there. */
  readonly hidden: Set<string> = new Set();
  /** Files whose content changed without any stat telling. */
  readonly silent: Set<string> = new Set();
  readonly serverCopies: DurableState[] = [];
  /** Steps until an engine runs out of memory; null for never. */
  stepsToLimit: number | null = null;
  /** Since the server lost something, and until a backup that began later ended well, claims cannot hold. */
  claimsHold = true;
  #beganAfterLoss = false;
  #contents = 0;
  #joins = 1;
  #changesAtAsk = 0;
  #viewsSeen = 0;
  #faultsSeen = 0;
  #stepsChecked = 0;
  #stamp = "";
  /** How an engine asked sooner than a busy server wanted; null when none did. */
  #impatience: string | null = null;

  constructor(
    seed: number,
    mix: readonly FaultKind[],
    engines: EngineFactory,
    { keepsTrace, phone }: StageChoice = {},
  ) {
    this.world = new VirtualWorld(seed);
    this.store = new SimulatedStore(mix.includes("lost-commits"));
    this.makeEngine = engines;
    const delays = new SeededRandom(seed, "delays");
    const slowest = delays.pick([0, 0, 5, 200]);
    this.host = this.world.addHost({
      makeEngine: (port) => this.#limited(engines(port)),
      store: this.store,
      keepsTrace: keepsTrace ?? false,
      conditions: { network: "unmetered", charging: true, utcOffsetMinutes: phone?.utcOffsetMinutes ?? 0 },
      plane: this.sealed.listen(cheapBytePlane()),
      onFault: "recover",
      delayMs: (_, random) => (slowest === 0 ? 0 : random.below(slowest)),
      batch: (waiting, random) => (slowest === 0 ? waiting : 1 + random.below(waiting)),
    });
    this.host.skewMs = phone?.skewMs ?? 0;
    this.tree = this.host.ground.tree;
    this.tree.faults.entriesAtOnce = delays.pick([5, 40, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    if (phone === undefined) chooseTicks(this.tree, mix, delays);
    this.tree.addFolder(ROOT);
    this.history = new TreeHistory(this.tree, ROOT);
    this.oracle = new ServerOracle(this.sealed, this.history);
    this.weather = new Weather(new SeededRandom(seed, "weather"), this.world.server, this.counts);
    const { link, slots } = this.host.ground;
    this.connect(this.host);
    link.faultOf = this.weather.faultOf;
    const secrecy = new Secrecy(slots);
    this.weather.onRequest = (request) => secrecy.check(request);
    this.conditions = new PhoneConditions(this.host);
    this.weather.forbidden = () => this.conditions.isKnownForbidden;
    this.weather.onStored = () => this.oracle.readAll(this.world.server.state.accounts.values());
    this.store.onCommit = () => {
      checkMemory(this.host);
      if (this.store.hasWritten) this.#lookAtClaims();
    };
  }

  get account(): Account {
    const account = this.world.server.accountOf(LOGIN);
    if (account === null) throw new Error("expected the vault's account");
    return account;
  }

  /** Connects a host with the server through the weather, or through what stands in between. */
  connect({ ground }: ScriptedHost, between: VirtualServer = { handle: this.weather.handle }): void {
    ground.link.connect(SERVER_URL, { server: between, pin: this.world.server.pin, trusted: true });
  }

  /** Pairs the phone, with nothing going wrong. */
  begin(): void {
    this.host.start();
    this.demand(this.host.drive({ kind: "create", server: SERVER, login: LOGIN, deviceName: this.deviceName }));
    for (const view of this.host.views) if (view.kind === "words") this.words = view.words;
    this.addRoot();
  }

  /** The phone forgets all that it had, and is paired again as a new device of its vault. */
  joinAnew(): void {
    const { slots } = this.host.ground;
    slots.forgetMemory();
    for (const name of slots.names("device")) slots.erase(name, "device");
    this.store.wipe();
    this.deviceName = `${DEVICE_NAME} ${++this.#joins}`;
    this.host.start();
    this.demand(this.host.drive({ kind: "join", server: SERVER, login: LOGIN, deviceName: this.deviceName }));
    this.addRoot();
  }

  addRoot(): void {
    this.demand(this.host.drive({ kind: "add-root", name: ROOT_NAME, locator: ROOT, excludes: EXCLUDES }));
    this.asked = null;
    this.store.settle();
  }

  demand(result: Result | null): void {
    if (result?.outcome !== "ok") throw new Broken("named", `an undisturbed ask failed: ${JSON.stringify(result)}`);
  }

  /** A number for a content that no other has. */
  drawContent(): number {
    return ++this.#contents;
  }

  inject(kind: FaultKind): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** Asks for a backup, by a new process when none runs. */
  ask(mode: "once" | "watch"): void {
    if (!this.host.isUp) {
      this.host.start();
      this.asked = null;
    }
    if (this.asked !== null) return;
    this.asked = mode;
    this.#beganAfterLoss = !this.claimsHold;
    this.#changesAtAsk = this.history.changes;
    this.host.ask({ kind: "backup", mode });
  }

  /** The phone's own tables are older than the server's: what they say holds again when a later backup has ended well. */
  phoneWentBack(): void {
    this.serverLost();
    this.conditions.allowEverything();
  }

  /** The server lost something: claims hold again when a later backup has ended well. */
  serverLost(): void {
    this.claimsHold = false;
    this.#beganAfterLoss = false;
    this.wentBack = true;
    this.weather.forgetAnswers();
  }

  /** The process ends where it stands. */
  kill(): void {
    if (this.host.isUp) this.host.crash();
    this.noteDown();
  }

  noteDown(): void {
    this.kills++;
    this.asked = null;
  }

  /** Lets time pass; looks at what happened meanwhile. */
  run(ms: number): void {
    if (this.host.isUp) {
      const before = { steps: this.host.steps, requests: this.weather.requests };
      const end = this.host.runFor(ms, 60_000);
      this.#checkHeat(ms, before);
      if (end === "down") this.noteDown();
    } else this.world.clock.advance(ms);
    this.look();
  }

  /** Looks at what was shown and at the tables since the last look. */
  look(): void {
    for (const { message } of this.host.faults.slice(this.#faultsSeen)) {
      // The process goes on with a new engine, and the ask is lost with the old one.
      this.asked = null;
      this.kills++;
      if (!INJECTED.some((known) => message.includes(known))) throw new Broken("no-fault", message);
    }
    this.#faultsSeen = this.host.faults.length;
    if (this.#impatience !== null) throw new Broken("hot-loop", this.#impatience);
    const views = this.host.views.slice(this.#viewsSeen);
    this.#viewsSeen = this.host.views.length;
    for (const view of views) {
      if (view.kind === "result" && view.ask === "backup") this.#takeResult(view);
      else if (view.kind === "progress") checkProgress(view);
    }
    if (this.host.steps === this.#stepsChecked) return;
    this.#stepsChecked = this.host.steps;
    checkTables(this.host);
  }

  #takeResult(result: BackupResult): void {
    this.asked = null;
    checkExplained(result, this.counts);
    if (result.outcome === "failed") return;
    const isStill = this.history.changes === this.#changesAtAsk && !this.history.rootIsAway;
    if (isStill) checkNamed(this.host, this.history, this.hidden, result.outcome === "ok");
    // A backup that might not ask learned nothing of the server.
    const learned = result.outcome === "ok" && result.requests > 0 && this.conditions.mayAsk;
    if (!learned || this.claimsHold || !this.#beganAfterLoss) return;
    this.claimsHold = true;
    checkSynced(this.host, this.account, this.oracle);
  }

  #lookAtClaims(): void {
    if (!this.claimsHold || this.words === "") return;
    const stamp = claimStamp(this.host);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    checkSynced(this.host, this.account, this.oracle);
  }

  #checkHeat(ms: number, before: { readonly steps: number; readonly requests: number }): void {
    const hours = 1 + ms / 3_600_000;
    const steps = this.host.steps - before.steps;
    const requests = this.weather.requests - before.requests;
    if (steps > 2_000 * hours) throw new Broken("hot-loop", `${steps} calls in ${hours.toFixed(1)} hours`);
    if (requests > 500 * hours) throw new Broken("hot-loop", `${requests} requests in ${hours.toFixed(1)} hours`);
  }

  #limited(engine: ReturnType<EngineFactory>): ReturnType<EngineFactory> {
    const handle = watchPatience(
      (text) => engine.handle(text),
      () => this.host.isIdle,
      (what) => {
        this.#impatience ??= what;
      },
    );
    return {
      handle: (text) => {
        if (this.stepsToLimit !== null && this.stepsToLimit-- <= 0) {
          this.stepsToLimit = null;
          engine.handle(text);
          throw new Error(SIMULATED_LIMIT);
        }
        return handle(text);
      },
      ...(engine.dispose === undefined ? {} : { dispose: () => engine.dispose?.() }),
    };
  }
}
