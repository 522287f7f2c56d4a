import { describe, expect, it } from "vitest";
import { withServer } from "../running-server.ts";
import { beginVault, expectStatus, problemOf } from "../vault-client.ts";

describe("quotas", () => {
  it("P-80 count the envelopes of a device, and the same one once", () =>
    withServer(
      async ({ url }) => {
        const client = await beginVault(url);
        const put = (number: number) => client.putEnvelope(client.envelope(number), number);
        expectStatus(await put(1), 201);
        expectStatus(await put(1), 200);
        expectStatus(await put(2), 201);
        expect(problemOf(await put(3))).toBe("quota-exceeded");
        expectStatus(await put(1), 200);
      },
      { terms: { quotaBytes: 3_000 } },
    ));

  it("P-80 bound what one account sends again at once, and nobody else's", () =>
    withServer(async ({ url, instance }) => {
      const [client, other] = [await beginVault(url), await beginVault(url)];
      const bytes = new Uint8Array(16_384);
      expectStatus(await client.putBlob(bytes), 201);
      const held = Array.from({ length: 8 }, () => instance.quotas.holdAgain(client.vault, 8_388_608));
      expect(problemOf(await client.putBlob(bytes))).toBe("too-many-requests");
      expectStatus(await other.putBlob(bytes), 201);
      expectStatus(await other.putBlob(bytes), 200);
      for (const reservation of held) reservation.release();
      expectStatus(await client.putBlob(bytes), 200);
    }));
});
