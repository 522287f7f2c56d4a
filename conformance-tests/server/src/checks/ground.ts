// Checks of the ground rules: forms of requests, answers and problems (P-1 to P-5). Rule: nothing here needs more than one vault.

import { randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectEqual, expectProblem, expectStatus, expectThat, need } from "../expectations.ts";
import { base64, hashId } from "../vault/signatures.ts";

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)$/;
const FORMS = "Bodies that are not valid UTF-8, not JSON, or not of the schema are 400 `malformed`.";
const KDF = "/v1/kdf";

export const GROUND_CHECKS: readonly Check[] = [
  {
    id: "ground/json",
    requirement: "P-1",
    keyword: "MUST",
    quote: "Requests and answers are JSON in UTF-8",
    says: "discovery and a login's parameters come as application/json",
    run: async ({ client }) => {
      const discovery = expectStatus(await client.send("GET", "/.well-known/coffre"), 200);
      const kdf = expectStatus(await client.send("POST", KDF, { json: { login: "somebody" } }), 200);
      for (const answer of [discovery, kdf]) {
        expectThat(
          "content type application/json",
          answer.header("content-type").startsWith("application/json"),
          answer.header("content-type"),
        );
        answer.json();
      }
    },
  },
  {
    id: "ground/raw-bytes",
    requirement: "P-1",
    keyword: "MUST",
    quote: "blobs, records, envelopes and bases, which are raw bytes (`application/octet-stream`)",
    says: "a blob and an envelope come as application/octet-stream",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      const envelope = expectStatus(await vault.send("GET", `${vault.logPath()}/epochs/1`), 200);
      for (const answer of [expectStatus(await vault.getBlob(id), 200), envelope]) {
        expectEqual("content type", answer.header("content-type"), "application/octet-stream");
      }
    },
  },
  {
    id: "ground/lower-case-ids",
    requirement: "P-1",
    keyword: "MUST",
    quote: "Ids are 64 lower-case hex digits.",
    says: "an id in capitals is refused, in a path and in JSON",
    run: async (stage) => {
      const vault = await stage.vault();
      const bytes = new TextEncoder().encode("capitals");
      const id = hashId(bytes).toUpperCase();
      // A path that no route has may also be unknown as a whole.
      expectProblem(await vault.putBlob(bytes, id), "malformed", "not-found");
      expectProblem(await vault.askMissing([id]), "malformed");
    },
  },
  {
    id: "ground/base64-padding",
    requirement: "P-1",
    keyword: "MUST",
    quote: "Bytes inside JSON are base64 with padding.",
    says: "base64 without its padding is refused",
    run: async (stage) => {
      const vault = await stage.vault();
      const loginKey = base64(vault.keys.loginKey).replaceAll("=", "");
      expectProblem(await vault.logIn({ loginKey }), "malformed");
    },
  },
  {
    id: "ground/times",
    requirement: "P-1",
    keyword: "MUST",
    quote: "Times are RFC 3339 in UTC.",
    says: "the times of discovery, a session, a challenge and a head are RFC 3339 in UTC",
    run: async (stage) => {
      const vault = await stage.vault();
      const session = need("a session", await vault.logIn(), 201);
      await vault.client.send("DELETE", "/v1/sessions", { token: session.text("token") });
      const ids = { vault: vault.keys.id, device: vault.device.id };
      const times = [
        (await stage.client.send("GET", "/.well-known/coffre")).text("time"),
        session.text("expiresAt"),
        (await stage.client.send("POST", "/v1/challenges", { json: ids })).text("expiresAt"),
        (await vault.readHead()).text("time"),
      ];
      for (const time of times) expectThat("a time of RFC 3339 in UTC", RFC3339.test(time), time);
    },
  },
  {
    id: "ground/no-text",
    requirement: "P-1",
    keyword: "MUST",
    quote: "a server answers nothing in `text/*`",
    says: "below the protocol's paths an unknown one, a wrong method and a body that is no JSON come in no text/* type",
    run: async ({ client }) => {
      const answers = [
        await client.send("GET", "/v1/nothing-here"),
        await client.send("GET", "/.well-known/coffre/nothing-here"),
        await client.send("GET", "/health/nothing-here"),
        await client.send("PATCH", KDF, { json: {} }),
        await client.send("POST", KDF, { body: new TextEncoder().encode("{"), headers: JSON_TYPE }),
        await client.send("GET", "/v1/%"),
      ];
      for (const answer of answers) {
        const type = answer.header("content-type");
        expectThat("an answer in another type than text/*", !type.startsWith("text/"), `${answer.status} in ${type}`);
      }
    },
  },
  {
    id: "ground/unknown-fields",
    requirement: "P-3",
    keyword: "MUST",
    quote: "Unknown JSON fields are ignored.",
    says: "a field that the schema does not know changes nothing",
    run: async ({ client }) => {
      const json = { login: "somebody", ofLater: { version: [2] } };
      expectStatus(await client.send("POST", KDF, { json }), 200);
    },
  },
  {
    id: "ground/not-utf8",
    requirement: "P-3",
    keyword: "MUST",
    quote: FORMS,
    says: "a body of JSON with a byte that is not UTF-8 is malformed, in a field that nobody reads as well",
    run: async ({ client }) => {
      const body = Buffer.concat([
        Buffer.from('{"login":"somebody","unknown":"'),
        Buffer.from([0xff]),
        Buffer.from('"}'),
      ]);
      expectProblem(await client.send("POST", KDF, { body, headers: JSON_TYPE }), "malformed");
    },
  },
  {
    id: "ground/not-json",
    requirement: "P-3",
    keyword: "MUST",
    quote: FORMS,
    says: "a body that is cut off in the middle of its JSON is malformed",
    run: async ({ client }) => {
      const body = new TextEncoder().encode('{"login":"some');
      expectProblem(await client.send("POST", KDF, { body, headers: JSON_TYPE }), "malformed");
    },
  },
  {
    id: "ground/not-of-the-schema",
    requirement: "P-3",
    keyword: "MUST",
    quote: FORMS,
    says: "a missing field, a field of another type, a list in place of an object and a login of other letters are malformed",
    run: async ({ client }) => {
      for (const json of [{}, { login: 7 }, [], { login: "no spaces here" }, { login: "ab" }]) {
        expectProblem(await client.send("POST", KDF, { json }), "malformed");
      }
    },
  },
  {
    id: "ground/problems",
    requirement: "P-4",
    keyword: "MUST",
    quote:
      "Errors are RFC 9457 problems: `{type, title, status, detail?, retryable, …}` with `type` = `urn:coffre:problem:<code>`.",
    says: "what is unknown, wanting a token, or not of the schema is answered by a whole problem",
    run: async (stage) => {
      const vault = await stage.vault();
      const answers = [
        expectProblem(await vault.getBlob("0".repeat(64)), "not-found"),
        expectProblem(await stage.client.send("GET", "/v1/vault"), "unauthorized"),
        expectProblem(await stage.client.send("POST", KDF, { json: {} }), "malformed"),
      ];
      for (const answer of answers) expectThat("a title", answer.text("title") !== "", "an empty one");
    },
  },
  {
    id: "ground/one-refused-blob",
    requirement: "P-4",
    keyword: "MUST",
    quote: "One blob that is refused does not keep others from being sent.",
    says: "after a blob of other bytes than its id says, the next blob is stored",
    run: async (stage) => {
      const vault = await stage.vault();
      need("refusing", await vault.putBlob(new Uint8Array(100), hashId(new Uint8Array(99))), 422);
      const bytes = new Uint8Array(randomBytes(200));
      expectStatus(await vault.putBlob(bytes), 201);
    },
  },
];

const JSON_TYPE = { "content-type": "application/json" };
