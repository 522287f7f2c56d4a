// The web client on loopback: what it passes on, and what it refuses.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Connections } from "../src/host/connections.ts";
import { BuiltPages, parseManifest } from "../src/web/built-pages.ts";
import { startLocalServer } from "../src/web/local-server.ts";
import { makeFolder } from "./host/scratch.ts";

const TOKEN = "00112233445566778899aabbccddeeff";
const POLICY = "default-src 'none'; script-src 'self'";
const PAGE = "<!doctype html>";

/** Built pages in a new folder. */
function makePages(): string {
  const folder = makeFolder();
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), PAGE);
  const sha384 = createHash("sha384").update(PAGE).digest("base64");
  const files = [{ path: "/index.html", type: "text/html", cache: "no-store", sha384 }];
  const headers = { "content-security-policy": POLICY };
  writeFileSync(
    join(folder, "assets.json"),
    JSON.stringify({ form: 1, headers, pages: ["/", "/vault/*"], index: "/index.html", files }),
  );
  return folder;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function startBoth() {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((question, response) => {
    asked.push(question.headers);
    // All that a server could do to become a page, or to reach one.
    response.writeHead(200, {
      "content-type": "text/html",
      "set-cookie": "a=1",
      "access-control-allow-origin": "*",
      "clear-site-data": '"*"',
      "content-security-policy": "default-src *",
      etag: '"1"',
    });
    response.end("<script>");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const port = (server.address() as { port: number }).port;
  const connections = new Connections();
  const pages = BuiltPages.open(makePages());
  const parts = { pages, server: { url: `http://127.0.0.1:${port}` }, connections, token: TOKEN, onTrouble: () => {} };
  const local = await startLocalServer(parts, 0);
  onTestFinished(() => {
    local.server.close();
    server.close();
    connections.close();
    server.closeAllConnections();
    local.server.closeAllConnections();
  });
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const sent = request(local.url + path, { headers }, (response) => {
        let body = "";
        response.on("data", (piece) => {
          body += String(piece);
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
      sent.on("error", reject);
      sent.end();
    });
  return { ask, asked };
}

describe("the web client on loopback", () => {
  test("gives the page at its addresses, under the policy that it was built with", async () => {
    const { ask } = await startBoth();
    for (const path of ["/", "/vault/7"]) {
      const { status, headers, body } = await ask(path);
      expect([status, body, headers["content-security-policy"]]).toEqual([200, PAGE, POLICY]);
    }
    expect((await ask("/assets.json")).status).toBe(404);
  });

  test("passes nothing on without the page's token, and nothing to another name", async () => {
    const { ask, asked } = await startBoth();
    expect((await ask("/v1/vault")).status).toBe(403);
    expect((await ask("/v1/vault", { "coffre-local": TOKEN.replace("0", "1") })).status).toBe(403);
    expect((await ask("/v1/vault", { "coffre-local": TOKEN, host: "evil.example" })).status).toBe(421);
    expect((await ask("/", { host: "localhost:1" })).status).toBe(421);
    expect(asked).toEqual([]);
  });

  test("passes headers on by a list, both ways", async () => {
    const { ask, asked } = await startBoth();
    const headers = { "coffre-local": TOKEN, authorization: "Bearer a", cookie: "b=1", range: "bytes=0-1" };
    const answered = await ask("/v1/blobs/1", headers);
    expect(asked[0]).toMatchObject({ authorization: "Bearer a", range: "bytes=0-1" });
    expect(Object.keys(asked[0] ?? {})).not.toContain("cookie");
    expect(Object.keys(asked[0] ?? {})).not.toContain("coffre-local");
    expect(answered.headers.etag).toBe('"1"');
    expect(answered.headers["content-security-policy"]).toBe("default-src 'none'");
    for (const name of ["set-cookie", "access-control-allow-origin", "clear-site-data"]) {
      expect(answered.headers[name]).toBeUndefined();
    }
  });

  test("is not served when a file is not the one that was built", () => {
    const folder = makePages();
    writeFileSync(join(folder, "index.html"), "<!doctype html><script>");
    expect(() => BuiltPages.open(folder)).toThrow(/not the one that was built/);
    expect(parseManifest('{"form":1,"headers":{},"pages":[],"index":"/a","files":[{"path":"/../a"}]}')).toBeNull();
  });
});
