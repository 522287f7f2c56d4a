// `request`, and what every exchange makes of servers that misbehave.

import { execFileSync } from "node:child_process";
import { hash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import type { EffectBody, ServerAddress } from "coffre-engine";
import { describe, expect, test } from "vitest";
import {
  carryOut,
  expectAnswer,
  listen,
  makeFolder,
  makeWorkshop,
  originOf,
  readBody,
  serve,
  serveRaw,
} from "./scratch.ts";

function get(server: ServerAddress, timeoutMs = 2_000): EffectBody {
  return { kind: "request", server, method: "GET", path: "/x", timeoutMs };
}

/** A self-made certificate and the pin of its key. */
function makeCertificate(): { key: Buffer; cert: Buffer; pin: string } {
  const folder = makeFolder();
  const subject = [
    "-subj",
    "/CN=home",
    "-days",
    "1",
    "-nodes",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
  ];
  const files = ["-keyout", join(folder, "key"), "-out", join(folder, "cert")];
  execFileSync("openssl", ["req", "-x509", ...subject, ...files], { stdio: "ignore" });
  const cert = readFileSync(join(folder, "cert"));
  const spki = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  return { key: readFileSync(join(folder, "key")), cert, pin: hash("sha256", spki, "hex") };
}

describe("a request", () => {
  test("carries JSON and a bearer, and gives status, chosen headers and text", async () => {
    const url = await serve(async (request, response) => {
      const body = (await readBody(request)).toString();
      const { method, url: path, headers } = request;
      response.writeHead(429, { "retry-after": "7", "x-other": "1" });
      response.end(JSON.stringify({ method, path, type: headers["content-type"], auth: headers.authorization, body }));
    });
    const json = { text: "é😀" };
    const effect = {
      kind: "request",
      server: { url },
      method: "POST",
      path: "/a?b=1",
      bearer: "t",
      json,
      timeoutMs: 999,
    } as const;
    const answer = await expectAnswer(makeWorkshop(), effect, "response");
    expect(answer.status).toBe(429);
    expect(answer.headers).toEqual({ "retry-after": "7" });
    expect(JSON.parse(answer.body ?? "")).toEqual({
      method: "POST",
      path: "/a?b=1",
      type: "application/json",
      auth: "Bearer t",
      body: JSON.stringify(json),
    });
  });

  test("gives null for a body that is not UTF-8, and does not follow redirects", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: "/elsewhere" }).end(Buffer.of(0xff, 0xfe));
    });
    expect(await expectAnswer(makeWorkshop(), get({ url }), "response")).toMatchObject({ status: 302, body: null });
  });

  test("is too-large above 369,216 bytes", async () => {
    const url = await serve((_request, response) => response.end("x".repeat(369_217)));
    const answer = await expectAnswer(makeWorkshop(), get({ url }), "no-answer");
    expect(answer.reason).toBe("too-large");
  });

  test("asks again on a new connection when the server had closed the kept one", async () => {
    let connections = 0;
    const url = await serveRaw((socket) => {
      connections++;
      let requests = 0;
      socket.on("data", () => {
        requests++;
        if (requests === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        else socket.resetAndDestroy();
      });
    });
    const workshop = makeWorkshop();
    await expectAnswer(workshop, get({ url }), "response");
    await expectAnswer(workshop, get({ url }), "response");
    expect(connections).toBe(2);
  });
});

