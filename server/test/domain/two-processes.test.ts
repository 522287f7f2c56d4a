import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { describe, expect, it } from "vitest";
import { removeCondemned } from "../../src/domain/collector.ts";
import type { Database } from "../../src/domain/database.ts";
import { hashId } from "../../src/domain/encodings.ts";
import { makeInvitation } from "../../src/domain/invitations.ts";
import type { Journal } from "../../src/domain/storage.ts";
import { override, RunningServer, type Setup, withServer } from "../running-server.ts";
import { base64, beginVault, expectStatus, problemOf, VaultClient } from "../vault-client.ts";

/** What another process does in the middle of a request of this one: once, at a place that the test names. */
class Interruption {
  #work: (() => Promise<unknown>) | null = null;

  next(work: () => Promise<unknown>): void {
    this.#work = work;
  }

  async come(): Promise<void> {
    const work = this.#work;
    this.#work = null;
    await work?.();
  }
}

/** Comes before the account's number is read. */
function beforeNumber(interruption: Interruption): Setup {
  const wrapDatabase = (database: Database): Database => ({
    read: async (sql, values) => {
      if (sql.startsWith("SELECT sequence FROM vaults")) await interruption.come();
      return database.read(sql, values);
    },
    transaction: (work) => database.transaction(work),
    close: () => database.close(),
  });
  return { wrapDatabase };
}

/** Comes after the check, before the object is written. */
function beforeObject(interruption: Interruption): Setup {
  return { wrapJournal: (journal) => changeAppend(journal, () => interruption.come()) };
}

function changeAppend(journal: Journal, before: () => Promise<unknown>): Journal {
  return override(journal, {
    append: async (vault, sequence, bytes) => {
      await before();
      return journal.append(vault, sequence, bytes);
    },
  });
}

/** Two processes over one store: `first` without, `second` with the setup. */
async function withTwo(
  setup: Setup,
  work: (first: RunningServer, second: RunningServer) => Promise<void>,
  terms: Setup["terms"] = {},
): Promise<void> {
  await withServer(
    async (first) => {
      const second = new RunningServer(first.data, { ...setup, terms });
      await second.start();
      try {
        await work(first, second);
      } finally {
        await second.stop();
      }
    },
    { terms },
  );
}

/** The same vault at the other process. */
function at(server: RunningServer, client: VaultClient): VaultClient {
  return Object.assign(Object.create(client), { url: server.url });
}

