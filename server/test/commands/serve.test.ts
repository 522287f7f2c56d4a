import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { describe, expect, it } from "vitest";
import { hashId } from "../../src/domain/encodings.ts";
import { withFolder } from "../running-server.ts";
import { runCommand, ServerProcess } from "../server-process.ts";
import { beginVault, expectStatus, send, VaultClient } from "../vault-client.ts";

const ANY_PORT = ["--listen", "127.0.0.1:0"];

/** Runs `work` with a started server, which is stopped afterwards whatever happened. */
async function withProcess(args: readonly string[], work: (running: ServerProcess, url: string) => Promise<void>) {
  const running = new ServerProcess(...ANY_PORT, ...args);
  try {
    const { url } = await running.waitFor("listening");
    await work(running, String(url));
  } finally {
    await running.end("SIGKILL");
  }
}

describe("coffre-server", () => {
  it("prints its first invitation once, takes it once, and makes more beside the running server", () =>
    withFolder(async (data) => {
      await withProcess(["--data", data], async (running, url) => {
        const { invitation } = await running.waitFor("first invitation");
        expectStatus(await new VaultClient(url).createAccount({ invitation }), 201);
        expectStatus(await new VaultClient(url).createAccount({ invitation }), 403);
        const made = await runCommand("invite", "--data", data);
        expect([made.code, made.stderr]).toEqual([0, ""]);
        expectStatus(await new VaultClient(url).createAccount({ invitation: made.stdout.trim() }), 201);
        const accounts = await runCommand("accounts", "--data", data);
        expect(accounts.stdout.trim().split("\n")).toHaveLength(3);
      });
      await withProcess(["--data", data], async (running) => {
        expect(running.lines.map((line) => line.msg)).not.toContain("first invitation");
      });
    }));

  it("P-8 logs no token, login, key or address", () =>
    withFolder((data) =>
      withProcess(["--data", data, "--registration", "open"], async (running, url) => {
        const client = await beginVault(url);
        await client.logIn({ loginKey: "AAAA" });
        await client.send("GET", `/v1/blobs/${client.login}?token=${client.token}`);
        const { stdout, stderr } = await running.end();
        for (const secret of [
          client.login,
          client.token,
          client.fullToken,
          client.loginKey.toString("base64"),
          client.vault,
        ]) {
          expect(stdout + stderr).not.toContain(secret);
        }
        expect(stdout.replaceAll(url, "")).not.toContain("127.0.0.1");
        expect(stderr).toBe("");
      }),
    ));

  it("P-70 P-43 shows no half blob after a kill in the middle of a PUT, and sweeps what was left", () =>
    withFolder(async (data) => {
      const bytes = randomBytes(4_000_000);
      const args = ["--data", data, "--registration", "open"];
      let client = new VaultClient("");
      await withProcess(args, async (running, url) => {
        client = await beginVault(url);
        const outgoing = request(`${url}/v1/blobs/${hashId(bytes)}`, {
          method: "PUT",
          headers: { authorization: `Bearer ${client.token}`, "content-length": bytes.length },
        });
        outgoing.on("error", () => undefined);
        outgoing.write(bytes.subarray(0, 3_900_000));
        while ((await readdir(join(data, "tmp"))).length === 0) await new Promise((resolve) => setImmediate(resolve));
        await running.end("SIGKILL");
      });
      await withProcess(args, async (_running, url) => {
        expect(await readdir(join(data, "tmp"))).toEqual([]);
        const path = `/v1/blobs/${hashId(bytes)}`;
        expect((await send(url, "GET", path, { token: client.fullToken })).status).toBe(404);
        const asked = await send(url, "POST", "/v1/blobs/missing", {
          token: client.token,
          json: { ids: [hashId(bytes)] },
        });
        expect(asked.json.missing).toHaveLength(1);
        expectStatus(await send(url, "PUT", path, { token: client.token, body: bytes }), 201);
        expect(Buffer.compare((await send(url, "GET", path, { token: client.fullToken })).bytes, bytes)).toBe(0);
      });
    }));

  it("finishes a running PUT after SIGTERM and exits 0", () =>
    withFolder((data) =>
      withProcess(["--data", data, "--registration", "open"], async (running, url) => {
        const client = await beginVault(url);
        const bytes = randomBytes(1_000_000);
        const outgoing = request(`${url}/v1/blobs/${hashId(bytes)}`, {
          method: "PUT",
          headers: { authorization: `Bearer ${client.token}`, "content-length": bytes.length },
        });
        const status = new Promise((resolve, reject) => {
          outgoing.on("response", (response) => resolve(response.resume().statusCode));
          outgoing.on("error", reject);
        });
        outgoing.write(bytes.subarray(0, 700_000));
        while ((await readdir(join(data, "tmp"))).length === 0) await new Promise((resolve) => setImmediate(resolve));
        running.child.kill("SIGTERM");
        await running.waitFor("stopping");
        outgoing.end(bytes.subarray(700_000));
        expect(await status).toBe(201);
        expect((await running.ended).code).toBe(0);
      }),
    ));

  it("refuses a data folder that another server holds, until that one ends, even by a kill", () =>
    withFolder(async (data) => {
      await withProcess(["--data", data], async (running) => {
        const second = await runCommand("--data", data, ...ANY_PORT);
        expect([second.code, second.stdout]).toEqual([1, ""]);
        expect(second.stderr).toMatch(/^coffre-server: another coffre-server is running on /);
        expect((await runCommand("rebuild", "--data", data)).code).toBe(1);
        await running.end("SIGKILL");
      });
      await withProcess(["--data", data], async (running) => expect((await running.end("SIGINT")).code).toBe(0));
    }));

  it("serves TLS with a certificate that it keeps, and says its pin", () =>
    withFolder(async (data) => {
      const pins: unknown[] = [];
      for (let start = 0; start < 2; start += 1) {
        await withProcess(["--data", data, "--tls", "self"], async (running, url) => {
          const { pin } = await running.waitFor("listening");
          const { port } = new URL(url);
          const raw = await new Promise<Buffer>((resolve, reject) => {
            const socket = connect({ host: "127.0.0.1", port: Number(port), rejectUnauthorized: false }, () => {
              resolve(socket.getPeerCertificate().raw);
              socket.destroy();
            });
            socket.on("error", reject);
          });
          const certificate = new X509Certificate(raw);
          const spki = certificate.publicKey.export({ format: "der", type: "spki" });
          expect(createHash("sha256").update(spki).digest("hex")).toBe(pin);
          expect(
            new Date(certificate.validTo).getUTCFullYear() - new Date(certificate.validFrom).getUTCFullYear(),
          ).toBe(10);
          expect(url).toMatch(/^https:/);
          pins.push(pin);
        });
      }
      expect(pins[0]).toBe(pins[1]);
    }));

  it("P-10 §10 serves metrics on a listener of their own", () =>
    withFolder((data) =>
      withProcess(["--data", data, "--metrics", "127.0.0.1:0"], async (running, url) => {
        const metrics = new URL(String((await running.waitFor("metrics"))["url"]));
        expect((await send(url, "GET", "/metrics")).status).toBe(404);
        await send(url, "GET", "/health/live");
        const text = Buffer.from((await send(metrics.origin, "GET", "/metrics")).bytes).toString();
        expect(text).toContain('coffre_request_seconds_count{method="GET",route="/health/live",status="200"} 1');
        expect(text).toMatch(/^coffre_disk_free_bytes [0-9.e+]+$/m);
      }),
    ));

  it("says in a sentence what is wrong with its options, its port or its folder", () =>
    withFolder(async (folder) => {
      const data = join(folder, "data");
      const taken = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => taken.once("listening", resolve));
      const address = taken.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const file = join(folder, "file");
      await writeFile(file, "");
      const tries: [string[], number, RegExp][] = [
        [["--listen", "nowhere"], 2, /Expected HOST:PORT/],
        [["--registration", "maybe"], 2, /Allowed choices are open, invitation, closed/],
        [["--unknown"], 2, /unknown option/],
        [["--quota", "many"], 2, /Expected bytes/],
        [["--data", data, "--listen", "0.0.0.0:0"], 1, /not a loopback address.*--tls self/],
        [["--data", data, "--tls-cert", file], 1, /need each other/],
        [["--data", data, "--tls-cert", file, "--tls-key", join(folder, "none")], 1, /cannot be read/],
        [["--data", data, "--listen", `127.0.0.1:${port}`], 1, /is in use/],
        [["--data", file], 1, /is a file/],
        [["invite", "--data", join(folder, "none")], 1, /no server's data/],
      ];
      for (const [args, code, text] of tries) {
        const ended = await runCommand(...args);
        expect([ended.code, ended.stderr], args.join(" ")).toEqual([code, expect.stringMatching(text)]);
        expect(ended.stderr).not.toContain("    at ");
      }
      taken.close();
      expect((await runCommand("--help")).stdout).toContain("--registration");
      expect((await runCommand("invite", "--help")).code).toBe(0);
    }));

  it("sets quotas, disables and enables accounts beside the running server", () =>
    withFolder((data) =>
      withProcess(["--data", data, "--registration", "open"], async (_running, url) => {
        const client = await beginVault(url);
        const first = client.vaultObject().length + client.roster().length;
        expect((await runCommand("quota", client.login, String(first + 1_000), "--data", data)).code).toBe(0);
        expectStatus(await client.putBlob(randomBytes(1_001)), 507);
        expectStatus(await client.putBlob(randomBytes(1_000)), 201);
        expect((await runCommand("disable", client.login, "--data", data)).code).toBe(0);
        expectStatus(await client.send("GET", `/v1/devices/${client.device.id}/head`), 401);
        expectStatus(await client.logIn(), 401);
        expectStatus(await client.askToken(), 401);
        expect((await runCommand("enable", client.login, "--data", data)).code).toBe(0);
        expectStatus(await client.askToken(), 201);
        expect((await runCommand("disable", "nobody", "--data", data)).stderr).toContain("no account has this login");
      }),
    ));
});
