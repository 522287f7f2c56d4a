// Checks of the second factor (P-25, P-83). Rule: each enrols in a vault of its own.

import { createHmac } from "node:crypto";
import type { Check } from "../check.ts";
import { expectEqual, expectProblem, expectStatus, expectThat, need } from "../expectations.ts";
import { NotApplicable, PrerequisiteFailed } from "../outcome.ts";
import type { Stage } from "../stage.ts";
import { base64, makeKey } from "../vault/signatures.ts";
import type { Vault } from "../vault/vault.ts";
import type { Answer } from "../wire/exchange.ts";

const FEATURE = "second-factor" as const;
const PATH = "/v1/second-factor";
const USED = "A used code is refused (one use for each time step). Recovery codes count as codes, once each.";
const PENDING =
  "without `code` 200 `{secret: text (base32), uri, recoveryCodes: [text]}` (pending), with a right code 200 `{active: true}`";
const PERIOD_MS = 30_000;
const FREE_TRIES = 10;

export const SECOND_FACTOR_CHECKS: readonly Check[] = [
  {
    id: "second-factor/enrol",
    requirement: "P-25",
    keyword: "MUST",
    quote: PENDING,
    feature: FEATURE,
    says: "enrolment gives secret, uri and recovery codes, and counts from the first right code on",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const begun = expectStatus(await put(vault), 200);
      decodeSecret(begun.text("secret"));
      expectThat("an otpauth uri", begun.text("uri").startsWith("otpauth://totp/"), "another one");
      expectThat("recovery codes", begun.list("recoveryCodes").length > 0, "none");
      await endSession(stage, expectStatus(await vault.logIn(), 201));
      const active = expectStatus(await put(vault, { code: rightCode(begun) }), 200);
      expectEqual("active", active.find("active"), true);
      expectProblem(await vault.logIn(), "second-factor-required");
    },
  },
  {
    id: "second-factor/wrong-code",
    requirement: "P-25",
    keyword: "MUST",
    quote: "Codes are TOTP (RFC 6238) with SHA-1, six digits and steps of 30 seconds.",
    feature: FEATURE,
    says: "a wrong code neither enrols nor opens",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const begun = need("beginning to enrol", await put(vault), 200);
      expectProblem(await put(vault, { code: wrongCode(begun) }), "login-refused");
      need("enrolling", await put(vault, { code: rightCode(begun) }), 200);
      expectProblem(await vault.logIn({ code: wrongCode(begun) }), "login-refused");
    },
  },
  {
    id: "second-factor/recovery-code-once",
    requirement: "P-25",
    keyword: "MUST",
    quote: USED,
    feature: FEATURE,
    says: "a recovery code opens once, and another one afterwards",
    run: async (stage) => {
      const { vault, begun } = await enrol(stage);
      const code = begun.text("recoveryCodes.0");
      await endSession(stage, expectStatus(await vault.logIn({ code }), 201));
      expectProblem(await vault.logIn({ code }), "login-refused");
      await endSession(stage, expectStatus(await vault.logIn({ code: begun.text("recoveryCodes.1") }), 201));
    },
  },
  {
    id: "second-factor/code-once",
    requirement: "P-25",
    keyword: "MUST",
    quote: USED,
    feature: FEATURE,
    says: "the code that enrolled opens no session",
    run: async (stage) => {
      const { vault, code } = await enrol(stage);
      expectProblem(await vault.logIn({ code }), "login-refused");
    },
  },
  {
    id: "second-factor/words-too",
    requirement: "P-25",
    keyword: "MUST",
    quote: PENDING,
    feature: FEATURE,
    says: "the key of the words needs a code as well",
    run: async (stage) => {
      const { vault } = await enrol(stage);
      const loginKey = base64(vault.keys.recoveryLoginKey);
      expectProblem(await vault.logIn({ loginKey }), "second-factor-required");
    },
  },
  {
    id: "second-factor/wrong-key-learns-nothing",
    requirement: "P-4",
    keyword: "MUST",
    quote: "Errors are RFC 9457 problems",
    feature: FEATURE,
    says: "a wrong login key is login-refused also where a second factor is enrolled",
    run: async (stage) => {
      const { vault } = await enrol(stage);
      expectProblem(await vault.logIn({ loginKey: base64(new Uint8Array(32)) }), "login-refused");
    },
  },
  {
    id: "second-factor/statement",
    requirement: "P-25",
    keyword: "MUST",
    quote: "The statement is the vault's signature over action and time (±10 minutes).",
    feature: FEATURE,
    says: "a statement of another key, of the other action, or of eleven minutes ago or ahead is malformed",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const nowMs = Date.now();
      const spoiled = [
        vault.keys.secondFactorStatement(1, nowMs, makeKey()),
        vault.keys.secondFactorStatement(0, nowMs),
        vault.keys.secondFactorStatement(1, nowMs - 11 * 60_000),
        vault.keys.secondFactorStatement(1, nowMs + 11 * 60_000),
      ];
      for (const statement of spoiled) {
        expectProblem(await vault.sendAsOwner("PUT", PATH, { json: { statement: base64(statement) } }), "malformed");
      }
    },
  },
  {
    id: "second-factor/remove",
    requirement: "P-25",
    keyword: "MUST",
    quote: "`DELETE` `{statement}` → 204.",
    feature: FEATURE,
    says: "a statement of removal takes the second factor away, and one of enrolment does not",
    run: async (stage) => {
      const { vault } = await enrol(stage);
      const enrolment = base64(vault.keys.secondFactorStatement(1, Date.now()));
      expectProblem(await vault.sendAsOwner("DELETE", PATH, { json: { statement: enrolment } }), "malformed");
      const removal = base64(vault.keys.secondFactorStatement(0, Date.now()));
      expectStatus(await vault.sendAsOwner("DELETE", PATH, { json: { statement: removal } }), 204);
      await endSession(stage, expectStatus(await vault.logIn(), 201));
    },
  },
  {
    id: "second-factor/append-cannot",
    requirement: "P-25",
    keyword: "MUST",
    quote: "`PUT /v1/second-factor` (full)",
    feature: FEATURE,
    says: "a device's token enrols nothing",
    run: async (stage) => {
      const vault = await stage.vault();
      const statement = base64(vault.keys.secondFactorStatement(1, Date.now()));
      expectProblem(await vault.send("PUT", PATH, { json: { statement } }), "forbidden");
    },
  },
  {
    id: "second-factor/wrong-codes-wait",
    requirement: "P-83",
    keyword: "MUST",
    quote: "Meanwhile the answer to a code is 429 `too-many-requests` with `Retry-After`, also to a right one.",
    feature: FEATURE,
    says: "after ten wrong codes a right one is 429, with a Retry-After of at most 30 seconds",
    run: async (stage) => {
      const { vault, begun } = await enrol(stage);
      await spendFreeTries(vault, begun, FREE_TRIES);
      const waiting = expectProblem(await tryCode(vault, begun.text("recoveryCodes.0")), "too-many-requests");
      const seconds = Number(waiting.header("retry-after"));
      const isRight = seconds >= 1 && seconds <= 30;
      expectThat("Retry-After of 1 to 30 seconds", isRight, waiting.header("retry-after") || "none");
    },
  },
  {
    id: "second-factor/keys-wait-apart",
    requirement: "P-83",
    keyword: "MUST",
    quote: "apart for the two login keys",
    feature: FEATURE,
    says: "after ten wrong codes with the passphrase's key, the key of the words still opens with a right one",
    run: async (stage) => {
      const { vault, begun } = await enrol(stage);
      await spendFreeTries(vault, begun, FREE_TRIES);
      need("waiting", await tryCode(vault, begun.text("recoveryCodes.0")), 429);
      const loginKey = base64(vault.keys.recoveryLoginKey);
      const words = await vault.logIn({ loginKey, code: begun.text("recoveryCodes.1") });
      await endSession(stage, expectStatus(words, 201));
    },
  },
  {
    id: "second-factor/right-code-ends-the-count",
    requirement: "P-83",
    keyword: "MUST",
    quote: "A right code ends the count.",
    feature: FEATURE,
    says: "nine wrong codes, a right one and two wrong ones make nobody wait",
    run: async (stage) => {
      const { vault, begun } = await enrol(stage);
      await spendFreeTries(vault, begun, FREE_TRIES - 1);
      await endSession(stage, expectStatus(await tryCode(vault, begun.text("recoveryCodes.0")), 201));
      await spendFreeTries(vault, begun, 2);
      await endSession(stage, expectStatus(await tryCode(vault, begun.text("recoveryCodes.1")), 201));
    },
  },
  {
    id: "limits/rate-headers",
    requirement: "P-5",
    keyword: "MUST",
    quote: "`RateLimit` and `RateLimit-Policy` follow the IETF draft.",
    says: "where an answer bears them they are lists of named items with q and w, or r and t",
    run: async (stage) => {
      const answer = await (await stage.vault()).readHead();
      const headers = { ratelimit: /;\s*r=\d+/, "ratelimit-policy": /;\s*q=\d+/ };
      for (const [name, form] of Object.entries(headers)) {
        const value = answer.header(name);
        if (value === "") throw new NotApplicable(`an ordinary answer bears no ${name}`);
        expectThat(`${name} of the draft`, /^"[^"]+"/.test(value) && form.test(value), value);
      }
    },
  },
  {
    id: "limits/retry-after",
    requirement: "P-5",
    keyword: "MUST",
    quote: "429 and 503 carry `Retry-After` (seconds).",
    feature: FEATURE,
    says: "the 429 after too many wrong codes says in whole seconds when to come again",
    run: async (stage) => {
      const { vault, begun } = await enrol(stage);
      await spendFreeTries(vault, begun, FREE_TRIES);
      const waiting = await tryCode(vault, wrongCode(begun));
      need("a 429", waiting, 429);
      const value = waiting.header("retry-after");
      expectThat("Retry-After in whole seconds", /^[1-9]\d*$/.test(value), value || "none");
    },
  },
];

