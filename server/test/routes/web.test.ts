// The pages beside the protocol: only what assets.json names, with the headers that stand there.

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openWebClient } from "../../src/routes/web.ts";
import { type RunningServer, withServer } from "../running-server.ts";

const PAGE = "<!doctype html><title>Coffre</title>";
const SCRIPT = "export const a = 1;";
const POLICY = "default-src 'none'; script-src 'self'";

async function makeClient(change: (manifest: Record<string, unknown>) => void = () => {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "coffre-web-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), PAGE);
  await writeFile(join(folder, "assets", "app-1.js"), SCRIPT);
  await writeFile(join(folder, "assets", "app-1.js.br"), "brotli");
  await writeFile(join(folder, "secret.txt"), "not named");
  const digest = (text: string): string => createHash("sha384").update(text).digest("base64");
  const manifest = {
    form: 1,
    headers: { "content-security-policy": POLICY, "x-frame-options": "DENY" },
    pages: ["/", "/vault/*"],
    index: "/index.html",
    files: [
      { path: "/assets/app-1.js", type: "text/javascript", cache: "public, immutable", sha384: digest(SCRIPT) },
      { path: "/index.html", type: "text/html; charset=utf-8", cache: "no-store", sha384: digest(PAGE) },
    ],
  };
  change(manifest);
  await writeFile(join(folder, "assets.json"), JSON.stringify(manifest));
  return folder;
}

/** Runs `work` with a server that has these pages. */
async function withPages(work: (server: RunningServer) => Promise<void>): Promise<void> {
  const web = await openWebClient(await makeClient());
  if (!("manifest" in web)) throw new Error("expected a client that is whole");
  await withServer(work, { options: { web } });
}

describe("the web client", () => {
  test("answers its pages' addresses with the page, under the policy of assets.json, and keeps it nowhere", () =>
    withPages(async (server) => {
      for (const path of ["/", "/vault/3"]) {
        const response = await fetch(server.url + path);
        expect(response.status).toBe(200);
        expect(await response.text()).toBe(PAGE);
        expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
        expect(response.headers.get("content-security-policy")).toBe(POLICY);
        expect(response.headers.get("cache-control")).toBe("no-store");
        expect(response.headers.get("x-frame-options")).toBe("DENY");
      }
    }));

  test("gives a hashed file for ever, compressed where the browser takes it", () =>
    withPages(async (server) => {
      const response = await fetch(`${server.url}/assets/app-1.js`, { headers: { "accept-encoding": "identity" } });
      expect(await response.text()).toBe(SCRIPT);
      expect(response.headers.get("cache-control")).toBe("public, immutable");
      const packed = await fetch(`${server.url}/assets/app-1.js`, {
        method: "GET",
        headers: { "accept-encoding": "br" },
      });
      expect(packed.headers.get("content-encoding")).toBe("br");
      await packed.body?.cancel().catch(() => {});
    }));

  test("serves nothing that assets.json does not name, and the protocol as before", () =>
    withPages(async (server) => {
      for (const path of ["/secret.txt", "/assets.json", "/assets/app-1.js.br", "/assets/..%2fsecret.txt"]) {
        const response = await fetch(server.url + path);
        expect(response.status).toBe(404);
        expect(response.headers.get("content-type")).toContain("application/problem+json");
      }
      const discovery = await fetch(`${server.url}/.well-known/coffre`);
      expect(discovery.headers.get("content-security-policy")).toBe("default-src 'none'");
      expect(discovery.headers.get("x-frame-options")).toBeNull();
    }));

  test("is refused when a file is not the one that was built, and when it is not there", async () => {
    const changed = await makeClient();
    await writeFile(join(changed, "assets", "app-1.js"), "export const a = 2;");
    expect(await openWebClient(changed)).toEqual({ kind: "damaged", what: "/assets/app-1.js" });
    const outside = await makeClient((manifest) => {
      manifest["files"] = [{ path: "/../secret.txt", type: "text/plain", cache: "", sha384: "" }];
    });
    expect(await openWebClient(outside)).toEqual({ kind: "damaged", what: "assets.json" });
    expect(await openWebClient(join(changed, "nothing"))).toEqual({ kind: "absent" });
  });
});
