import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashId } from "../../src/domain/encodings.ts";
import { withServer } from "../running-server.ts";
import { beginVault, expectStatus, problemOf, VaultClient } from "../vault-client.ts";

describe("bases", () => {
  it("P-60 stores a base that the vault signed and gives the body back as it came", () =>
    withServer(async ({ url, instance }) => {
      const client = await beginVault(url);
      const bytes = randomBytes(100);
      const body = client.base(7, [hashId(bytes)]);
      const put = (sent: Uint8Array, number = 7) =>
        client.send("PUT", `/v1/bases/${number}`, { token: client.fullToken, body: sent });
      const needs = await put(body);
      expect([problemOf(needs), needs.json.missing]).toEqual(["base-needs", [hashId(bytes)]]);
      expectStatus(await client.putBlob(bytes), 201);
      expectStatus(await put(body), 201);
      expectStatus(await put(body), 200);
      expect(problemOf(await put(client.base(7, [])))).toBe("number-differs");
      const back = await client.send("GET", "/v1/bases/7", { token: client.fullToken });
      expect(Buffer.compare(back.bytes, body)).toBe(0);
      const [row] = await instance.database.read("SELECT referenced FROM blobs");
      expect(row?.["referenced"]).toBe(1);
    }));

  it("P-60 refuses another vault's statement, number or bytes, and scope append", () =>
    withServer(async ({ url }) => {
      const client = await beginVault(url);
      const put = (body: Uint8Array) => client.send("PUT", "/v1/bases/1", { token: client.fullToken, body });
      const tampered = Buffer.from(client.base(1, []));
      tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
      for (const body of [
        new VaultClient(url).base(1, []),
        client.base(2, []),
        client.base(1, [], 2),
        tampered,
        Buffer.alloc(0),
      ]) {
        expect(problemOf(await put(body))).toBe("malformed");
      }
      expect(problemOf(await client.send("PUT", "/v1/bases/1", { body: client.base(1, []) }))).toBe("forbidden");
      expect((await client.send("GET", "/v1/bases/1", { token: client.fullToken })).status).toBe(404);
    }));
});
