import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { withServer } from "../running-server.ts";
import { beginVault, expectStatus } from "../vault-client.ts";

describe("stopping", () => {
  it("does not wait for a body that was answered early and never ends", () =>
    withServer(async (server) => {
      const { hostname, port } = new URL(server.url);
      let text = "";
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          "POST /v1/kdf HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2000000\r\n\r\nx",
        ),
      );
      socket.on("error", () => undefined);
      await new Promise<void>((resolve) => {
        socket.on("data", (piece) => {
          text += String(piece);
          resolve();
        });
      });
      expect(text).toMatch(/^HTTP\/1\.1 413 /);
      await server.stop();
      await server.start();
    }));

  it("does not wait for connections that are kept alive", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      await Promise.all(Array.from({ length: 8 }, () => client.putBlob(new Uint8Array(65_536).fill(7))));
      await server.stop();
      await server.start();
      Object.assign(client, { url: server.url });
      expectStatus(await client.send("GET", `/v1/devices/${client.device.id}/head`), 200);
    }));
});
