import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/routes/gates.ts";
import { withServer } from "../running-server.ts";
import { base64, beginVault, expectStatus, problemOf, send, VaultClient } from "../vault-client.ts";

describe("every answer", () => {
  it("P-7 carries the security headers, errors too", () =>
    withServer(async ({ url }) => {
      for (const path of ["/.well-known/coffre", "/nothing", "/v1/vault", "/v1/blobs/x", "/%ff"]) {
        const { headers } = await send(url, "GET", path);
        expect(headers.get("x-content-type-options"), path).toBe("nosniff");
        expect(headers.get("referrer-policy"), path).toBe("no-referrer");
        expect(headers.get("content-security-policy"), path).toBe("default-src 'none'");
        expect(headers.get("cache-control"), path).toBe("no-store");
        expect(headers.get("strict-transport-security"), path).toBeNull();
      }
    }));

  it("P-4 is a problem when it is no success, whoever refuses", () =>
    withServer(async ({ url }) => {
      const json = { "content-type": "application/json" };
      const tries: [string, string, number, string, object][] = [
        ["GET", "/nothing", 404, "not-found", {}],
        ["PATCH", "/v1/vault", 404, "not-found", {}],
        ["GET", "/v1/vault", 401, "unauthorized", {}],
        ["POST", "/v1/kdf", 400, "malformed", { body: "{", headers: json }],
        ["POST", "/v1/kdf", 400, "malformed", { body: "login=abc", headers: { "content-type": "text/plain" } }],
        ["POST", "/v1/kdf", 413, "body-too-large", { body: " ".repeat(1_048_577), headers: json }],
        ["GET", "/%ff", 400, "malformed", {}],
      ];
      for (const [method, path, status, code, sending] of tries) {
        const answer = await send(url, method, path, sending);
        expect([answer.status, problemOf(answer), answer.json.status], `${method} ${path}`).toEqual([
          status,
          code,
          status,
        ]);
        expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
        expect(typeof answer.json.retryable).toBe("boolean");
      }
    }));

  it("P-4 is a problem for bytes that are not HTTP, too", () =>
    withServer(async ({ url }) => {
      const { hostname, port } = new URL(url);
      const received = await new Promise<string>((resolve) => {
        let text = "";
        const socket = connect(Number(port), hostname, () => socket.write("HELLO\r\n\r\n"));
        socket.on("data", (piece) => {
          text += String(piece);
        });
        socket.on("close", () => resolve(text));
      });
      expect(received).toMatch(/^HTTP\/1\.1 400 /);
      expect(received).toContain("urn:coffre:problem:malformed");
    }));

  it("P-11 discovery names the protocol, the key, the limits and the time", () =>
    withServer(async ({ url, clock }) => {
      const { json } = await send(url, "GET", "/.well-known/coffre");
      expect(json).toMatchObject({
        protocols: ["1"],
        features: ["second-factor", "bases", "audits"],
        registration: "open",
        limits: { blobBytes: 8_388_608, recordBytes: 524_288, idsPerQuery: 1_000, idsPerRecord: 2_097_152 },
        time: new Date(clock.nowMs).toISOString(),
      });
      expect(Buffer.from(json.serverKey, "base64")).toHaveLength(32);
    }));
});

describe("rate limits", () => {
  it("P-5 P-80 answers 429 with Retry-After and the draft's headers, for each address and more strictly for logins", () =>
    withServer(
      async ({ url }) => {
        const kdf = () => send(url, "POST", "/v1/kdf", { json: { login: "abc" } });
        const first = await kdf();
        expect(first.headers.get("ratelimit-policy")).toBe('"route";q=2;w=60');
        expect(first.headers.get("ratelimit")).toMatch(/^"route";r=1;t=\d+$/);
        expect((await kdf()).status).toBe(200);
        const over = await kdf();
        expect([over.status, problemOf(over), over.json.retryable]).toEqual([429, "too-many-requests", true]);
        expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
        const look = () => send(url, "GET", "/.well-known/coffre");
        expect((await look()).status).toBe(200);
        expect((await look()).status).toBe(200);
        expect((await look()).status).toBe(429);
      },
      { options: { limits: { ...DEFAULT_LIMITS, perAddress: 5, strictPerAddress: 2 } } },
    ));

  it("P-80 limits refused logins of one login, and no others", () =>
    withServer(
      async ({ url }) => {
        const [client, other] = [new VaultClient(url), new VaultClient(url)];
        expectStatus(await client.createAccount(), 201);
        expectStatus(await other.createAccount(), 201);
        for (let count = 0; count < 5; count += 1) expectStatus(await client.logIn(), 201);
        const wrong = { loginKey: base64(randomBytes(32)) };
        for (let count = 0; count < 3; count += 1) expectStatus(await client.logIn(wrong), 401);
        expectStatus(await client.logIn(wrong), 429);
        expectStatus(await client.logIn(), 429);
        expectStatus(await other.logIn(), 201);
      },
      { options: { limits: { ...DEFAULT_LIMITS, refusedLogins: 3 } } },
    ));

  it("P-80 limits each account by itself", () =>
    withServer(
      async ({ url }) => {
        const [client, other] = [await beginVault(url), await beginVault(url)];
        const ask = (asking: VaultClient) => asking.send("GET", `/v1/devices/${asking.device.id}/head`);
        for (let count = 0; count < 4; count += 1) expectStatus(await ask(client), 200);
        expectStatus(await ask(client), 429);
        expectStatus(await ask(other), 200);
      },
      { options: { limits: { ...DEFAULT_LIMITS, perAccount: 4 } } },
    ));
});
