// Tokens: JWT, EdDSA, this server's own key (P-31). Rule: issuer, audience, type, key id, times and every claim are
// checked; no other algorithm is ever accepted.

import { createPublicKey, type KeyObject, randomUUID } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { formatId, hashBytes, type Id } from "./encodings.ts";
import { Refusal } from "./refusal.ts";
import { readServerKeyHash, type ServerKeys } from "./server-keys.ts";
import { exportPublicKey } from "./signed-bytes.ts";

export type Scope = "append" | "full";

/** What a verified token says; `device` is null in scope `full`. */
export type Claims = {
  readonly id: string;
  readonly vault: Id;
  readonly scope: Scope;
  readonly device: Id | null;
  /** When it was given; what a recovery voided was given before it. */
  readonly begunAtMs: number;
  readonly expiresAtMs: number;
};

export type IssuedToken = { readonly token: string; readonly claims: Claims };

/** P-31 and P-22. */
export const TOKEN_MS: Record<Scope, number> = { append: 15 * 60_000, full: 60 * 60_000 };

const AUDIENCE = "coffre/1";
const TYPE = "at+jwt";
const ID = /^[0-9a-f]{64}$/;
/** Verified tokens that are remembered, so that a signature is checked once for each token and not for each request. */
const MAX_REMEMBERED = 4_096;

export class Tokens {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  readonly #issuer: string;
  readonly #now: () => number;
  readonly #verified = new Map<string, Claims>();

  constructor(keys: ServerKeys, now: () => number) {
    this.#privateKey = keys.tokenKey;
    this.#publicKey = createPublicKey(keys.tokenKey);
    this.#keyId = formatId(hashBytes(exportPublicKey(keys.tokenKey))).slice(0, 16);
    this.#issuer = `urn:coffre:server:${readServerKeyHash(keys)}`;
    this.#now = now;
  }

  /** Signs a token of this scope; `device` is null for scope `full`. */
  async issue(vault: Id, scope: Scope, device: Id | null): Promise<IssuedToken> {
    const begunAtMs = this.#now();
    const issuedAtS = Math.floor(begunAtMs / 1_000);
    const expiresAtS = issuedAtS + TOKEN_MS[scope] / 1_000;
    const id = randomUUID();
    const token = await new SignJWT(device === null ? { scope, begunAtMs } : { scope, device })
      .setProtectedHeader({ alg: "EdDSA", typ: TYPE, kid: this.#keyId })
      .setIssuer(this.#issuer)
      .setAudience(AUDIENCE)
      .setSubject(vault)
      .setJti(id)
      .setIssuedAt(issuedAtS)
      .setExpirationTime(expiresAtS)
      .sign(this.#privateKey);
    return { token, claims: { id, vault, scope, device, begunAtMs, expiresAtMs: expiresAtS * 1_000 } };
  }

  /** The claims of a token that this server signed and that holds now; Refusal `unauthorized` otherwise. */
  async verify(token: string): Promise<Claims> {
    const known = this.#verified.get(token);
    if (known !== undefined) {
      if (known.expiresAtMs > this.#now()) return known;
      this.#verified.delete(token);
      throw new Refusal("unauthorized", "the token has expired");
    }
    const claims = await this.#verifySignature(token);
    if (this.#verified.size >= MAX_REMEMBERED) {
      const oldest = this.#verified.keys().next().value;
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(token, claims);
    return claims;
  }

  async #verifySignature(token: string): Promise<Claims> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#publicKey, {
        algorithms: ["EdDSA"],
        issuer: this.#issuer,
        audience: AUDIENCE,
        typ: TYPE,
        requiredClaims: ["sub", "jti", "iat", "exp", "scope"],
        currentDate: new Date(this.#now()),
      });
      const claims = readClaims(payload);
      if (protectedHeader.kid === this.#keyId && claims !== null) return claims;
    } catch {
      // Why it failed is nobody's business: one answer for all.
    }
    throw new Refusal("unauthorized", "the token is not one of this server's, or has expired");
  }
}

function readClaims(payload: Record<string, unknown>): Claims | null {
  const { jti, sub, exp, iat, scope, device = null, begunAtMs } = payload;
  if (typeof jti !== "string" || typeof sub !== "string" || !ID.test(sub)) return null;
  if (typeof exp !== "number" || typeof iat !== "number") return null;
  const common = { id: jti, vault: sub as Id, expiresAtMs: exp * 1_000 };
  if (scope === "full" && device === null && typeof begunAtMs === "number") {
    return { ...common, scope, device, begunAtMs };
  }
  if (scope === "append" && typeof device === "string" && ID.test(device)) {
    return { ...common, scope, device: device as Id, begunAtMs: iat * 1_000 };
  }
  return null;
}
