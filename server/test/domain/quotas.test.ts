import { describe, expect, it } from "vitest";
import { withServer } from "../running-server.ts";
import { beginVault, expectStatus, problemOf, VaultClient } from "../vault-client.ts";

/** What the account of a test client takes: its vault object and its roster. */
const CLIENT = new VaultClient("");
const FIRST_BYTES = CLIENT.vaultObject().length + CLIENT.roster().length;

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
      { terms: { quotaBytes: FIRST_BYTES + 3_000 } },
    ));

  it("P-80 count rosters and vault objects, which the owner can store above a quota that others filled", () =>
    withServer(
      async ({ url, instance }) => {
        const client = await beginVault(url);
        const used = async () =>
          (await instance.database.read<{ used_bytes: number }>("SELECT used_bytes FROM vaults"))[0]?.used_bytes ?? 0;
        expect(await used()).toBe(FIRST_BYTES);
        const put = async (version: number) => {
          const roster = client.roster(version);
          const json = { roster: Buffer.from(roster).toString("base64") };
          return { roster, answer: await client.send("PUT", "/v1/roster", { token: client.fullToken, json }) };
        };
        expect(problemOf(await client.putBlob(new Uint8Array(20_000)))).toBe("quota-exceeded");
        const { roster, answer } = await put(2);
        expectStatus(answer, 200);
        expect(await used()).toBe(FIRST_BYTES + roster.length);
        await instance.database.transaction((transaction) =>
          transaction.query("UPDATE vaults SET used_bytes = used_bytes + 8388608"),
        );
        expect(problemOf((await put(3)).answer)).toBe("quota-exceeded");
      },
      { terms: { quotaBytes: FIRST_BYTES } },
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
