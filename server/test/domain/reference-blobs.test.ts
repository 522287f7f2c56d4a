import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Database } from "../../src/domain/database.ts";
import { hashId, type Id, idBytes } from "../../src/domain/encodings.ts";
import { DEFAULT_TERMS } from "../../src/domain/instance.ts";
import { type RunningServer, withServer } from "../running-server.ts";
import { beginVault, expectStatus, problemOf, type VaultClient } from "../vault-client.ts";

const IDS = 20_000;

/** A database that counts the statements of each transaction. */
class Counting {
  statements: number[] = [];

  wrap(database: Database): Database {
    return {
      read: (sql, values) => database.read(sql, values),
      transaction: (work) =>
        database.transaction(async (transaction) => {
          let count = 0;
          const result = await work({
            query: (sql, values) => {
              count += 1;
              return transaction.query(sql, values);
            },
          });
          this.statements.push(count);
          return result;
        }),
      close: () => database.close(),
    };
  }

  take(): { readonly longest: number; readonly total: number } {
    const statements = this.statements;
    this.statements = [];
    return { longest: Math.max(0, ...statements), total: statements.reduce((sum, count) => sum + count, 0) };
  }
}

/** Ids whose blobs have their rows; their files are nobody's question here. */
async function makeRows(server: RunningServer, client: VaultClient, count: number): Promise<Id[]> {
  const ids = Array.from({ length: count }, () => hashId(randomBytes(16))).sort();
  await server.instance.database.transaction(async (transaction) => {
    for (const id of ids) {
      await transaction.query("INSERT INTO blobs (vault, id, suffix, size_bytes) VALUES ($1, $2, 'x', 1)", [
        client.vault,
        id,
      ]);
    }
  });
  return ids;
}

async function putReferences(client: VaultClient, ids: readonly Id[]): Promise<Id> {
  const bytes = new Uint8Array(Buffer.concat(ids.map(idBytes)));
  expectStatus(await client.putBlob(bytes), 201);
  return hashId(bytes);
}

describe("reference blobs", () => {
  it("P-52 P-71 are counted in short transactions, and what is counted already costs none", async () => {
    const counting = new Counting();
    await withServer(
      async (server) => {
        const client = await beginVault(server.url);
        const envelope = client.envelope();
        expectStatus(await client.putEnvelope(envelope), 201);
        const ids = await makeRows(server, client, IDS);
        const overlapping = await Promise.all([0, 1, 2].map((from) => putReferences(client, ids.slice(from))));
        const put = (number: number, before: Uint8Array | null, referenceBlobs: readonly Id[]) => {
          const previous = before === null ? {} : { previousHash: hashId(before) };
          const record = client.record({ number, envelope, referenceBlobs: [...referenceBlobs].sort(), ...previous });
          return { record, answer: client.putRecord(record, number) };
        };
        counting.take();
        const first = put(1, null, overlapping.slice(0, 2));
        expectStatus(await first.answer, 201);
        const { longest, total } = counting.take();
        expect(longest).toBeLessThan(40);
        expect(total).toBeLessThan(IDS / 200);
        const [row] = await server.instance.database.read("SELECT COUNT(*) AS count FROM blobs WHERE referenced = 1");
        expect(row).toEqual({ count: IDS + 2 });
        const second = put(2, first.record, overlapping);
        expectStatus(await second.answer, 201);
        expect(counting.take().total).toBeLessThan(20);
      },
      { wrapDatabase: (database) => counting.wrap(database) },
    );
  });

  it("P-10 P-52 of one record or base name no more ids together than is announced", () =>
    withServer(
      async (server) => {
        const client = await beginVault(server.url);
        const envelope = client.envelope();
        expectStatus(await client.putEnvelope(envelope), 201);
        const ids = await makeRows(server, client, 101);
        const [most, one] = [await putReferences(client, ids.slice(0, 99)), await putReferences(client, ids.slice(99))];
        const put = (referenceBlobs: readonly Id[]) =>
          client.putRecord(client.record({ number: 1, envelope, referenceBlobs: [...referenceBlobs].sort() }), 1);
        expect(problemOf(await put([most, one]))).toBe("malformed");
        expectStatus(await put([most]), 201);
      },
      { terms: { limits: { ...DEFAULT_TERMS.limits, idsPerRecord: 100 } } },
    ));

  it("P-52 name the ids that are missing, at most 1,000 of them", () =>
    withServer(async (server) => {
      const client = await beginVault(server.url);
      const envelope = client.envelope();
      expectStatus(await client.putEnvelope(envelope), 201);
      const ids = Array.from({ length: 3_000 }, () => hashId(randomBytes(16))).sort();
      const reference = await putReferences(client, ids);
      const answer = await client.putRecord(client.record({ number: 1, envelope, referenceBlobs: [reference] }), 1);
      expect(problemOf(answer)).toBe("record-needs");
      expect(answer.json.missing).toEqual(ids.slice(0, 1_000));
    }));
});
