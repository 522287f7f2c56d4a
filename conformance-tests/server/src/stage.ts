// What a check has to work with: its client, vaults, facts of the server. Rule: what several checks share is made once, and when
// making it fails, they say so and do not fail for it.

import type { Commands } from "./commands.ts";
import { needAll } from "./expectations.ts";
import { NotApplicable } from "./outcome.ts";
import { VaultKeys } from "./vault/structures.ts";
import { Vault, type VaultState } from "./vault/vault.ts";
import { Client, type Connections } from "./wire/client.ts";

/** What discovery says, read once before the first check. */
export type ServerFacts = {
  readonly software: string;
  readonly features: readonly string[];
  readonly registration: string;
  readonly serverKey: Uint8Array;
  readonly limits: Readonly<Record<"blobBytes" | "recordBytes" | "idsPerQuery", number>>;
};

/** What the caller gave for a run. */
export type Given = {
  readonly invitations: readonly string[];
  readonly account: VaultState | null;
  readonly commands: Commands;
};

/** What all checks of a run share. */
export class Shared {
  readonly connections: Connections;
  readonly facts: ServerFacts;
  readonly commands: Commands;
  /** The caller's own account, when one was given. */
  readonly account: VaultState | null;
  readonly #invitations: string[];
  readonly #stories = new Map<string, Promise<unknown>>();
  /** Every vault that was made, so that its sessions are ended. */
  readonly vaults: VaultState[] = [];

  constructor(connections: Connections, facts: ServerFacts, { invitations, account, commands }: Given) {
    this.connections = connections;
    this.facts = facts;
    this.commands = commands;
    this.account = account;
    this.#invitations = [...invitations];
  }

  /** An invitation where one is needed; NotApplicable when none is left. */
  nextInvitation(): string | null {
    if (this.facts.registration === "open") return null;
    if (this.facts.registration === "closed") throw new NotApplicable("the server takes no new accounts");
    const code = this.#invitations.shift();
    if (code === undefined) throw new NotApplicable("no invitation is left: give more with --invitation");
    return code;
  }

  /** What `tell` gives; told once for all who ask for `name`. */
  once<Result>(name: string, tell: () => Promise<Result>): Promise<Result> {
    const story = this.#stories.get(name) ?? tell();
    this.#stories.set(name, story);
    return story as Promise<Result>;
  }
}

/** One check's view of the run. */
export class Stage {
  readonly client: Client;
  readonly #shared: Shared;

  constructor(shared: Shared, checkId: string) {
    this.#shared = shared;
    this.client = new Client(shared.connections, checkId);
  }

  get facts(): ServerFacts {
    return this.#shared.facts;
  }

  get commands(): Commands {
    return this.#shared.commands;
  }

  once<Result>(name: string, tell: () => Promise<Result>): Promise<Result> {
    return this.#shared.once(name, tell);
  }

  /**
   * A vault with account, both tokens and epoch 1, which checks share: it must be left as it is, but for more data. It is the
   * caller's own when an account was given, and then has more devices than the suite's.
   */
  async vault(): Promise<Vault> {
    const { account } = this.#shared;
    return account === null ? this.madeVault() : this.bindVault(account);
  }

  /** Such a vault that the suite made, so that its object and roster are known to the byte. */
  madeVault(): Promise<Vault> {
    return this.#sharedVault("vault");
  }

  /** Another such vault, of somebody else. */
  stranger(): Promise<Vault> {
    return this.#sharedVault("stranger");
  }

  /** A vault of this check alone, with account, both tokens and epoch 1. */
  async freshVault(): Promise<Vault> {
    return this.bindVault(await this.#begin());
  }

  /** Keys of a vault without an account, and an invitation where one is needed. */
  newVault(): Vault {
    const state: VaultState = {
      keys: new VaultKeys(),
      invitation: this.#shared.nextInvitation(),
      token: "",
      fullToken: "",
    };
    this.#shared.vaults.push(state);
    return this.bindVault(state);
  }

  async #sharedVault(name: string): Promise<Vault> {
    return this.bindVault(await this.#shared.once(name, () => this.#begin()));
  }

  async #begin(): Promise<VaultState> {
    const vault = this.newVault();
    await needAll("a vault to work with", () => vault.begin());
    return vault.state;
  }

  /** A vault of these keys and tokens, with this check's client. */
  bindVault(state: VaultState): Vault {
    return new Vault(this.client, state, this.#shared.facts.serverKey);
  }
}
