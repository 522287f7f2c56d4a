// The world that hosts under test share: one clock, one server. Rule: everything has a default, so that a test names
// only what it is about.

import { readFileSync } from "node:fs";
import { cheapBytePlane } from "./byte-plane.ts";
import { FileTree } from "./file-tree.ts";
import type { HostChoice } from "./host-setup.ts";
import { MemoryServer } from "./memory-server.ts";
import { MemoryStore } from "./memory-store.ts";
import { ScriptedHost } from "./scripted-host.ts";
import { SeededRandom } from "./seeded-random.ts";
import { Slots } from "./slots.ts";
import { Trace } from "./trace.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { VirtualLink } from "./virtual-link.ts";

/** Where the world's server is to be found. */
export const SERVER_URL = "https://coffre.test";

/** A passphrase that H-26 lets pass. */
export const PASSPHRASE = "six blue herons at dawn";

/** The list of H-26. */
const COMMON_PASSPHRASES: ReadonlySet<string> = readCommonPassphrases();

/** One clock, one server, and as many hosts as a test wants. */
export class VirtualWorld {
  readonly clock: VirtualClock = new VirtualClock();
  readonly random: SeededRandom;
  readonly server: MemoryServer;
  #hosts = 0;

  constructor(seed = 1) {
    this.random = new SeededRandom(seed, "world");
    this.server = new MemoryServer(this.clock, seed);
  }

  /** A link of its own to the world's server. */
  makeLink(): VirtualLink {
    const link = new VirtualLink(this.clock, this.random.fork("link"));
    link.connect(SERVER_URL, { server: this.server, pin: this.server.pin, trusted: true });
    return link;
  }

  /** A host with its own tree, Store, slots and link, not started yet. */
  addHost(choice: HostChoice): ScriptedHost {
    const number = this.#hosts++;
    const random =
      choice.seed === undefined ? this.random.fork(`host ${number}`) : new SeededRandom(choice.seed, "host");
    const secrets = random.fork("secrets");
    return new ScriptedHost({
      makeEngine: choice.makeEngine,
      role: choice.role ?? "backup",
      ownFolders: choice.ownFolders ?? ["/coffre"],
      software: choice.software ?? "scripted-host",
      conditions: choice.conditions ?? { network: "unmetered", charging: true, utcOffsetMinutes: 0 },
      store: choice.store ?? new MemoryStore(),
      trace: choice.trace ?? new Trace(choice.keepsTrace ?? false),
      ground: {
        clock: this.clock,
        tree: choice.tree ?? new FileTree(this.clock),
        slots: choice.slots ?? new Slots(),
        plane: choice.plane ?? cheapBytePlane(),
        link: choice.link ?? this.makeLink(),
        prompt: {
          passphrase: choice.passphrase === undefined ? PASSPHRASE : choice.passphrase,
          common: choice.common ?? COMMON_PASSPHRASES,
        },
        draw: (length) => secrets.bytes(length),
      },
      random,
      delayMs: choice.delayMs ?? (() => 0),
      batch: choice.batch ?? ((waiting) => waiting),
      onFault: choice.onFault ?? "throw",
    });
  }
}

function readCommonPassphrases(): ReadonlySet<string> {
  const text = readFileSync(new URL("../vectors/passphrase-rule.json", import.meta.url), "utf8");
  return new Set((JSON.parse(text) as { readonly common: readonly string[] }).common);
}
