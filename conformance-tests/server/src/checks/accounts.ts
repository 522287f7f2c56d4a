// Checks of accounts and of a login's parameters (P-20, P-21). Rule: each makes its own keys.

import type { Check } from "../check.ts";
import {
  expectAlike,
  expectBytes,
  expectEqual,
  expectProblem,
  expectStatus,
  expectThat,
  need,
} from "../expectations.ts";
import { NotApplicable } from "../outcome.ts";
import { base64, makeKey } from "../vault/signatures.ts";
import { VaultKeys } from "../vault/structures.ts";

const VERIFIED =
  "The server verifies the vault object (number 1, both ids, signature, login equal, parameters in range) and the roster (version 1, signature, certificates).";
const FIRST = "An equal account is 200 before the invitation is looked at";
const UNKNOWN = "For an unknown login the answer is a false one that stays the same for that login";

export const ACCOUNT_CHECKS: readonly Check[] = [
  {
    id: "accounts/create",
    requirement: "P-20",
    keyword: "MUST",
    quote: "→ 201 (200 when repeated) `{vault}`",
    says: "a new account is 201 with the vault's id, and 200 when it is sent again",
    run: async (stage) => {
      const vault = stage.newVault();
      expectEqual("vault", expectStatus(await vault.createAccount(), 201).text("vault"), vault.keys.id);
      expectEqual("vault", expectStatus(await vault.createAccount(), 200).text("vault"), vault.keys.id);
    },
  },
  {
    id: "accounts/repeat-before-invitation",
    requirement: "P-20",
    keyword: "MUST",
    quote: FIRST,
    says: "an equal account is 200 whatever invitation comes with it",
    run: async (stage) => {
      const vault = await stage.madeVault();
      expectStatus(await vault.createAccount({ invitation: "NONE-OF-YOURS" }), 200);
    },
  },
  {
    id: "accounts/exists-with-other-content",
    requirement: "P-2",
    keyword: "MUST",
    quote: "the same number with other content is 409",
    says: "an account of a vault that is there with another object is 409 vault-exists",
    run: async (stage) => {
      const vault = await stage.madeVault();
      const vaultObject = base64(vault.keys.vaultObject({ kdf: [131_072, 3, 4] }));
      expectProblem(await vault.createAccount({ vaultObject }), "vault-exists");
    },
  },
  {
    id: "accounts/login-taken",
    requirement: "P-20",
    keyword: "MUST",
    quote: "Login and invitation are reserved for the account before its object is written",
    says: "a second vault with a login that is taken is 409 login-taken",
    run: async (stage) => {
      const { keys } = await stage.vault();
      const vault = stage.newVault();
      const vaultObject = base64(vault.keys.vaultObject({ login: keys.login }));
      expectProblem(await vault.createAccount({ login: keys.login, vaultObject }), "login-taken");
      need("the account under its own login", await vault.createAccount(), 201);
    },
  },
  {
    id: "accounts/object-verified",
    requirement: "P-20",
    keyword: "MUST",
    quote: VERIFIED,
    says: "a vault object with number 2, another id, another signature, another login or parameters out of range is malformed",
    run: async (stage) => {
      const vault = stage.newVault();
      const { keys } = vault;
      const spoiled = [
        keys.vaultObject({ number: 2 }),
        keys.vaultObject({ key: makeKey() }),
        keys.vaultObject({ login: `${keys.login}.other` }),
        keys.vaultObject({ kdf: [65_535, 3, 4] }),
        keys.vaultObject({ kdf: [65_536, 2, 4] }),
        keys.vaultObject({ kdf: [65_536, 3, 5] }),
        keys.vaultObject().slice(0, -1),
      ];
      for (const object of spoiled) {
        expectProblem(await vault.createAccount({ vaultObject: base64(object) }), "malformed");
      }
      // With a roster of the same false id, so that nothing else is wrong.
      const falseId = new VaultKeys().id;
      const changes = {
        vaultObject: base64(keys.vaultObject({ vault: falseId })),
        roster: base64(keys.roster(1, [keys.device], [], falseId)),
      };
      expectProblem(await vault.createAccount(changes), "malformed");
      need("the account as it should be", await vault.createAccount(), 201);
    },
  },
  {
    id: "accounts/roster-verified",
    requirement: "P-20",
    keyword: "MUST",
    quote: VERIFIED,
    says: "a roster with version 2, of another vault or with a device that another vault certified is malformed",
    run: async (stage) => {
      const vault = stage.newVault();
      const { keys } = vault;
      const other = new VaultKeys();
      const spoiled = [keys.roster(2), other.roster(1, [keys.device]), flipLastByte(keys.roster())];
      for (const roster of spoiled) {
        expectProblem(await vault.createAccount({ roster: base64(roster) }), "malformed");
      }
      need("the account as it should be", await vault.createAccount(), 201);
    },
  },
  {
    id: "accounts/invitation-used-up",
    requirement: "P-20",
    keyword: "MUST",
    quote: "With registration `invitation` the code is used up by the account.",
    says: "no invitation is 403 invitation-required, an unknown or a used one invitation-refused",
    run: async (stage) => {
      if (stage.facts.registration !== "invitation") throw new NotApplicable("registration is not by invitation");
      const vault = stage.newVault();
      const { invitation, ...rest } = accountOf(new VaultKeys(), vault.state.invitation);
      expectProblem(await stage.client.send("POST", "/v1/accounts", { json: rest }), "invitation-required");
      const unknown = { ...rest, invitation: "AAAAA-AAAAA-AAAAA-AAAAA" };
      expectProblem(await stage.client.send("POST", "/v1/accounts", { json: unknown }), "invitation-refused");
      need("an account with the invitation", await vault.createAccount(), 201);
      const used = { ...rest, invitation };
      expectProblem(await stage.client.send("POST", "/v1/accounts", { json: used }), "invitation-refused");
    },
  },
  {
    id: "accounts/invitation-before-login",
    requirement: "P-20",
    keyword: "MUST",
    quote:
      "the invitation is looked at before the login: without one, a login that is taken and one that is free get the same answer",
    says: "without an invitation nobody learns which logins there are",
    run: async (stage) => {
      if (stage.facts.registration !== "invitation") throw new NotApplicable("registration is not by invitation");
      const { keys } = await stage.vault();
      const other = new VaultKeys();
      const free = accountOf(other, null);
      const vaultObject = base64(other.vaultObject({ login: keys.login }));
      const taken = { ...free, login: keys.login, vaultObject };
      const answer = await stage.client.send("POST", "/v1/accounts", { json: taken });
      expectAlike("a taken login", answer, await stage.client.send("POST", "/v1/accounts", { json: free }));
    },
  },
  {
    id: "accounts/closed",
    requirement: "P-4",
    keyword: "MUST",
    quote: "Errors are RFC 9457 problems",
    says: "a server that takes no new accounts says registration-closed",
    run: async (stage) => {
      if (stage.facts.registration !== "closed") throw new NotApplicable("registration is not closed");
      const json = accountOf(new VaultKeys(), null);
      expectProblem(await stage.client.send("POST", "/v1/accounts", { json }), "registration-closed");
    },
  },
  {
    id: "kdf/known",
    requirement: "P-21",
    keyword: "MUST",
    quote: "→ 200 `{salt16: bytes(16), memoryKiB, passes, lanes, serverKey}`",
    says: "a login gets the salt and parameters of its vault object, and the server's key",
    run: async (stage) => {
      const { keys } = await stage.madeVault();
      const answer = expectStatus(await stage.client.send("POST", "/v1/kdf", { json: { login: keys.login } }), 200);
      expectBytes("salt16", answer.bytes("salt16", 16), keys.salt16);
      const parameters = ["memoryKiB", "passes", "lanes"].map((name) => answer.integer(name));
      expectEqual("parameters", parameters, [65_536, 3, 4]);
      expectBytes("serverKey", answer.bytes("serverKey", 32), stage.facts.serverKey);
    },
  },
  {
    id: "kdf/unknown-stays-the-same",
    requirement: "P-21",
    keyword: "MUST",
    quote: UNKNOWN,
    says: "a login that nobody has gets the same answer each time, and another one another salt",
    run: async (stage) => {
      const [login, other] = [new VaultKeys().login, new VaultKeys().login];
      const ask = (name: string) => stage.client.send("POST", "/v1/kdf", { json: { login: name } });
      const first = expectStatus(await ask(login), 200);
      for (let repeats = 0; repeats < 4; repeats += 1) expectAlike("the same login again", await ask(login), first);
      const second = expectStatus(await ask(other), 200);
      expectThat("another salt for another login", second.text("salt16") !== first.text("salt16"), "the same one");
    },
  },
  {
    id: "kdf/unknown-looks-known",
    requirement: "P-21",
    keyword: "MUST",
    quote: UNKNOWN,
    says: "the false answer has the fields of a true one, with parameters that clients take",
    run: async (stage) => {
      const answer = expectStatus(
        await stage.client.send("POST", "/v1/kdf", { json: { login: new VaultKeys().login } }),
        200,
      );
      answer.bytes("salt16", 16);
      const inRange = (name: string, least: number, most: number) => {
        const value = answer.integer(name);
        expectThat(`${name} from ${least} to ${most}`, value >= least && value <= most, String(value));
      };
      inRange("memoryKiB", 65_536, 1_048_576);
      inRange("passes", 3, 16);
      inRange("lanes", 1, 4);
      expectBytes("serverKey", answer.bytes("serverKey", 32), stage.facts.serverKey);
      const known = await stage.client.send("POST", "/v1/kdf", { json: { login: (await stage.vault()).keys.login } });
      expectEqual("names of the fields", fieldNames(answer.json()), fieldNames(known.json()));
    },
  },
];

function accountOf(keys: VaultKeys, invitation: string | null): Record<string, string> {
  const account = { login: keys.login, vaultObject: base64(keys.vaultObject()), roster: base64(keys.roster()) };
  return invitation === null ? account : { ...account, invitation };
}

function fieldNames(value: unknown): readonly string[] {
  return Object.keys(value as object).sort();
}

function flipLastByte(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}
