// Checks of what every answer carries, and of what none may say (P-7, P-8). Rule: a header is compared whole.

import type { Check } from "../check.ts";
import { expectEqual, expectStatus, expectThat, need } from "../expectations.ts";
import { NotApplicable } from "../outcome.ts";
import { base64 } from "../vault/signatures.ts";

const EVERYWHERE = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'",
} as const;

export const HEADER_CHECKS: readonly Check[] = [
  {
    id: "headers/no-store",
    requirement: "P-7",
    keyword: "MUST",
    quote: "Answers below the protocol's paths (P-1), and problems everywhere, carry `Cache-Control: no-store`",
    says: "an answer of JSON and a problem may not be kept by caches",
    run: async (stage) => {
      const vault = await stage.vault();
      const answers = [
        await vault.readHead(),
        await vault.getBlob("0".repeat(64)),
        await stage.client.send("GET", "/v1/vault"),
      ];
      for (const answer of answers) expectEqual("cache-control", answer.header("cache-control"), "no-store");
    },
  },
  {
    id: "headers/immutable-blobs",
    requirement: "P-7",
    keyword: "MUST",
    quote: "(blobs: `private, max-age=31536000, immutable`)",
    says: "a blob may be kept for ever by its reader",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      const answer = expectStatus(await vault.getBlob(id), 200);
      expectEqual("cache-control", answer.header("cache-control"), "private, max-age=31536000, immutable");
    },
  },
  {
    id: "headers/browsers",
    requirement: "P-7",
    keyword: "MUST",
    quote:
      "`X-Content-Type-Options: nosniff`, `Referrer-Policy: no-referrer`, `Content-Security-Policy: default-src 'none'`",
    says: "JSON, a blob and a problem bear the headers that keep browsers from making something of them",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      const answers = [await vault.readHead(), await vault.getBlob(id), await vault.getBlob("0".repeat(64))];
      for (const answer of answers) {
        for (const [name, value] of Object.entries(EVERYWHERE)) expectEqual(name, answer.header(name), value);
      }
    },
  },
  {
    id: "headers/hsts",
    requirement: "P-7",
    keyword: "MUST",
    quote: "over TLS also HSTS",
    says: "over TLS an answer bears Strict-Transport-Security",
    run: async ({ client }) => {
      if (client.target.url.protocol !== "https:") throw new NotApplicable("the server is reached without TLS");
      const value = (await client.send("GET", "/.well-known/coffre")).header("strict-transport-security");
      expectThat("Strict-Transport-Security with a max-age", /max-age=\d+/.test(value), value || "none");
    },
  },
  {
    id: "headers/nothing-told",
    requirement: "P-8",
    keyword: "MUST",
    quote: "Logs and errors hold no tokens, login names, keys, bodies",
    says: "the problems of a refused login, a forged token and a wrong body do not repeat what was sent",
    run: async (stage) => {
      const vault = await stage.vault();
      const wrongKey = base64(new Uint8Array(32).fill(7));
      const token = `${"secret".repeat(4)}.${"b".repeat(24)}.${"c".repeat(86)}`;
      const answers = [
        need("a refused login", await vault.logIn({ loginKey: wrongKey }), 401),
        need("a forged token", await vault.client.send("GET", "/v1/vault", { token }), 401),
        need(
          "a wrong body",
          await stage.client.send("POST", "/v1/kdf", { json: { login: ["secret-in-a-list"] } }),
          400,
        ),
      ];
      const told = answers.map((answer) => Buffer.from(answer.body).toString("utf8")).join("\n");
      for (const secret of [vault.keys.login, wrongKey, token, "secret-in-a-list"]) {
        expectThat("problems without what was sent", !told.includes(secret), "a problem that repeats it");
      }
    },
  },
];
