import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { SignJWT } from "jose";
import { Secret, TOTP } from "otpauth";
import { describe, expect, it } from "vitest";
import { formatId, type Id, ZERO_ID } from "../../src/domain/encodings.ts";
import { RunningServer, withFolder, withServer } from "../running-server.ts";
import { base64, beginVault, expectStatus, makeDevice, problemOf, send } from "../vault-client.ts";

/** A JWT with any header and payload, signed by whatever the test wants. */
function forgeToken(header: object, payload: object, sign: (text: string) => Buffer = () => Buffer.alloc(0)): string {
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${sign(text).toString("base64url")}`;
}

function readToken(token: string): { header: Record<string, unknown>; payload: Record<string, unknown> } {
  const [header, payload] = token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8") || "{}"));
  return { header, payload };
}

describe("sessions and tokens", () => {
  it("P-22 gives one answer for an unknown login and a wrong key, and takes either login key", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const wrong = await client.logIn({ loginKey: base64(randomBytes(32)) });
      const unknown = await client.logIn({ login: "nobody" });
      expect([wrong.status, problemOf(wrong)]).toEqual([401, "login-refused"]);
      expect(unknown.json).toEqual(wrong.json);
      expectStatus(await client.logIn({ loginKey: base64(client.recoveryLoginKey) }), 201);
      expect(problemOf(await client.logIn({ loginKey: base64(randomBytes(31)) }))).toBe("malformed");
    }));

  it("P-23 refuses a token after its session was ended", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      expectStatus(await client.send("DELETE", "/v1/sessions", { token: client.fullToken }), 204);
      const answer = await client.send("GET", "/v1/vault", { token: client.fullToken });
      expect([answer.status, problemOf(answer)]).toEqual([401, "unauthorized"]);
    }));

  it("P-22 P-30 refuses what began before a lost database was made anew, since its end may be lost, and takes what begins after", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      expectStatus(await client.send("DELETE", "/v1/sessions", { token: client.fullToken }), 204);
      const open = expectStatus(await client.logIn(), 201).json.token;
      const ids = { vault: client.vault, device: client.device.id };
      const drawn = (await client.send("POST", "/v1/challenges", { json: ids })).json.challenge;
      const answer = await client.answer(drawn);
      await server.stop();
      await rm(join(server.data, "coffre.db"));
      server.clock.nowMs += 1;
      await server.start();
      Object.assign(client, { url: server.url });
      for (const token of [client.fullToken, open]) {
        expectStatus(await client.send("GET", "/v1/vault", { token }), 401);
      }
      expectStatus(await client.send("POST", "/v1/tokens", { json: { ...ids, answer } }), 401);
      const again = expectStatus(await client.logIn(), 201).json.token;
      expectStatus(await client.send("GET", "/v1/vault", { token: again }), 200);
      expectStatus(await client.askToken(), 201);
    }));

  it("P-22 a session opens on every server that has the keys and the account, without a row", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      await withFolder(async (copy) => {
        await cp(server.data, copy, { recursive: true });
        const other = new RunningServer(copy, {});
        const token = expectStatus(await client.logIn(), 201).json.token;
        await other.start();
        try {
          expectStatus(await send(other.url, "GET", "/v1/vault", { token }), 200);
        } finally {
          await other.stop();
        }
      });
    }));

  it("P-31 refuses tokens that are expired, forged, foreign, of another algorithm or none", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const path = `/v1/devices/${client.device.id}/head`;
      const { header, payload } = readToken(client.token);
      const strange = generateKeyPairSync("ed25519").privateKey;
      const foreign = await new SignJWT(payload).setProtectedHeader({ ...header, alg: "EdDSA" }).sign(strange);
      const publicHex = (await client.send("GET", "/.well-known/coffre")).json.serverKey;
      const tokens = [
        forgeToken({ ...header, alg: "none" }, payload),
        forgeToken({ ...header, alg: "HS256" }, payload, (text) =>
          createHmac("sha256", publicHex).update(text).digest(),
        ),
        foreign,
        `${client.token.slice(0, -6)}AAAAAA`,
        forgeToken(header, { ...payload, scope: "full" }, () =>
          Buffer.from(client.token.split(".")[2] ?? "", "base64url"),
        ),
        "",
        "x".repeat(3_000),
      ];
      for (const token of tokens) {
        const answer = await client.send("GET", path, { token });
        expect([answer.status, problemOf(answer)]).toEqual([401, "unauthorized"]);
      }
      expectStatus(await client.send("GET", path), 200);
      server.clock.nowMs += 15 * 60_000;
      expect(problemOf(await client.send("GET", path))).toBe("unauthorized");
      expectStatus(await client.send("GET", "/v1/vault", { token: client.fullToken }), 200);
      server.clock.nowMs += 45 * 60_000;
      expect(problemOf(await client.send("GET", "/v1/vault", { token: client.fullToken }))).toBe("unauthorized");
    }));

  it("P-31 refuses this server's own signature over another audience, issuer, type or key id", () =>
    withServer(async ({ url, instance }) => {
      const client = await beginVault(url);
      const { header, payload } = readToken(client.token);
      const changes: [Record<string, unknown>, Record<string, unknown>][] = [
        [{}, { aud: "coffre/2" }],
        [{}, { iss: "urn:coffre:server:other" }],
        [{}, { sub: "x" }],
        [{}, { scope: "admin" }],
        [{}, { jti: undefined }],
        [{ typ: "JWT" }, {}],
        [{ kid: "0".repeat(16) }, {}],
      ];
      for (const [headerChange, payloadChange] of changes) {
        const token = await new SignJWT({ ...payload, ...payloadChange })
          .setProtectedHeader({ ...header, ...headerChange, alg: "EdDSA" })
          .sign(instance.keys.tokenKey);
        expect(problemOf(await client.send("GET", `/v1/devices/${client.device.id}/head`, { token }))).toBe(
          "unauthorized",
        );
      }
    }));

  it("scope append cannot read blobs, the vault or the roster, and scope full cannot append records", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const id = formatId(randomBytes(32));
      for (const [method, path] of [
        ["GET", `/v1/blobs/${id}`],
        ["GET", "/v1/vault"],
        ["PUT", "/v1/roster"],
        ["DELETE", "/v1/sessions"],
      ] as const) {
        const answer = await client.send(method, path, method === "PUT" ? { json: { roster: "" } } : {});
        expect([answer.status, problemOf(answer)]).toEqual([403, "forbidden"]);
      }
      const record = { token: client.fullToken, body: client.record({ number: 1, envelope: client.envelope() }) };
      expect(problemOf(await client.send("PUT", `/v1/devices/${client.device.id}/records/1`, record))).toBe(
        "forbidden",
      );
    }));

  it("P-30 P-31 a challenge serves once, for its device, for five minutes", () =>
    withServer(async ({ url, clock }) => {
      const client = await beginVault(url);
      const ids = { vault: client.vault, device: client.device.id };
      const draw = async () => (await client.send("POST", "/v1/challenges", { json: ids })).json.challenge as string;
      const ask = (answer: string, asked: { vault: Id; device: Id } = ids) =>
        client.send("POST", "/v1/tokens", { json: { ...asked, answer } });
      const answer = await client.answer(await draw());
      expectStatus(await ask(answer), 201);
      const late = await client.answer(await draw());
      clock.nowMs += 5 * 60_000 + 1;
      const unknown = { vault: formatId(randomBytes(32)), device: formatId(randomBytes(32)) };
      expectStatus(await client.send("POST", "/v1/challenges", { json: unknown }), 201);
      const refusals = [
        await ask(answer),
        await ask(late),
        await ask(await client.answer(base64(randomBytes(32)))),
        await ask(await client.answer(await draw(), makeDevice())),
        await ask(await client.answer(await draw()), unknown),
        await ask(""),
      ];
      for (const refusal of refusals) expect([refusal.status, refusal.json]).toEqual([401, refusals[0]?.json]);
      expect(problemOf(refusals[0] as never)).toBe("device-refused");
    }));

  it("P-26 a revocation holds at once, needs its record, and neither devices nor revocations ever leave", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const put = (roster: Uint8Array) =>
        client.send("PUT", "/v1/roster", { token: client.fullToken, json: { roster: base64(roster) } });
      const second = makeDevice();
      const grown = client.roster(2, [client.device, second]);
      const answer = expectStatus(await put(grown), 200);
      expect(answer.json.version).toBe(2);
      expect(answer.json.heads).toHaveLength(2);
      expectStatus(await put(grown), 200);
      expectStatus(await put(client.roster(1)), 200);
      expect(problemOf(await put(client.roster(2, [client.device])))).toBe("roster-behind");
      expect(problemOf(await put(client.roster(3, [client.device])))).toBe("roster-behind");
      const all = [client.device, second];
      expect(problemOf(await put(client.roster(3, all, [[second.id, 1, ZERO_ID]])))).toBe("roster-records");
      const token = expectStatus(await client.askToken(second), 201).json.token;
      expectStatus(await put(client.roster(3, all, [[second.id, 0, ZERO_ID]])), 200);
      expect(problemOf(await client.send("GET", `/v1/devices/${second.id}/head`, { token }))).toBe("device-revoked");
      expect(problemOf(await client.askToken(second))).toBe("device-revoked");
      expect(problemOf(await put(client.roster(4, all)))).toBe("roster-behind");
    }));

  it("P-25 a second factor is asked for once it was confirmed; each code opens once", () =>
    withServer(async ({ url, clock }) => {
      const client = await beginVault(url);
      const put = (json: object) => client.send("PUT", "/v1/second-factor", { token: client.fullToken, json });
      const enrol = { statement: client.statement(1, clock.nowMs) };
      const { secret, uri, recoveryCodes } = expectStatus(await put(enrol), 200).json;
      expect(uri).toContain(secret);
      const code = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.nowMs });
      expectStatus(await client.logIn(), 201);
      const wrong = code() === "000000" ? "000001" : "000000";
      expect(problemOf(await put({ ...enrol, code: wrong }))).toBe("login-refused");
      expect(expectStatus(await put({ ...enrol, code: code() }), 200).json).toEqual({ active: true });

      expect(problemOf(await client.logIn())).toBe("second-factor-required");
      expect(problemOf(await client.logIn({ loginKey: base64(randomBytes(32)) }))).toBe("login-refused");
      expect(problemOf(await client.logIn({ code: code() }))).toBe("login-refused");
      clock.nowMs += 60_000;
      expectStatus(await client.logIn({ code: code() }), 201);
      expect(problemOf(await client.logIn({ code: code() }))).toBe("login-refused");
      expectStatus(await client.logIn({ code: recoveryCodes[0] }), 201);
      expect(problemOf(await client.logIn({ code: recoveryCodes[0] }))).toBe("login-refused");
      expectStatus(await client.logIn({ loginKey: base64(client.recoveryLoginKey), code: recoveryCodes[1] }), 201);

      const late = { statement: client.statement(0, clock.nowMs - 10 * 60_000 - 1) };
      const remove = (json: object) => client.send("DELETE", "/v1/second-factor", { token: client.fullToken, json });
      expect(problemOf(await remove(late))).toBe("malformed");
      expect(problemOf(await remove(enrol))).toBe("malformed");
      expectStatus(await remove({ statement: client.statement(0, clock.nowMs) }), 204);
      expectStatus(await client.logIn(), 201);
    }));
});
