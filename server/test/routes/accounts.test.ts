import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Database } from "../../src/domain/database.ts";
import { formatId, ZERO_ID } from "../../src/domain/encodings.ts";
import { withServer } from "../running-server.ts";
import { base64, beginVault, expectStatus, makeDevice, problemOf, send, VaultClient } from "../vault-client.ts";

function wrapEach(database: Database): Database {
  return {
    read: (sql, values) => database.read(sql, values),
    transaction: (work) => database.transaction(work),
    close: () => database.close(),
  };
}

describe("accounts", () => {
  it("P-2 P-20 makes an account once, and answers an equal one again", () =>
    withServer(async ({ url }) => {
      const client = new VaultClient(url);
      expect(expectStatus(await client.createAccount(), 201).json).toEqual({ vault: client.vault });
      expectStatus(await client.createAccount({ unknown: { field: [1] } }), 200);
      const other = await client.createAccount({ roster: base64(client.roster(1, [makeDevice()])) });
      expect(problemOf(other)).toBe("vault-exists");
      expect(problemOf(await new VaultClient(url, client.login).createAccount())).toBe("login-taken");
    }));

  it("P-20 uses an invitation up once, and answers an equal account before it looks at the invitation", () =>
    withServer(
      async ({ url, instance }) => {
        const { makeInvitation } = await import("../../src/domain/invitations.ts");
        const invitation = await makeInvitation(instance.database, 0);
        const client = new VaultClient(url);
        expect(problemOf(await client.createAccount())).toBe("invitation-required");
        expect(problemOf(await client.createAccount({ invitation: "AAAAA-AAAAA" }))).toBe("invitation-refused");
        expectStatus(await client.createAccount({ invitation: invitation.toLowerCase() }), 201);
        expectStatus(await client.createAccount(), 200);
        expect(problemOf(await new VaultClient(url).createAccount({ invitation }))).toBe("invitation-refused");
      },
      { terms: { registration: "invitation" } },
    ));

  it("P-20 takes no account when registration is closed", () =>
    withServer(
      async ({ url }) => {
        expect(problemOf(await new VaultClient(url).createAccount())).toBe("registration-closed");
      },
      { terms: { registration: "closed" } },
    ));

  it("P-20 says nothing about a login to someone who has no invitation", () =>
    withServer(
      async ({ url, instance }) => {
        const { makeInvitation } = await import("../../src/domain/invitations.ts");
        const invitation = await makeInvitation(instance.database, 0);
        const known = new VaultClient(url);
        expectStatus(await known.createAccount({ invitation }), 201);
        for (const extra of [{}, { invitation: "AAAAA-AAAAA" }, { invitation }]) {
          const taken = await new VaultClient(url, known.login).createAccount(extra);
          const free = await new VaultClient(url).createAccount(extra);
          expect([taken.status, taken.json]).toEqual([403, free.json]);
        }
      },
      { terms: { registration: "invitation" } },
    ));

  it("P-21 P-22 does the same work for a login that is known and for one that is not", () => {
    const asked: string[] = [];
    const listen = (database: Database): Database => ({
      ...wrapEach(database),
      read: (sql, values) => {
        asked.push(sql);
        return database.read(sql, values);
      },
    });
    return withServer(
      async ({ url }) => {
        const client = new VaultClient(url);
        expectStatus(await client.createAccount(), 201);
        const watch = async (work: () => Promise<unknown>) => {
          asked.length = 0;
          await work();
          return [...asked];
        };
        const derive = (login: string) => () => send(url, "POST", "/v1/kdf", { json: { login } });
        const logIn = (login: string) => () => client.logIn({ login, loginKey: base64(new Uint8Array(32)) });
        expect(await watch(derive("nobody"))).toEqual(await watch(derive(client.login)));
        expect(await watch(logIn("nobody"))).toEqual(await watch(logIn(client.login)));
      },
      { wrapDatabase: listen },
    );
  });

  it("P-20 refuses vault objects whose ids, login, ranges or signature do not fit", () =>
    withServer(async ({ url }) => {
      const client = new VaultClient(url);
      const tampered = Buffer.from(client.vaultObject());
      tampered[60] = (tampered[60] ?? 0) ^ 1;
      const objects = [
        client.vaultObject(2),
        client.vaultObject(1, { login: "somebody.else" }),
        client.vaultObject(1, { memoryKiB: 65_535 }),
        client.vaultObject(1, { memoryKiB: 1_048_577 }),
        client.vaultObject(1, { vault: formatId(randomBytes(32)) }),
        tampered,
        Buffer.alloc(0),
      ];
      for (const object of objects) {
        expect(problemOf(await client.createAccount({ vaultObject: base64(object) }))).toBe("malformed");
      }
      expect(problemOf(await client.createAccount({ roster: base64(new VaultClient(url).roster()) }))).toBe(
        "malformed",
      );
    }));

  it("P-3 refuses bodies that are not JSON, not UTF-8 or not of the schema, and ignores unknown fields", () =>
    withServer(async ({ url }) => {
      const post = (body: string | Uint8Array) =>
        send(url, "POST", "/v1/kdf", { body, headers: { "content-type": "application/json" } });
      const invalid = Buffer.concat([Buffer.from('{"login":"ab'), Buffer.from([0xc3, 0x28]), Buffer.from('c"}')]);
      for (const body of [
        "",
        "{",
        "null",
        "[]",
        '"x"',
        "{}",
        '{"login":5}',
        '{"login":"A"}',
        '{"login":["abc"]}',
        invalid,
      ]) {
        expect(problemOf(await post(body))).toBe("malformed");
      }
      expect((await post('{"login":"abc","more":{"a":1}}')).status).toBe(200);
      expect((await post('{"login":"abc","__proto__":{"polluted":true},"constructor":{"prototype":{}}}')).status).toBe(
        200,
      );
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    }));

  it("P-21 gives an unknown login a false answer that stays the same", () =>
    withServer(async (server) => {
      const ask = async (login: string) => (await send(server.url, "POST", "/v1/kdf", { json: { login } })).json;
      const first = await ask("nobody");
      expect(Buffer.from(first.salt16, "base64")).toHaveLength(16);
      expect(first).toMatchObject({ memoryKiB: 65_536, passes: 3, lanes: 4 });
      await server.stop();
      await server.start();
      expect(await ask("nobody")).toEqual(first);
      expect((await ask("nobody2")).salt16).not.toBe(first.salt16);
    }));

  it("P-24 replaces the vault object by exactly the next number over the present tag", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const put = (object: Uint8Array, previousTag: string) =>
        client.send("PUT", "/v1/vault", {
          token: client.fullToken,
          json: { vaultObject: base64(object), previousTag },
        });
      const { tag } = (await client.send("GET", "/v1/vault", { token: client.fullToken })).json;
      expect(problemOf(await put(client.vaultObject(3), tag))).toBe("number-differs");
      expect(problemOf(await put(client.vaultObject(2), ZERO_ID))).toBe("tag-differs");
      expect(problemOf(await put(new VaultClient(url).vaultObject(2), tag))).toBe("malformed");
      const next = client.vaultObject(2);
      const replaced = expectStatus(await put(next, tag), 200);
      expectStatus(await put(next, tag), 200);
      expectStatus(await put(client.vaultObject(1), ZERO_ID), 200);
      const stored = (await client.send("GET", "/v1/vault", { token: client.fullToken })).json;
      expect(stored).toEqual({ vaultObject: base64(next), tag: replaced.json.tag });
    }));
});
