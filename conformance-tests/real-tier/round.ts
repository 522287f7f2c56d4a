// One round: a vault of its own, a few backups that are killed and cut off, then peace, one backup more, and a new machine
// that restores everything. Rule: what the seed can decide, it decides; what fails is said as a RoundFailed.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { stopChildren } from "../end-to-end/child.ts";
import type { ClientEnd, ClientProcess } from "../end-to-end/client-process.ts";
import { type Account, type Machine, Scene } from "../end-to-end/scene.ts";
import { SeededNumbers } from "../end-to-end/seeded-content.ts";
import { compareTrees, pictureTree, sumPicture, type TreePicture } from "../end-to-end/tree-picture.ts";
import { ChangingTree } from "./changing-tree.ts";
import { FaultCount } from "./fault-count.ts";
import { drawBytes, drawFate, FaultyLink } from "./faulty-link.ts";
import { KeptServer } from "./kept-server.ts";
import { ServerPlace } from "./server-place.ts";

export type RoundChoice = {
  readonly seed: string;
  readonly number: number;
  readonly isMountable: boolean;
  /** The command line of what stands in for `coffre` on another host. */
  readonly program?: readonly string[] | undefined;
};

/** What is wrong after a round, and where everything is that may say why. */
export class RoundFailed extends Error {
  override readonly name = "RoundFailed";
}

/** A backup that goes on for so long is killed: it waits for a connection that will not come back. */
const PATIENCE_MS = 6_000;
/** The last backup of a round has no faults to blame. */
const PEACE_MS = 60_000;
const NOT_OURS = /^(?:peer-|user-stopped$)/;

export class Round {
  readonly count: FaultCount = new FaultCount();
  readonly #scene: Scene;
  readonly #choice: RoundChoice;
  readonly #numbers: SeededNumbers;
  readonly #tree: ChangingTree;
  readonly #place: ServerPlace;
  readonly #server: KeptServer;
  #link: FaultyLink | null = null;

  constructor(choice: RoundChoice) {
    this.#choice = choice;
    const name = `${choice.seed} ${choice.number}`;
    this.#numbers = new SeededNumbers(`round ${name}`);
    this.#scene = new Scene("real-tier", undefined, choice.program);
    mkdirSync(this.#scene.path("source"));
    this.#tree = new ChangingTree(this.#scene.path("source"), this.#scene.path("beside"), name);
    const room = this.#numbers.below(3) === 0 ? 1_500_000 + this.#numbers.below(4_000_000) : null;
    this.#place = new ServerPlace(this.#scene.path("data"), room, choice.isMountable);
    this.#server = new KeptServer(this.#place, this.count);
  }

  /** Where the round takes place. */
  get folder(): string {
    return this.#scene.folder;
  }

  /** Runs the round; a RoundFailed says what does not hold. */
  async run(): Promise<void> {
    await this.#server.start();
    const link = await FaultyLink.open(this.count);
    this.#link = link;
    link.targetPort = this.#server.port;
    const account = { url: link.url, login: "ada" };
    const machine = await this.#scene.pairedMachine(account, this.#tree.root);
    const attempts = 2 + this.#numbers.below(2);
    const looksAfter = this.#numbers.below(attempts);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await this.#attempt(machine, link, attempt);
      if (attempt === looksAfter) await this.#checkSynced(machine, account, link);
    }
    await this.#makePeace(link);
    await this.#finish(machine, account, link);
  }

  /** Ends what the round started; `isKept` leaves its folder, and the file system in it. */
  async close(isKept: boolean): Promise<void> {
    await stopChildren();
    await this.#link?.close();
    if (isKept) return;
    this.#place.remove();
    this.#scene.remove();
  }

