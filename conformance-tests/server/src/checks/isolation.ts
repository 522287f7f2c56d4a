// Checks of what others may see (P-6) and of scopes. Rule: what is another's is compared with what does not exist.

import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectAlike, expectEqual, expectProblem, expectStatus, expectThat, need } from "../expectations.ts";
import { hashId } from "../vault/signatures.ts";
import { makeDevice } from "../vault/structures.ts";

const FOREIGN = "What belongs to another vault looks exactly like what does not exist: 404 `not-found`, same body.";
const PAIRS = 200;
/** A difference that one can see over a network. */
const SLOWER = 5;

export const ISOLATION_CHECKS: readonly Check[] = [
  {
    id: "isolation/blobs",
    requirement: "P-6",
    keyword: "MUST",
    quote: FOREIGN,
    says: "another vault's blob gets the answer of a blob that nobody has, whole and by range",
    run: async (stage) => {
      const { id } = await (await stage.vault()).needBlob();
      const stranger = await stage.stranger();
      const absent = hashId(new Uint8Array(randomBytes(8)));
      for (const headers of [{}, { range: "bytes=0-3" }]) {
        const foreign = expectProblem(await stranger.getBlob(id, headers), "not-found");
        expectAlike("a foreign blob", foreign, await stranger.getBlob(absent, headers));
      }
      const heads = [id, absent].map((each) => stranger.sendAsOwner("HEAD", `/v1/blobs/${each}`));
      const [foreign, none] = await Promise.all(heads);
      expectEqual("status of HEAD", [foreign?.status, none?.status], [404, 404]);
    },
  },
  {
    id: "isolation/missing",
    requirement: "P-6",
    keyword: "MUST",
    quote: "Everything is stored, counted and answered per vault.",
    says: "a blob of another vault is missing in this one, must be sent, and is 201",
    run: async (stage) => {
      const { id, bytes } = await (await stage.vault()).needBlob();
      const stranger = await stage.stranger();
      expectEqual("missing", expectStatus(await stranger.askMissing([id]), 200).list("missing"), [id]);
      const { number, bytes: record } = await stranger.makeNext({ blobs: [id] });
      expectProblem(await stranger.putRecord(number, record), "record-needs");
      expectStatus(await stranger.putBlob(bytes), 201);
    },
  },
  {
    id: "isolation/logs",
    requirement: "P-6",
    keyword: "MUST",
    quote: FOREIGN,
    says: "another vault's device gets the answers of a device that nobody has, for device and owner",
    run: async (stage) => {
      const vault = await stage.vault();
      const stranger = await stage.stranger();
      const absent = makeDevice().id;
      for (const token of [stranger.state.token, stranger.state.fullToken]) {
        for (const rest of ["head", "records?after=0", "epochs?after=0", "epochs/1"]) {
          const ask = (device: string) => stranger.client.send("GET", `/v1/devices/${device}/${rest}`, { token });
          const foreign = expectProblem(await ask(vault.device.id), "not-found");
          expectAlike(`a foreign ${rest}`, foreign, await ask(absent));
        }
      }
    },
  },
  {
    id: "isolation/bases",
    requirement: "P-6",
    keyword: "MUST",
    quote: FOREIGN,
    feature: "bases",
    says: "another vault's base gets the answer of one that nobody has",
    run: async (stage) => {
      const vault = await stage.vault();
      const stranger = await stage.stranger();
      const body = vault.keys.base(50, []);
      need("a base", await vault.sendAsOwner("PUT", "/v1/bases/50", { body }), 201);
      const foreign = expectProblem(await stranger.sendAsOwner("GET", "/v1/bases/50"), "not-found");
      expectAlike("a foreign base", foreign, await stranger.sendAsOwner("GET", "/v1/bases/51"));
    },
  },
  {
    id: "isolation/writing",
    requirement: "P-6",
    keyword: "MUST",
    quote: FOREIGN,
    says: "nobody writes into another vault's log",
    run: async (stage) => {
      const vault = await stage.vault();
      const stranger = await stage.stranger();
      const { number, bytes } = await vault.makeNext();
      const path = `${vault.logPath()}/records/${number}`;
      expectProblem(await stranger.send("PUT", path, { body: bytes }), "not-found");
      const epoch = `${vault.logPath()}/epochs/2`;
      expectProblem(await stranger.send("PUT", epoch, { body: vault.keys.envelope(2) }), "not-found");
      expectEqual("the head afterwards", (await vault.needHead()).number, number - 1);
    },
  },
  {
    id: "isolation/time",
    requirement: "P-6",
    keyword: "SHOULD",
    quote: "It SHOULD take as long, too.",
    says: "a foreign blob and one that nobody has take times of one class (medians of 200 pairs)",
    run: async (stage) => {
      const { id } = await (await stage.vault()).needBlob();
      const stranger = await stage.stranger();
      const times: { foreign: number[]; absent: number[] } = { foreign: [], absent: [] };
      for (let count = 0; count < PAIRS; count += 1) {
        times.foreign.push((await stranger.getBlob(id)).elapsedMs);
        times.absent.push((await stranger.getBlob(hashId(new Uint8Array(randomBytes(8))))).elapsedMs);
      }
      const [foreign, absent] = [median(times.foreign), median(times.absent)];
      const ratio = Math.max(foreign / absent, absent / foreign);
      const came = `${foreign.toFixed(2)} ms and ${absent.toFixed(2)} ms`;
      expectThat(`medians within ${SLOWER} times of each other`, ratio <= SLOWER, came);
    },
  },
  {
    id: "scopes/append-cannot-read",
    requirement: "P-42",
    keyword: "MUST",
    quote: "`GET`, `HEAD /v1/blobs/{id}` (full)",
    says: "a device's token reads no blob, not its own vault's either",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      expectProblem(await vault.send("GET", `/v1/blobs/${id}`), "forbidden");
      expectProblem(await vault.send("GET", `/v1/blobs/${id}`, { headers: { range: "bytes=0-3" } }), "forbidden");
      expectEqual("status of HEAD", (await vault.send("HEAD", `/v1/blobs/${id}`)).status, 403);
    },
  },
  {
    id: "scopes/append-changes-no-vault",
    requirement: "P-24",
    keyword: "MUST",
    quote: "`GET /v1/vault` (full)",
    says: "a device's token neither reads nor replaces vault object, roster and bases, and ends no session",
    run: async (stage) => {
      const vault = await stage.vault();
      const answers = [
        await vault.send("GET", "/v1/vault"),
        await vault.send("PUT", "/v1/vault", { json: { vaultObject: "", previousTag: "0".repeat(64) } }),
        await vault.send("PUT", "/v1/roster", { json: { roster: "" } }),
        await vault.send("DELETE", "/v1/sessions"),
      ];
      for (const answer of answers) expectProblem(answer, "forbidden");
    },
  },
  {
    id: "scopes/append-writes-no-base",
    requirement: "P-60",
    keyword: "MUST",
    quote: "`PUT /v1/bases/{n}` (full)",
    feature: "bases",
    says: "a device's token neither stores nor reads a base",
    run: async (stage) => {
      const vault = await stage.vault();
      expectProblem(await vault.send("PUT", "/v1/bases/60", { body: vault.keys.base(60, []) }), "forbidden");
      expectProblem(await vault.send("GET", "/v1/bases/60"), "forbidden");
    },
  },
  {
    id: "scopes/other-device",
    requirement: "P-6",
    keyword: "MUST",
    quote: "With scope `append`, another device of the same vault is 403 `forbidden`.",
    says: "a device reads and writes nothing of another device of its vault",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const second = makeDevice();
      need("the second device", await vault.putRoster(vault.keys.roster(2, [vault.device, second])), 200);
      const other = vault.logPath(second.id);
      const gets = ["head", "records?after=0", "epochs?after=0"].map((rest) => vault.send("GET", `${other}/${rest}`));
      for (const answer of await Promise.all(gets)) expectProblem(answer, "forbidden");
      const envelope = vault.keys.envelope(1, second);
      expectProblem(await vault.send("PUT", `${other}/epochs/1`, { body: envelope }), "forbidden");
    },
  },
  {
    id: "scopes/owner-appends-nothing",
    requirement: "P-50",
    keyword: "MUST",
    quote: "`PUT /v1/devices/{id}/records/{n}` (append: own)",
    says: "a token of scope full appends no record and no envelope",
    run: async (stage) => {
      const vault = await stage.vault();
      const { number, bytes } = await vault.makeNext();
      const token = vault.state.fullToken;
      expectProblem(await vault.putRecord(number, bytes, { token }), "forbidden");
      const path = `${vault.logPath()}/epochs/3`;
      expectProblem(await vault.sendAsOwner("PUT", path, { body: vault.keys.envelope(3) }), "forbidden");
    },
  },
];

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
