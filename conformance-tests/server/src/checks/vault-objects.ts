// Checks of vault objects and rosters (P-24, P-26). Rule: each changes a vault of its own.

import type { Check } from "../check.ts";
import { expectBytes, expectEqual, expectProblem, expectStatus, expectThat, need } from "../expectations.ts";
import { base64, hashId, makeKey } from "../vault/signatures.ts";
import { type Device, makeDevice, VaultKeys } from "../vault/structures.ts";
import type { Vault } from "../vault/vault.ts";

const SAME_KEYS = "the vault's id and keys are the same, the signature is checked against the stored key";
const GROWS =
  "A higher version with the vault's signature; devices and revocations never leave, else 409 `roster-behind`";

export const VAULT_OBJECT_CHECKS: readonly Check[] = [
  {
    id: "vault/read",
    requirement: "P-24",
    keyword: "MUST",
    quote: "`GET /v1/vault` (full) → 200 `{vaultObject, tag}`.",
    says: "the vault object comes back as it was stored, with its SHA-256 as tag",
    run: async (stage) => {
      const vault = await stage.madeVault();
      const answer = expectStatus(await vault.sendAsOwner("GET", "/v1/vault"), 200);
      expectBytes("vaultObject", answer.bytes("vaultObject"), vault.keys.vaultObject());
      expectEqual("tag", answer.text("tag"), hashId(vault.keys.vaultObject()));
    },
  },
  {
    id: "vault/replace",
    requirement: "P-24",
    keyword: "MUST",
    quote: "`PUT /v1/vault` (full) `{vaultObject, previousTag}` → 200 `{tag}`; the number is exactly one higher",
    says: "the next number with the present tag is taken, and a number that leaps is 409 number-differs",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const tag = hashId(vault.keys.vaultObject());
      const leap = expectProblem(await vault.putVault(vault.keys.vaultObject({ number: 3 }), tag), "number-differs");
      expectEqual("status", leap.status, 409);
      const next = vault.keys.vaultObject({ number: 2 });
      expectEqual("tag", expectStatus(await vault.putVault(next, tag), 200).text("tag"), hashId(next));
      expectBytes("vaultObject", (await vault.sendAsOwner("GET", "/v1/vault")).bytes("vaultObject"), next);
    },
  },
  {
    id: "vault/repeat-before-tag",
    requirement: "P-2",
    keyword: "MUST",
    quote: "equal stored content is success before any tag, number or invitation is checked",
    says: "the same replacement again is 200 although its previous tag is an old one",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const tag = hashId(vault.keys.vaultObject());
      const next = vault.keys.vaultObject({ number: 2 });
      need("the replacement", await vault.putVault(next, tag), 200);
      expectEqual("tag", expectStatus(await vault.putVault(next, tag), 200).text("tag"), hashId(next));
    },
  },
  {
    id: "vault/other-tag",
    requirement: "P-24",
    keyword: "MUST",
    quote: "`{vaultObject, previousTag}`",
    says: "a replacement of another version than the stored one is 409 tag-differs",
    run: async (stage) => {
      const vault = await stage.freshVault();
      expectProblem(await vault.putVault(vault.keys.vaultObject({ number: 2 }), "0".repeat(64)), "tag-differs");
    },
  },
  {
    id: "vault/same-keys",
    requirement: "P-24",
    keyword: "MUST",
    quote: SAME_KEYS,
    says: "a replacement that another key signed, or of another vault, is malformed",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const tag = hashId(vault.keys.vaultObject());
      const forged = vault.keys.vaultObject({ number: 2, key: makeKey() });
      expectProblem(await vault.putVault(forged, tag), "malformed");
      expectProblem(await vault.putVault(new VaultKeys().vaultObject({ number: 2 }), tag), "malformed");
    },
  },
  {
    id: "vault/login-changes",
    requirement: "P-24",
    keyword: "MUST",
    quote: "The login may change. Sessions that are open stay open.",
    says: "after a change of the login the new one opens the vault, the old one does not, and the session goes on",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const login = `${vault.keys.login}.new`;
      const next = vault.keys.vaultObject({ number: 2, login });
      expectStatus(await vault.putVault(next, hashId(vault.keys.vaultObject())), 200);
      const answer = expectStatus(await vault.logIn({ login }), 201);
      await stage.client.send("DELETE", "/v1/sessions", { token: answer.text("token") });
      expectProblem(await vault.logIn(), "login-refused");
      expectStatus(await vault.sendAsOwner("GET", "/v1/vault"), 200);
    },
  },
  {
    id: "vault/login-taken",
    requirement: "P-24",
    keyword: "MUST",
    quote: "The login may change.",
    says: "a change to another vault's login is 409 login-taken",
    run: async (stage) => {
      const { keys } = await stage.vault();
      const vault = await stage.freshVault();
      const next = vault.keys.vaultObject({ number: 2, login: keys.login });
      expectProblem(await vault.putVault(next, hashId(vault.keys.vaultObject())), "login-taken");
    },
  },
  {
    id: "roster/replace",
    requirement: "P-26",
    keyword: "MUST",
    quote: "`PUT /v1/roster` (full) `{roster}` → 200 `{version, heads: [{device, number, hash}]}`.",
    says: "a second device is paired, gets its own token, and the same roster again is 200",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const second = makeDevice();
      const roster = vault.keys.roster(2, [vault.device, second]);
      const answer = expectStatus(await vault.putRoster(roster), 200);
      expectEqual("version", answer.integer("version"), 2);
      const devices = answer.list("heads").map((_, index) => answer.text(`heads.${index}.device`));
      expectEqual("devices", devices.toSorted(), [vault.device.id, second.id].toSorted());
      expectStatus(await vault.askToken(second), 201);
      expectStatus(await vault.putRoster(roster), 200);
      const again = expectStatus(await vault.logIn(), 201);
      await stage.client.send("DELETE", "/v1/sessions", { token: again.text("token") });
      expectBytes("roster", again.bytes("roster"), roster);
    },
  },
  {
    id: "roster/behind",
    requirement: "P-26",
    keyword: "MUST",
    quote: GROWS,
    says: "another roster of the same version, and one without a device that was there, are 409 roster-behind",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const second = makeDevice();
      need("the second device", await vault.putRoster(vault.keys.roster(2, [vault.device, second])), 200);
      expectProblem(await vault.putRoster(vault.keys.roster(2, [vault.device, makeDevice()])), "roster-behind");
      expectProblem(await vault.putRoster(vault.keys.roster(3, [vault.device])), "roster-behind");
    },
  },
  {
    id: "roster/signature",
    requirement: "P-26",
    keyword: "MUST",
    quote: GROWS,
    says: "a roster with another vault's signature is malformed",
    run: async (stage) => {
      const vault = await stage.freshVault();
      expectProblem(await vault.putRoster(new VaultKeys().roster(2, [vault.device])), "malformed");
    },
  },
  {
    id: "roster/revocation-needs-its-record",
    requirement: "P-26",
    keyword: "MUST",
    quote: "a revocation needs the named last record in the log, else 409 `roster-records`",
    says: "a revocation that names a record which the log lacks, or another hash, is 409 roster-records",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const { hash } = await vault.needRecord();
      const revoke = (number: number, last: string) =>
        vault.putRoster(vault.keys.roster(2, [vault.device], [[vault.device.id, number, last]]));
      expectProblem(await revoke(2, hash), "roster-records");
      expectProblem(await revoke(1, "1".repeat(64)), "roster-records");
      expectStatus(await revoke(1, hash), 200);
    },
  },
  {
    id: "roster/revoked-at-once",
    requirement: "P-31",
    keyword: "MUST",
    quote:
      "What a revoked device asks with a token that was good, and its answer to a challenge that fits, is 401 `device-revoked`.",
    says: "a revoked device's token opens nothing from then on, and it gets no other one",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const { second, token } = await pairSecond(vault);
      const path = `${vault.logPath(second.id)}/head`;
      need("its head before", await vault.client.send("GET", path, { token }), 200);
      const revoked = vault.keys.roster(3, [vault.device, second], [[second.id, 0, "0".repeat(64)]]);
      need("the revocation", await vault.putRoster(revoked), 200);
      expectProblem(await vault.client.send("GET", path, { token }), "device-revoked");
      expectProblem(await vault.putBlob(new Uint8Array(10), undefined, { token }), "device-revoked");
      expectProblem(await vault.askToken(second), "device-revoked");
      expectProblem(await vault.putRoster(vault.keys.roster(4, [vault.device, second])), "roster-behind");
      expectStatus(await vault.readHead(), 200);
    },
  },
  {
    id: "roster/largest",
    requirement: "P-85",
    keyword: "MUST",
    quote: "for `roster` 360,448",
    says: "a roster of 64 devices is taken",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const devices = [vault.device, ...Array.from({ length: 63 }, makeDevice)];
      const roster = vault.keys.roster(2, devices);
      expectThat("a roster below the limit", base64(roster).length < 360_000, `${base64(roster).length} characters`);
      expectStatus(await vault.putRoster(roster), 200);
    },
  },
];

/** Pairs a second device and gets its token. */
async function pairSecond(vault: Vault): Promise<{ readonly second: Device; readonly token: string }> {
  const second = makeDevice();
  need("the second device", await vault.putRoster(vault.keys.roster(2, [vault.device, second])), 200);
  return { second, token: need("its token", await vault.askToken(second), 201).text("token") };
}
