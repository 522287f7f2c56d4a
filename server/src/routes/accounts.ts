// Routes of accounts, vault objects and rosters (P-20, P-21, P-24, P-26).

import { Type } from "typebox";
import { createAccount, readDerivation, readVaultObject, replaceVaultObject } from "../domain/accounts.ts";
import { replaceRoster } from "../domain/devices.ts";
import { formatBase64, parseBase64, parseId, parseLogin } from "../domain/encodings.ts";
import type { Instance } from "../domain/instance.ts";
import { readServerKey } from "../domain/server-keys.ts";
import { type App, requireCaller } from "./app.ts";
import { ACCOUNT_LIMIT_BYTES, Base64, Head, IdText, Positive, problems, ROSTER_LIMIT_BYTES } from "./schemas.ts";

const Login = Type.String({ description: "3 to 64 of a-z 0-9 . _ @ -" });
const Vault = Type.Object({ vault: IdText });
const VaultBytes = Base64("vault object, signed bytes");
const RosterBytes = Base64("roster, signed bytes");

export function registerAccounts(app: App, instance: Instance): void {
  const serverKey = formatBase64(readServerKey(instance.keys));

  app.post(
    "/v1/accounts",
    {
      bodyLimit: ACCOUNT_LIMIT_BYTES,
      config: { isStrict: true },
      schema: {
        summary: "Create an account (P-20)",
        body: Type.Object({
          login: Login,
          vaultObject: VaultBytes,
          roster: RosterBytes,
          invitation: Type.Optional(Type.String({ maxLength: 200 })),
        }),
        response: { 200: Vault, 201: Vault, ...problems },
      },
    },
    async (request, reply) => {
      const { kind, vault } = await createAccount(instance, {
        login: parseLogin(request.body.login),
        vaultObject: parseBase64(request.body.vaultObject),
        roster: parseBase64(request.body.roster),
        invitation: request.body.invitation ?? null,
      });
      return reply.code(kind === "created" ? 201 : 200).send({ vault });
    },
  );

  app.post(
    "/v1/kdf",
    {
      config: { isStrict: true },
      schema: {
        summary: "How to stretch the passphrase of a login (P-21)",
        body: Type.Object({ login: Login }),
        response: {
          200: Type.Object({
            salt16: Base64("16 bytes"),
            memoryKiB: Positive,
            passes: Positive,
            lanes: Positive,
            serverKey: Base64("the Ed25519 key that signs receipts, 32 bytes"),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const derivation = await readDerivation(instance, parseLogin(request.body.login));
      return { ...derivation, salt16: formatBase64(derivation.salt16), serverKey };
    },
  );

  app.get(
    "/v1/vault",
    {
      config: { scopes: ["full"] },
      schema: {
        summary: "The vault object (P-24)",
        response: { 200: Type.Object({ vaultObject: VaultBytes, tag: IdText }), ...problems },
      },
    },
    async (request) => {
      const { bytes, tag } = await readVaultObject(instance, requireCaller(request).vault);
      return { vaultObject: formatBase64(bytes), tag };
    },
  );

  app.put(
    "/v1/vault",
    {
      bodyLimit: ACCOUNT_LIMIT_BYTES,
      // Strict, because a new login may be taken: who has an account must not be had by asking for every name.
      config: { scopes: ["full"], isStrict: true },
      schema: {
        summary: "Replace the vault object (P-24)",
        body: Type.Object({ vaultObject: VaultBytes, previousTag: IdText }),
        response: { 200: Type.Object({ tag: IdText }), ...problems },
      },
    },
    (request) =>
      replaceVaultObject(
        instance,
        requireCaller(request),
        parseBase64(request.body.vaultObject),
        parseId(request.body.previousTag),
      ),
  );

  app.put(
    "/v1/roster",
    {
      bodyLimit: ROSTER_LIMIT_BYTES,
      config: { scopes: ["full"] },
      schema: {
        summary: "Replace the roster: pair, rename, revoke (P-26)",
        body: Type.Object({ roster: RosterBytes }),
        response: {
          200: Type.Object({ version: Positive, heads: Type.Array(Type.Pick(Head, ["device", "number", "hash"])) }),
          ...problems,
        },
      },
    },
    (request) => replaceRoster(instance, requireCaller(request), parseBase64(request.body.roster)),
  );
}