  /** A backup in bad times. */
  async #attempt(machine: Machine, link: FaultyLink, attempt: number): Promise<void> {
    for (let left = this.#numbers.below(5); left > 0; left -= 1) this.#change("tree changed between");
    const fates = new SeededNumbers(`link ${this.#choice.seed} ${this.#choice.number} ${attempt}`);
    if (this.#numbers.below(4) > 0) link.draw = () => drawFate(fates);
    for (let left = this.#numbers.below(4); left > 0; left -= 1) {
      link.after(drawBytes(this.#numbers), () => this.#change("tree changed during"));
    }
    if (this.#numbers.below(2) === 0) {
      const early = this.#numbers.below(4) === 0 ? [50 + this.#numbers.below(700)] : [];
      link.after(drawBytes(this.#numbers), () => void this.#server.bounce(early));
    }
    const client = machine.start(["backup"]);
    await this.#killSomewhere(client, link, "client killed");
    const end = await client.ended;
    link.forgetMilestones();
    await this.#server.settle();
    this.#judge(end);
  }

  /** Draws the moment of a kill, by bytes or by time, and lets the process run up to there or to its end. */
  async #killSomewhere(
    client: ClientProcess,
    link: FaultyLink,
    kind: "client killed" | "restore killed",
  ): Promise<void> {
    const how = this.#numbers.below(5);
    const kill = (): void => client.signal("SIGKILL");
    const timers = [setTimeout(kill, PATIENCE_MS)];
    if (how < 3) link.after(drawBytes(this.#numbers), kill);
    if (how === 3) timers.push(setTimeout(kill, this.#numbers.below(2_000)));
    const { signal } = await client.ended;
    for (const timer of timers) clearTimeout(timer);
    if (signal === "SIGKILL") this.count.add(kind);
  }

  /** A client that ends by itself says a reason that faults explain, and never that it has a fault inside. */
  #judge(end: ClientEnd): void {
    const trouble = end.events.find(({ type }) => type === "trouble");
    if (trouble !== undefined) throw new RoundFailed(`a fault inside: ${JSON.stringify(trouble)}`);
    if (end.signal === "SIGKILL" || end.code === 0) return;
    const waiting = JSON.stringify(end.summary["waiting"] ?? "");
    if (waiting.includes("server-full") || waiting.includes("quota-exceeded")) this.count.add("disk full");
    if (end.code === 3) return;
    if (end.code === 1 && NOT_OURS.test(String(end.summary["code"]))) return;
    throw new RoundFailed(`a command ended with ${end.signal ?? end.code}: ${end.stdout.at(-1)} ${end.stderr}`);
  }

  /** What the status calls synced must be on the server, whatever was killed. */
  async #checkSynced(machine: Machine, account: Account, link: FaultyLink): Promise<void> {
    link.calm();
    const status = await machine.run(["status"]);
    const { filesSynced } = status.summary;
    if (status.code !== 0 || typeof filesSynced !== "number") {
      throw new RoundFailed(`status ended with ${status.code}: ${status.stdout.join("\n")}`);
    }
    if (filesSynced === 0) return;
    const restored = await this.#restore(account, "looked", this.#choice.number % 2 === 0 ? "words" : "passphrase");
    const invented = this.#tree.findInvented(restored);
    if (invented.length > 0) throw new RoundFailed(`restored in between: ${invented.join("\n")}`);
    const names = new Set([...restored.keys()].map(unformat));
    const synced = readSyncedPaths(machine);
    const missing = synced.filter((path) => !names.has(path)).length;
    if (missing > 0) throw new RoundFailed(`${missing} of ${synced.length} synced files did not come back`);
    if (synced.length !== filesSynced) {
      throw new RoundFailed(`the status said ${filesSynced} files are synced; its tables say ${synced.length}`);
    }
  }

  /** No faults from here on, and room for everything. */
  async #makePeace(link: FaultyLink): Promise<void> {
    link.calm();
    await this.#server.settle();
    if (this.#place.enlarge()) await this.#server.restart();
    await this.#server.settle();
  }

  async #finish(machine: Machine, account: Account, link: FaultyLink): Promise<void> {
    const client = machine.start(["backup"]);
    const timer = setTimeout(() => client.signal("SIGKILL"), PEACE_MS);
    const end = await client.ended;
    clearTimeout(timer);
    this.#judge(end);
    if (end.code !== 0) throw new RoundFailed(`the last backup ended with ${end.code}: ${end.stdout.join("\n")}`);
    const expected = this.#tree.picture();
    const { files } = sumPicture(expected);
    if (end.summary["filesSynced"] !== files) {
      throw new RoundFailed(`the last backup calls ${end.summary["filesSynced"]} files synced; there are ${files}`);
    }
    if (this.#numbers.below(3) === 0) await this.#breakRestore(account, link);
    const ways = this.#choice.number % 8 === 0 ? ["passphrase", "words"] : [];
    if (ways.length === 0) ways.push(this.#choice.number % 2 === 0 ? "passphrase" : "words");
    for (const way of ways) {
      const differences = compareTrees(expected, await this.#restore(account, "back", way));
      if (differences.length > 0) throw new RoundFailed(`restored by ${way}: ${differences.join("\n")}`);
    }
  }

  /** A restore in bad times; the same command ends well afterwards. */
  async #breakRestore(account: Account, link: FaultyLink): Promise<void> {
    const fates = new SeededNumbers(`restore ${this.#choice.seed} ${this.#choice.number}`);
    link.draw = () => drawFate(fates);
    const args = ["restore", ...this.#scene.as(account), "--to", this.#scene.path("back by passphrase")];
    const client = this.#scene.machine("a new machine").start(args);
    await this.#killSomewhere(client, link, "restore killed");
    this.#judge(await client.ended);
    link.forgetMilestones();
    link.calm();
  }

  /** What a machine that was never there gets back. */
  async #restore(account: Account, name: string, way: string): Promise<TreePicture> {
    const to = this.#scene.path(`${name} by ${way}`);
    const by =
      way === "words" ? ["--recovery-file", this.#scene.wordsFile] : ["--passphrase-file", this.#scene.passphraseFile];
    const args = ["restore", "--server", account.url, "--login", account.login, ...by, "--to", to];
    const end = await this.#scene.machine("a new machine").run(args);
    this.#judge(end);
    if (end.code !== 0) throw new RoundFailed(`a restore by ${way} ended with ${end.code}: ${end.stdout.join("\n")}`);
    const picture = pictureTree(`${to}/root`);
    this.count.restoredBytes += sumPicture(picture).bytes;
    return picture;
  }

  #change(kind: "tree changed between" | "tree changed during"): void {
    this.#tree.change(kind === "tree changed during");
    this.count.add(kind);
  }
}

/** What the machine's own tables call synced, as paths below the root. */
function readSyncedPaths(machine: Machine): readonly string[] {
  const tables = new DatabaseSync(join(machine.home, "state.db"), { readOnly: true });
  const sql = `SELECT f.path AS folder, e.name FROM entry e JOIN folder f ON f.id = e.folder
    WHERE e.state = 0 AND e.kind = 1`;
  const rows = tables.prepare(sql).all();
  tables.close();
  return rows.map(({ folder, name }) => (folder === "" ? `${name}` : `${folder}/${name}`));
}

/** The text of a path from its form in a picture. */
function unformat(path: string): string {
  const latin1 = path.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin1, "latin1").toString("utf8");
}
