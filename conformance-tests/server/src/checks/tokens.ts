// Checks of challenges and tokens (P-30, P-31). Rule: a forged token differs from a true one in one thing.

import { createHmac, randomBytes } from "node:crypto";
import type { Check } from "../check.ts";
import { expectAlike, expectEqual, expectProblem, expectStatus, expectThat, need } from "../expectations.ts";
import { PrerequisiteFailed } from "../outcome.ts";
import { hashId } from "../vault/signatures.ts";
import { makeDevice, VaultKeys, ZERO_ID } from "../vault/structures.ts";
import { expectLifetime } from "./sessions.ts";

const ALL_CHECKED = "are all checked, `none` and other algorithms refused";
const ONCE = "A challenge serves once, for 5 minutes";

export const TOKEN_CHECKS: readonly Check[] = [
  {
    id: "challenges/for-all",
    requirement: "P-30",
    keyword: "MUST",
    quote: "`POST /v1/challenges` `{vault, device}` → 201 `{challenge: bytes(32), expiresAt}`, for unknown ones too.",
    says: "a known device, an unknown one and an unknown vault get a challenge alike",
    run: async (stage) => {
      const vault = await stage.vault();
      const unknown = new VaultKeys();
      const pairs = [
        [vault.keys.id, vault.device.id],
        [vault.keys.id, unknown.device.id],
        [unknown.id, unknown.device.id],
      ];
      for (const [id, device] of pairs) {
        const answer = expectStatus(
          await stage.client.send("POST", "/v1/challenges", { json: { vault: id, device } }),
          201,
        );
        answer.bytes("challenge", 32);
        expectLifetime(answer, 5);
      }
    },
  },
  {
    id: "challenges/once",
    requirement: "P-30",
    keyword: "MUST",
    quote: ONCE,
    says: "a challenge that gave a token gives no second one",
    run: async (stage) => {
      const vault = await stage.vault();
      const answer = vault.keys.challengeAnswer(await vault.drawChallenge(), vault.serverKey);
      need("the first token", await vault.answerChallenge(answer), 201);
      expectProblem(await vault.answerChallenge(answer), "device-refused");
    },
  },
  {
    id: "tokens/device-refused",
    requirement: "P-31",
    keyword: "MUST",
    quote: "`answer` is the signed challenge of format §8",
    says: "another key's signature, another server's key, a challenge that nobody drew and an unknown device get one refusal",
    run: async (stage) => {
      const vault = await stage.vault();
      const { keys } = vault;
      const impostor = { ...makeDevice(), id: vault.device.id };
      const stranger = makeDevice();
      const answers = [
        await vault.answerChallenge(keys.challengeAnswer(await vault.drawChallenge(), vault.serverKey, impostor)),
        await vault.answerChallenge(keys.challengeAnswer(await vault.drawChallenge(), new Uint8Array(32).fill(9))),
        await vault.answerChallenge(keys.challengeAnswer(new Uint8Array(32).fill(9), vault.serverKey)),
        await vault.askToken(stranger),
      ];
      const [first] = answers;
      for (const answer of answers) {
        expectProblem(answer, "device-refused");
        if (first !== undefined) expectAlike("each refusal", answer, first);
      }
    },
  },
  {
    id: "tokens/challenge-of-another-device",
    requirement: "P-31",
    keyword: "MUST",
    quote: "`answer` is the signed challenge of format §8",
    says: "a challenge that was drawn for another device is refused",
    run: async (stage) => {
      const vault = await stage.vault();
      const challenge = await vault.drawChallenge(makeDevice().id);
      const answer = vault.keys.challengeAnswer(challenge, vault.serverKey);
      expectProblem(await vault.answerChallenge(answer), "device-refused");
    },
  },
  {
    id: "tokens/form",
    requirement: "P-31",
    keyword: "MUST",
    quote:
      "Tokens of scope `append` live 15 minutes. JWT, `alg` EdDSA, own key: `iss`, `aud`, `sub` (vault), `device`, `scope`, `kid`, `jti`, `iat`, `exp`",
    says: "a device's token is a JWT with these claims that ends in 15 minutes",
    run: async (stage) => {
      const vault = await stage.vault();
      const answer = expectStatus(await vault.askToken(), 201);
      expectLifetime(answer, 15);
      const { header, claims } = splitToken(answer.text("token"));
      expectEqual("alg", header["alg"], "EdDSA");
      expectThat("a kid", typeof header["kid"] === "string", typeof header["kid"]);
      expectEqual("sub", claims["sub"], vault.keys.id);
      expectEqual("device", claims["device"], vault.device.id);
      expectEqual("scope", claims["scope"], "append");
      for (const name of ["iss", "aud", "jti"]) expectThat(`a text ${name}`, typeof claims[name] === "string", "none");
      for (const name of ["iat", "exp"]) expectThat(`a number ${name}`, typeof claims[name] === "number", "none");
    },
  },
  {
    id: "tokens/none",
    requirement: "P-31",
    keyword: "MUST",
    quote: ALL_CHECKED,
    says: "a token with alg none, and one that HMAC signs with the server's public key, open nothing",
    run: async (stage) => {
      const vault = await stage.vault();
      const { header, payload } = splitToken(vault.state.token);
      const none = `${encodePart({ ...header, alg: "none" })}.${payload}`;
      const hs256 = `${encodePart({ ...header, alg: "HS256" })}.${payload}`;
      const mac = createHmac("sha256", vault.serverKey).update(hs256).digest("base64url");
      for (const token of [`${none}.`, `${none}.${"A".repeat(86)}`, `${hs256}.${mac}`]) {
        expectProblem(await vault.client.send("GET", `${vault.logPath()}/head`, { token }), "unauthorized");
      }
    },
  },
  {
    id: "tokens/altered",
    requirement: "P-31",
    keyword: "MUST",
    quote: ALL_CHECKED,
    says: "a token whose scope, vault, device or end was altered opens nothing",
    run: async (stage) => {
      const vault = await stage.vault();
      const stranger = await stage.stranger();
      const { head, claims, signature } = splitToken(vault.state.token);
      const changes = [
        { scope: "full" },
        { sub: stranger.keys.id, device: stranger.device.id },
        { device: stranger.device.id },
        { exp: Number(claims["exp"]) + 3_600 },
      ];
      for (const change of changes) {
        const token = `${head}.${encodePart({ ...claims, ...change })}.${signature}`;
        expectProblem(await vault.client.send("GET", `${vault.logPath()}/head`, { token }), "unauthorized");
      }
    },
  },
  {
    id: "tokens/needed",
    requirement: "P-31",
    keyword: "MUST",
    quote: ALL_CHECKED,
    says: "nothing of a vault is answered without a token, or for text that is none",
    run: async (stage) => {
      const vault = await stage.vault();
      const { id } = await vault.needBlob();
      const paths = ["/v1/vault", `/v1/blobs/${id}`, `${vault.logPath()}/head`, `${vault.logPath()}/records?after=0`];
      for (const path of paths) {
        for (const token of [null, "nothing", "a.b.c"]) {
          expectProblem(await stage.client.send("GET", path, { token }), "unauthorized");
        }
      }
    },
  },
  {
    id: "tokens/revoked-under-way",
    requirement: "P-31",
    keyword: "MUST",
    quote: "the device's row is read at each request and again when a PUT commits",
    says: "a blob that is on its way while its device is revoked is refused, and not stored",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const second = makeDevice();
      need("the second device", await vault.putRoster(vault.keys.roster(2, [vault.device, second])), 200);
      const token = need("its token", await vault.askToken(second), 201).text("token");
      const bytes = new Uint8Array(randomBytes(100_000));
      const upload = vault.putBlob(bytes, undefined, {
        token,
        beforeTheLastByte: async () => {
          const revoked = vault.keys.roster(3, [vault.device, second], [[second.id, 0, ZERO_ID]]);
          need("the revocation", await vault.putRoster(revoked), 200);
        },
      });
      expectProblem(await upload, "device-revoked");
      expectEqual("missing", expectStatus(await vault.askMissing([hashId(bytes)]), 200).list("missing").length, 1);
    },
  },
];

type Token = {
  readonly head: string;
  readonly payload: string;
  readonly signature: string;
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
};

function splitToken(token: string): Token {
  const [head = "", payload = "", signature = ""] = token.split(".");
  try {
    return { head, payload, signature, header: openPart(head), claims: openPart(payload) };
  } catch {
    throw new PrerequisiteFailed("the token is no JWT");
  }
}

function openPart(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
}

function encodePart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