describe("two processes on one store", () => {
  it.each([
    ["before its number is read", beforeNumber],
    ["before its object is written", beforeObject],
  ])("P-71 gives one record number to one of two records when the other comes %s", (_place, place) => {
    const interruption = new Interruption();
    return withTwo(place(interruption), async (first, second) => {
      const client = await beginVault(first.url);
      const envelope = client.envelope();
      expectStatus(await client.putEnvelope(envelope), 201);
      interruption.next(async () =>
        expectStatus(await client.putRecord(client.record({ number: 1, envelope }), 1), 201),
      );
      const rival = await at(second, client).putRecord(client.record({ number: 1, envelope }), 1);
      expect(problemOf(rival)).toBe("record-conflict");
      expectStatus(await client.putEnvelope(client.envelope(2), 2), 201);
      expectStatus(await at(second, client).putEnvelope(client.envelope(3), 3), 201);
      expect(await first.instance.journal.list(client.vault)).toEqual([1, 2, 3, 4, 5]);
    });
  });

  it("P-71 takes its own bytes under a number that is taken for its own, when the append's first answer was lost", () =>
    withServer(
      async (server) => {
        const client = await beginVault(server.url);
        expectStatus(await client.putEnvelope(client.envelope()), 201);
        expectStatus(await client.putEnvelope(client.envelope(2), 2), 201);
        expect(await server.instance.journal.list(client.vault)).toEqual([1, 2, 3]);
      },
      {
        // A driver that tries again what was written already.
        wrapJournal: (journal) =>
          override(journal, {
            append: async (vault, sequence, bytes) => {
              await journal.append(vault, sequence, bytes);
              return journal.append(vault, sequence, bytes);
            },
          }),
      },
    ));

  it("P-25 lets one recovery code open once, though both processes saw it unused", () => {
    const interruption = new Interruption();
    return withTwo(beforeObject(interruption), async (first, second) => {
      const client = await beginVault(first.url);
      const { nowMs } = first.clock;
      const put = (extra: object = {}) =>
        client.send("PUT", "/v1/second-factor", {
          token: client.fullToken,
          json: { statement: client.statement(1, nowMs), ...extra },
        });
      const { secret, recoveryCodes } = expectStatus(await put(), 200).json;
      const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: nowMs });
      expectStatus(await put({ code }), 200);
      interruption.next(async () => expectStatus(await client.logIn({ code: recoveryCodes[0] }), 201));
      expect(problemOf(await at(second, client).logIn({ code: recoveryCodes[0] }))).toBe("login-refused");
      expectStatus(await at(second, client).logIn({ code: recoveryCodes[1] }), 201);
    });
  });

  it("P-20 gives a login to one of two accounts, and to one that takes it while another one changes its own", () => {
    const interruption = new Interruption();
    return withTwo(beforeObject(interruption), async (first, second) => {
      const [winner, rival] = [new VaultClient(first.url, "ada"), new VaultClient(second.url, "ada")];
      interruption.next(async () => expectStatus(await winner.createAccount(), 201));
      expect(problemOf(await rival.createAccount())).toBe("login-taken");
      expectStatus(await winner.logIn(), 201);
      const other = await beginVault(first.url);
      const { tag } = (await other.send("GET", "/v1/vault", { token: other.fullToken })).json;
      const json = { vaultObject: base64(other.vaultObject(2, { login: "bob" })), previousTag: tag };
      interruption.next(async () => expectStatus(await new VaultClient(first.url, "bob").createAccount(), 201));
      const renamed = await at(second, other).send("PUT", "/v1/vault", { token: other.fullToken, json });
      expect(problemOf(renamed)).toBe("login-taken");
      expectStatus(await other.logIn(), 201);
      expectStatus(await other.putEnvelope(other.envelope()), 201);
    });
  });

  it("P-20 lets one invitation make one account", () => {
    const interruption = new Interruption();
    const terms = { registration: "invitation" } as const;
    return withTwo(
      beforeObject(interruption),
      async (first, second) => {
        const invitation = await makeInvitation(first.instance.database, 0);
        const [winner, rival] = [new VaultClient(first.url), new VaultClient(second.url)];
        interruption.next(async () => expectStatus(await winner.createAccount({ invitation }), 201));
        expect(problemOf(await rival.createAccount({ invitation }))).toBe("invitation-refused");
        expect((await first.instance.database.read("SELECT vault FROM vaults")).length).toBe(1);
      },
      terms,
    );
  });

  it("P-20 frees a login whose account was never written, and takes the number that it waited for", () => {
    const interruption = new Interruption();
    return withTwo(beforeObject(interruption), async (first, second) => {
      const [crashed, next] = [new VaultClient(second.url, "ada"), new VaultClient(first.url, "ada")];
      interruption.next(async () => {
        throw new Error("the process ends here");
      });
      expectStatus(await crashed.createAccount(), 500);
      expectStatus(await next.createAccount(), 201);
      expect(problemOf(await crashed.createAccount())).toBe("login-taken");
      expect(await first.instance.journal.list(crashed.vault)).toEqual([1]);
      const other = Object.assign(Object.create(crashed), { login: "bob" }) as VaultClient;
      expectStatus(await other.createAccount(), 201);
      expect(await first.instance.journal.list(crashed.vault)).toEqual([1, 2]);
      await first.loseDatabase();
      await second.stop();
      await second.start();
      for (const client of [next, other]) expectStatus(await at(first, client).logIn(), 201);
    });
  });

  it("P-73 asks for a blob again that the other process collected just before its record was written", () => {
    const interruption = new Interruption();
    return withTwo(beforeObject(interruption), async (first, second) => {
      const client = await beginVault(first.url);
      const envelope = client.envelope();
      expectStatus(await client.putEnvelope(envelope), 201);
      const bytes = randomBytes(1_000);
      expectStatus(await client.putBlob(bytes), 201);
      interruption.next(async () => {
        await first.instance.database.transaction((transaction) => transaction.query("UPDATE blobs SET passes = 7"));
        expect(await removeCondemned(first.instance)).toEqual({ blobs: 1, bytes: 1_000, postponed: 0 });
      });
      const record = client.record({ number: 1, envelope, blobs: [hashId(bytes)] });
      expectStatus(await at(second, client).putRecord(record, 1), 201);
      const head = async () => (await client.send("GET", `/v1/devices/${client.device.id}/head`)).json;
      expect((await head()).damaged).toEqual([hashId(bytes)]);
      expectStatus(await client.putBlob(bytes), 200);
      expect((await head()).damaged).toEqual([]);
    });
  });

  it("P-70 keeps one file of equal uploads at once", () =>
    withTwo({}, async (first, second) => {
      const client = await beginVault(first.url);
      const bytes = randomBytes(20_000);
      const clients = Array.from({ length: 8 }, (_, index) => at(index % 2 === 0 ? first : second, client));
      const answers = await Promise.all(clients.map((each) => each.putBlob(bytes)));
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
      expect(await first.instance.blobs.find(client.vault, hashId(bytes))).toHaveLength(1);
      const token = client.fullToken;
      expectStatus(await client.send("GET", `/v1/blobs/${hashId(bytes)}`, { token }), 200);
    }));
});

describe("a commit whose answer is lost", () => {
  it("P-70 removes no file: neither the new one that the row names, nor the old one", () => {
    let isLost = false;
    const setup: Setup = {
      wrapDatabase: (database) => ({
        read: (sql, values) => database.read(sql, values),
        transaction: async (work) => {
          const result = await database.transaction(work);
          if (isLost) throw new Error("the connection to the database is gone");
          return result;
        },
        close: () => database.close(),
      }),
    };
    return withServer(async (server) => {
      const client = await beginVault(server.url);
      const bytes = randomBytes(3_000);
      const path = `/v1/blobs/${hashId(bytes)}`;
      expectStatus(await client.putBlob(bytes), 201);
      isLost = true;
      expectStatus(await client.putBlob(bytes), 500);
      const added = randomBytes(3_000);
      expectStatus(await client.putBlob(added), 500);
      isLost = false;
      const token = client.fullToken;
      expect(hashId((await client.send("GET", path, { token })).bytes)).toBe(hashId(bytes));
      expectStatus(await client.send("GET", `/v1/blobs/${hashId(added)}`, { token }), 200);
      expect(await server.instance.blobs.find(client.vault, hashId(bytes))).toHaveLength(2);
      expectStatus(await client.putBlob(bytes), 200);
    }, setup);
  });
});