function put(vault: Vault, changes: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  const statement = base64(vault.keys.secondFactorStatement(1, Date.now()));
  return vault.sendAsOwner("PUT", PATH, { json: { statement, ...changes } });
}

async function enrol(stage: Stage): Promise<{ readonly vault: Vault; readonly begun: Answer; readonly code: string }> {
  const vault = await stage.freshVault();
  const begun = need("beginning to enrol", await put(vault), 200);
  const code = rightCode(begun);
  need("enrolling", await put(vault, { code }), 200);
  return { vault, begun, code };
}

function tryCode(vault: Vault, code: string): Promise<Answer> {
  const json = { login: vault.keys.login, loginKey: base64(vault.keys.loginKey), code };
  return vault.client.send("POST", "/v1/sessions", { json, takes429: true });
}

async function spendFreeTries(vault: Vault, begun: Answer, count: number): Promise<void> {
  for (let spent = 0; spent < count; spent += 1) expectProblem(await tryCode(vault, wrongCode(begun)), "login-refused");
}

async function endSession(stage: Stage, answer: Answer): Promise<void> {
  await stage.client.send("DELETE", "/v1/sessions", { token: answer.text("token") });
}

/** The code of the present step (RFC 6238 with SHA-1, six digits, 30 seconds). */
function rightCode(begun: Answer): string {
  return formatCode(decodeSecret(begun.text("secret")), Math.floor(Date.now() / PERIOD_MS));
}

/** A code of none of the steps about now. */
function wrongCode(begun: Answer): string {
  const secret = decodeSecret(begun.text("secret"));
  const step = Math.floor(Date.now() / PERIOD_MS);
  const right = new Set([-2, -1, 0, 1, 2].map((delta) => formatCode(secret, step + delta)));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !right.has(code)) ?? "666666";
}

function formatCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** The bytes of a base32 text (RFC 4648 §6). */
function decodeSecret(text: string): Uint8Array {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const digits = text.replace(/=+$/, "");
  if (digits === "" || /[^A-Z2-7]/.test(digits)) throw new PrerequisiteFailed("the secret is not base32");
  const bits = [...digits].map((digit) => alphabet.indexOf(digit).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
