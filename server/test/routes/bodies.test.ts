import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashId } from "../../src/domain/encodings.ts";
import { type BlobStore, StorageFull } from "../../src/domain/storage.ts";
import { KeptConnection, RawConnection } from "../raw-connection.ts";
import { override, withServer } from "../running-server.ts";
import { beginVault, expectStatus, send } from "../vault-client.ts";

/** A store whose disk is full after so many bytes of a body; the real one has what came before. */
function fullAfter(limitBytes: number): (blobs: BlobStore) => BlobStore {
  return (blobs) =>
    override(blobs, {
      receive: (source) =>
        blobs.receive(
          (async function* () {
            let sizeBytes = 0;
            for await (const piece of source) {
              sizeBytes += piece.length;
              if (sizeBytes > limitBytes) throw new StorageFull();
              yield piece;
            }
          })(),
        ),
    });
}

describe("a body that is answered before its end", () => {
  it("P-85 leaves a connection that serves the next request, and a server that stops", () => {
    const answered: number[] = [];
    return withServer(
      async (server) => {
        const client = await beginVault(server.url);
        const authorization = `Bearer ${client.token}`;
        const bytes = randomBytes(3_000_000);
        const connection = new KeptConnection(server.url);
        const path = `/v1/blobs/${hashId(bytes)}`;
        expect(await connection.send("PUT", path, { authorization }, bytes)).toBe(507);
        expect(await readdir(join(server.data, "tmp"))).toEqual([]);
        expect(server.instance.quotas.reservedBytes).toBe(0);
        expect(await connection.send("PUT", path, { authorization }, bytes)).toBe(507);
        expect(await connection.send("PUT", path, { authorization: "Bearer x" }, bytes)).toBe(401);
        expect(await connection.send("GET", `/v1/devices/${client.device.id}/head`, { authorization })).toBe(200);
        expect(connection.ports.size).toBe(1);
        expect(answered.filter((status) => status === 507)).toHaveLength(2);
        await server.stop();
        await server.start();
        connection.close();
      },
      { wrapBlobs: fullAfter(600_000), options: { onAnswered: ({ status }) => answered.push(status) } },
    );
  });

  it("P-85 is thrown away as far as the route would take it, and no further", () =>
    withServer(async ({ url }) => {
      const connection = new RawConnection(url);
      connection.write(
        "POST /v1/kdf HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9000000\r\n\r\n",
      );
      expect(await connection.answered()).toEqual([413]);
      connection.write(Buffer.alloc(5_000));
      await connection.closed;
    }));

  it("P-85 ends the connection when the rest does not come in time", () =>
    withServer(
      async ({ url }) => {
        const connection = new RawConnection(url);
        connection.write(
          "PUT /v1/vault HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\nx",
        );
        expect(await connection.answered()).toEqual([401]);
        await connection.closed;
      },
      { options: { bodyTimes: { jsonMs: 60_000, drainMs: 50 } } },
    ));

  it("P-85 without an announced end is followed by the next request", () =>
    withServer(async ({ url }) => {
      const connection = new RawConnection(url);
      const head =
        "POST /v1/kdf HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
      connection.write(`${head}1100\r\n${" ".repeat(4_352)}\r\n`);
      expect(await connection.answered()).toEqual([413]);
      connection.write(`1\r\nx\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nhost: a\r\n\r\n`);
      expect(await connection.answered(2)).toEqual([413, 200]);
      connection.end();
    }));
});

describe("bodies of JSON", () => {
  it("P-85 are taken in 30 seconds or not at all", () =>
    withServer(
      async ({ url }) => {
        const connection = new RawConnection(url);
        connection.write(
          "POST /v1/kdf HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        );
        await connection.closed;
        expect(connection.text).not.toContain(" 200 ");
      },
      { options: { bodyTimes: { jsonMs: 50, drainMs: 50 } } },
    ));

  it("P-85 are as large as their route needs", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const post = (method: string, path: string, sizeBytes: number) =>
        send(url, method, path, {
          token: client.fullToken,
          body: `{"more":"${"x".repeat(sizeBytes)}"}`,
          headers: { "content-type": "application/json" },
        });
      for (const [method, path, limitBytes] of [
        ["POST", "/v1/kdf", 4_096],
        ["POST", "/v1/sessions", 4_096],
        ["POST", "/v1/challenges", 4_096],
        ["POST", "/v1/tokens", 4_096],
        ["PUT", "/v1/second-factor", 4_096],
        ["POST", "/v1/accounts", 16_384],
        ["PUT", "/v1/vault", 16_384],
        ["PUT", "/v1/roster", 360_448],
        ["POST", "/v1/blobs/missing", 76_096],
      ] as const) {
        expectStatus(await post(method, path, limitBytes - 11), 400);
        expectStatus(await post(method, path, limitBytes - 10), 413);
      }
    }));

  it("P-85 that do not end are taken from one address up to a bound, and the others are served", () =>
    withServer(
      async ({ url }) => {
        const head = (address: string) =>
          `POST /v1/accounts HTTP/1.1\r\nhost: a\r\nx-forwarded-for: ${address}\r\n` +
          "content-type: application/json\r\ncontent-length: 16384\r\n\r\n{";
        const held = Array.from({ length: 60 }, (_, index) => {
          const connection = new RawConnection(url);
          connection.write(head(`2001:db8::${index.toString(16)}`));
          return connection;
        });
        const refused: RawConnection[] = [];
        await new Promise<void>((resolve) => {
          for (const connection of held) {
            void connection.answered().then(([status]) => {
              if (status !== undefined) refused.push(connection);
              if (refused.length === 18) resolve();
            });
          }
        });
        for (const { text } of refused) expect(text).toContain("retry-after: 2");
        const json = { json: { login: "abc" }, headers: { "x-forwarded-for": "2001:db8:1::1" } };
        expectStatus(await send(url, "POST", "/v1/kdf", json), 200);
        for (const connection of held) connection.end();
      },
      { options: { isBehindProxy: true } },
    ));
});