describe("no answer", () => {
  test.each([
    ["unreachable", "when nobody listens", async () => "http://127.0.0.1:1"],
    ["unreachable", "when the name does not exist", async () => "http://nowhere.invalid"],
    [
      "reset",
      "when the connection breaks off",
      () => serveRaw((socket) => void socket.on("data", () => socket.destroy())),
    ],
    [
      "protocol",
      "when it is not HTTP",
      () => serveRaw((socket) => void socket.on("data", () => socket.write("SSH-2.0-x\r\n"))),
    ],
    ["timeout", "when nothing comes", () => serveRaw((socket) => void socket.resume())],
    [
      "reset",
      "when the body ends too soon",
      () =>
        serveRaw(
          (socket) => void socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok")),
        ),
    ],
  ])("is %s %s", async (reason, _when, start) => {
    const answer = await expectAnswer(makeWorkshop(), get({ url: await start() }, 400), "no-answer");
    expect(answer.reason).toBe(reason);
  });

  const OK = "HTTP/1.1 200 OK\r\n";

  test.each([
    "HTTP/1.1 -20 Odd\r\n\r\n",
    "HTTP/1.1 +20 Odd\r\n\r\n",
    "HTTP/1.1 000 Odd\r\n\r\n",
    "HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n",
    `${OK}content-length: -5\r\n\r\nhello`,
    `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
    `${OK}transfer-encoding: chunked\r\n\r\n-5\r\nhello`,
  ])("is protocol when a server says %j (H-13)", async (said) => {
    const url = await serveRaw((socket) => void socket.once("data", () => socket.end(said)));
    const answer = await expectAnswer(makeWorkshop(), get({ url }), "no-answer");
    expect(answer.reason).toBe("protocol");
  });

  test("is no reason to follow a URL that is no origin", async () => {
    await expect(carryOut(makeWorkshop(), get({ url: "ftp://127.0.0.1" }))).rejects.toThrow("origin");
  });
});

describe("a question that cannot be asked", () => {
  /** A server that nobody may reach, and how many did. */
  async function serveNobody(): Promise<{ url: string; connections: () => number }> {
    let connections = 0;
    const url = await serveRaw(() => {
      connections++;
    });
    return { url, connections: () => connections };
  }

  test.each(["@127.0.0.1:1/x", "http://127.0.0.1:1/x", "x", ""])("has the path %j: it goes nowhere", async (path) => {
    const { url, connections } = await serveNobody();
    const effect = { ...get({ url }), path, bearer: "secret" } as EffectBody;
    await expect(carryOut(makeWorkshop(), effect)).rejects.toThrow("path of an origin");
    expect(connections()).toBe(0);
  });

  test("has a pin and no TLS: nothing is sent in clear (H-10)", async () => {
    const { url, connections } = await serveNobody();
    const effect = { ...get({ url, pin: "0".repeat(64) }), bearer: "secret" } as EffectBody;
    await expect(carryOut(makeWorkshop(), effect)).rejects.toThrow("https where there is a pin");
    expect(connections()).toBe(0);
  });

  test.each([{ bearer: "two\nlines" }, { path: "/a b" }])(
    "is %j: it ends at once, and leaves nothing behind",
    async (odd) => {
      const { url, connections } = await serveNobody();
      const workshop = makeWorkshop();
      await expect(carryOut(workshop, { ...get({ url }, 40), ...odd } as EffectBody)).rejects.toThrow();
      expect(connections()).toBe(0);
      // Later than the first one's time would have been over.
      expect(await expectAnswer(workshop, get({ url }, 400), "no-answer")).toMatchObject({ reason: "timeout" });
    },
  );
});

describe("TLS (H-10)", () => {
  test("with a pin takes exactly that key, whatever the chain says", async () => {
    const { key, cert, pin } = makeCertificate();
    const server = createTlsServer({ key, cert }, (_request, response) => response.end("ok"));
    await listen(server);
    const url = originOf(server, "https");
    const workshop = makeWorkshop();
    expect(await expectAnswer(workshop, get({ url, pin }), "response")).toMatchObject({ body: "ok" });
    expect(await expectAnswer(workshop, get({ url, pin }), "response")).toMatchObject({ body: "ok" });
  });

  test("with another pin ends before a byte is sent; without one the system's trust decides", async () => {
    const { key, cert } = makeCertificate();
    let requests = 0;
    const server = createTlsServer({ key, cert }, (_request, response) => {
      requests++;
      response.end("ok");
    });
    await listen(server);
    const url = originOf(server, "https");
    const workshop = makeWorkshop();
    const wrong = get({ url, pin: "0".repeat(64) });
    expect(await expectAnswer(workshop, wrong, "no-answer")).toMatchObject({ reason: "pin" });
    expect(await expectAnswer(workshop, get({ url }), "no-answer")).toMatchObject({ reason: "tls" });
    expect(requests).toBe(0);
  });

  test("is tls when the other side does not speak it, and timeout when it says nothing", async () => {
    const plain = (await serve((_request, response) => response.end("ok"))).replace("http:", "https:");
    const workshop = makeWorkshop();
    const pin = "0".repeat(64);
    expect(await expectAnswer(workshop, get({ url: plain, pin }), "no-answer")).toMatchObject({ reason: "tls" });
    const silent = (await serveRaw((socket) => void socket.resume())).replace("http:", "https:");
    expect(await expectAnswer(workshop, get({ url: silent, pin }, 300), "no-answer")).toMatchObject({
      reason: "timeout",
    });
  });
});
