import { Secret, TOTP } from "otpauth";
import { describe, expect, it } from "vitest";
import { FullDatabase } from "../full-database.ts";
import { type Clock, type RunningServer, withServer } from "../running-server.ts";
import { type Answer, base64, beginVault, expectStatus, problemOf, type VaultClient } from "../vault-client.ts";

const DAY_MS = 24 * 3_600_000;

type Factor = { readonly recoveryCodes: string[]; right(): string; wrong(): string };

/** Enrols a second factor and moves the clock on, so that the next code is a fresh one. */
async function enrol(client: VaultClient, clock: Clock): Promise<Factor> {
  const put = (json: object) => client.send("PUT", "/v1/second-factor", { token: client.fullToken, json });
  const statement = client.statement(1, clock.nowMs);
  const { secret, recoveryCodes } = expectStatus(await put({ statement }), 200).json;
  const right = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.nowMs });
  expectStatus(await put({ statement, code: right() }), 200);
  clock.nowMs += 90_000;
  return { recoveryCodes, right, wrong: () => (right().startsWith("0") ? "1" : "0").repeat(6) };
}

/** Logs in from one of many addresses of one IPv6 network, or of many. */
function logInFrom(client: VaultClient, address: string, json: object): Promise<Answer> {
  return client.send("POST", "/v1/sessions", {
    token: null,
    json: { login: client.login, loginKey: base64(client.loginKey), ...json },
    headers: { "x-forwarded-for": address },
  });
}

const behindProxy = { options: { isBehindProxy: true } };

async function guess(client: VaultClient, factor: Factor, count: number, json: object = {}): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const address = `2001:db8:${index.toString(16)}::1`;
    statuses.push((await logInFrom(client, address, { code: factor.wrong(), ...json })).status);
  }
  return statuses;
}

async function withFactor(work: (server: RunningServer, client: VaultClient, factor: Factor) => Promise<void>) {
  await withServer(async (server) => {
    const client = await beginVault(server.url);
    await work(server, client, await enrol(client, server.clock));
  }, behindProxy);
}

describe("wrong codes after a right login key", () => {
  it("P-83 make the login wait wherever they come from, longer each time, and a right code does not pass meanwhile", () =>
    withFactor(async ({ clock }, client, factor) => {
      expect(await guess(client, factor, 12)).toEqual([...Array(10).fill(401), 429, 429]);
      const waiting = await logInFrom(client, "192.0.2.1", { code: factor.right() });
      expect([waiting.status, problemOf(waiting), waiting.headers.get("retry-after")]).toEqual([
        429,
        "too-many-requests",
        "30",
      ]);
      clock.nowMs += 30_000;
      expect(await guess(client, factor, 2)).toEqual([401, 429]);
      clock.nowMs += 59_999;
      expect(await guess(client, factor, 1)).toEqual([429]);
      clock.nowMs += 1;
      expectStatus(await logInFrom(client, "192.0.2.1", { code: factor.right() }), 201);
      expect(await guess(client, factor, 11)).toEqual([...Array(10).fill(401), 429]);
    }));

  it("P-83 never wait longer than a day, and count for the two login keys apart", () =>
    withFactor(async ({ clock }, client, factor) => {
      const words = { loginKey: base64(client.recoveryLoginKey) };
      await guess(client, factor, 10);
      for (let count = 0; count < 14; count += 1) {
        clock.nowMs += DAY_MS;
        expect(await guess(client, factor, 1)).toEqual([401]);
      }
      const late = await logInFrom(client, "192.0.2.1", { code: factor.right() });
      expect(late.headers.get("retry-after")).toBe(String(DAY_MS / 1_000));
      clock.nowMs -= 30 * DAY_MS;
      expect((await guess(client, factor, 1))[0]).toBe(429);
      expectStatus(await logInFrom(client, "192.0.2.1", { ...words, code: factor.recoveryCodes[0] }), 201);
    }));

  it("P-83 are not forgotten by a restart, and all that are asked at once are counted", () =>
    withFactor(async (server, client, factor) => {
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          logInFrom(client, `2001:db8:${index.toString(16)}::1`, { code: factor.wrong() }),
        ),
      );
      expect(answers.filter((answer) => answer.status === 401)).toHaveLength(10);
      await server.stop();
      await server.start();
      Object.assign(client, { url: server.url });
      expect(await guess(client, factor, 1)).toEqual([429]);
    }));

  it("P-83 say nothing to someone without a right login key", () =>
    withFactor(async (_server, client, factor) => {
      await guess(client, factor, 12);
      const strange = await logInFrom(client, "192.0.2.1", { loginKey: base64(new Uint8Array(32)), code: "000000" });
      expect(problemOf(strange)).toBe("login-refused");
    }));
});

describe("a disk that is full", () => {
  const disk = new FullDatabase();

  it("P-82 lets in, uses each code once, counts wrong ones, ends sessions, and writes all that later", () =>
    withServer(
      async (server) => {
        disk.isFull = false;
        const client = await beginVault(server.url);
        const factor = await enrol(client, server.clock);
        disk.isFull = true;
        const logIn = (code: string | undefined) => client.logIn({ code });
        const begun = expectStatus(await logIn(factor.right()), 201).json.token;
        expect(problemOf(await logIn(factor.right()))).toBe("login-refused");
        const [first] = factor.recoveryCodes;
        const both = await Promise.all([logIn(first), logIn(first)]);
        expect(both.map((answer) => answer.status).sort()).toEqual([201, 401]);
        expectStatus(await client.send("GET", "/v1/vault", { token: begun }), 200);
        expectStatus(await client.send("DELETE", "/v1/sessions", { token: begun }), 204);
        expectStatus(await client.send("GET", "/v1/vault", { token: begun }), 401);
        expectStatus(await client.askToken(), 201);
        for (let count = 0; count < 10; count += 1) await logIn(factor.wrong());
        expectStatus(await logIn(factor.right()), 429);
        await server.instance.unwritten.flush();

        disk.isFull = false;
        await server.instance.unwritten.flush();
        await server.stop();
        await server.start();
        Object.assign(client, { url: server.url });
        expectStatus(await client.send("GET", "/v1/vault", { token: begun }), 401);
        expectStatus(await logIn(factor.right()), 429);
        server.clock.nowMs += DAY_MS;
        expect(problemOf(await logIn(first))).toBe("login-refused");
        server.clock.nowMs += DAY_MS;
        expectStatus(await logIn(factor.right()), 201);
      },
      { wrapDatabase: (database) => disk.wrap(database) },
    ));

  it("P-30 P-82 takes a challenge once", () =>
    withServer(
      async ({ url }) => {
        disk.isFull = false;
        const client = await beginVault(url);
        disk.isFull = true;
        const ids = { vault: client.vault, device: client.device.id };
        const { json } = await client.send("POST", "/v1/challenges", { json: ids });
        const answer = await client.answer(json.challenge);
        const ask = () => client.send("POST", "/v1/tokens", { json: { ...ids, answer } });
        expectStatus(await ask(), 201);
        expectStatus(await ask(), 401);
      },
      { wrapDatabase: (database) => disk.wrap(database) },
    ));
});
