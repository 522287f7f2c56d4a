// What every request passes before its route: security headers, announced length, rate limits, token and scope
// (P-7, P-10, P-31, P-80). Rule: the order here is the order in which requests are refused.

import rateLimit from "@fastify/rate-limit";
import type { FastifyReply, FastifyRequest } from "fastify";
import { formatNetwork } from "../domain/addresses.ts";
import { authenticate, requireScope } from "../domain/callers.ts";
import type { Instance } from "../domain/instance.ts";
import { Refusal } from "../domain/refusal.ts";
import { hashAddress } from "../domain/server-keys.ts";
import type { App } from "./app.ts";
import type { Answer } from "./metrics.ts";
import { SECURITY_HEADERS } from "./problem-answers.ts";

/** Requests in one minute. */
export type RequestLimits = {
  readonly perAddress: number;
  readonly perAccount: number;
  /** For each of sessions, KDF, accounts, challenges, tokens and vault objects, and each address. */
  readonly strictPerAddress: number;
  /** Refused logins, for each login and address. */
  readonly refusedLogins: number;
};

export const DEFAULT_LIMITS: RequestLimits = {
  perAddress: 36_000,
  perAccount: 36_000,
  strictPerAddress: 600,
  refusedLogins: 20,
};

const WINDOW_S = 60;
/** Addresses and accounts whose counts are kept, for each limit: so many others it takes to be forgotten. */
const COUNTED_KEYS = 100_000;

const HSTS = "max-age=31536000";

type Limiter = ReturnType<App["createRateLimit"]>;

/** Counts refused logins: `check` before the login, `count` after a refusal. */
export type LoginGate = {
  check(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  count(request: FastifyRequest): Promise<void>;
};

/** Installs the gates on `app`; routes state scopes and strictness in their config. */
export async function installGates(
  app: App,
  instance: Instance,
  limits: RequestLimits,
  isTls: boolean,
  onAnswered: (answer: Answer) => void,
): Promise<LoginGate> {
  await app.register(rateLimit, { global: false });
  const limiter = (max: number, keyGenerator: (request: FastifyRequest) => string): Limiter => {
    const counting = { max, timeWindow: WINDOW_S * 1_000, keyGenerator, cache: COUNTED_KEYS };
    return app.createRateLimit(counting);
  };
  const perAddress = limiter(limits.perAddress, (request) => `address ${request.network}`);
  const strict = limiter(limits.strictPerAddress, (request) => `${request.routeOptions.url} ${request.network}`);
  const perAccount = limiter(limits.perAccount, (request) => `account ${request.caller?.vault}`);
  const refused = limiter(limits.refusedLogins, (request) => `login ${request.limitKey} ${request.network}`);

  app.decorateRequest("caller", null);
  app.decorateRequest("limitKey", "");
  app.decorateRequest("network", "");
  app.decorateRequest("address", "");
  app.addHook("onRequest", async (request, reply) => {
    // A connection that broke has no address any more.
    request.address = request.ip ?? "";
    request.network = formatNetwork(request.address);
    reply.headers(SECURITY_HEADERS);
    if (isTls) reply.header("strict-transport-security", HSTS);
    await enforce(perAddress, request, reply, "address");
    const { scopes, isStrict } = request.routeOptions.config;
    if (isStrict === true) await enforce(strict, request, reply, "route");
    if (scopes !== undefined) {
      request.caller = await authenticate(instance, readToken(request));
      requireScope(request.caller, ...scopes);
      await enforce(perAccount, request, reply, "account");
    }
    // Without its stores the server can promise nothing, whatever its rows say.
    if (request.routeOptions.url?.startsWith("/v1/") === true) {
      await Promise.all([instance.blobs.check(), instance.journal.check()]);
    }
    requireLength(request);
  });
  app.addHook("onResponse", async (request, reply) => {
    const answer = {
      method: request.method,
      route: request.routeOptions.url ?? "unknown",
      status: reply.statusCode,
      elapsedMs: Math.round(reply.elapsedTime),
    };
    onAnswered(answer);
    request.log.info({ ...answer, address: hashAddress(instance.keys, request.address) }, "answered");
  });
  return {
    check: (request, reply) => enforce(refused, request, reply, "login", false),
    count: async (request) => {
      await refused(request);
    },
  };
}

/** Refusal `body-too-large` before the body is read; it is then thrown away, so that the client reads the answer. */
function requireLength(request: FastifyRequest): void {
  const sizeBytes = Number(request.headers["content-length"] ?? 0);
  const { bodyLimit } = request.routeOptions;
  if (bodyLimit !== undefined && sizeBytes > bodyLimit) {
    throw new Refusal("body-too-large", `at most ${bodyLimit} bytes are taken here`);
  }
}

async function enforce(
  limiter: Limiter,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  increment = true,
): Promise<void> {
  const state = await limiter(request, { increment });
  if (state.isAllowed) return;
  const { max, remaining, ttlInSeconds } = state;
  reply.header("ratelimit-policy", `"${name}";q=${max};w=${WINDOW_S}`);
  reply.header("ratelimit", `"${name}";r=${remaining};t=${ttlInSeconds}`);
  const isOver = increment ? state.isExceeded : remaining <= 0;
  if (!isOver) return;
  reply.header("retry-after", Math.max(1, ttlInSeconds));
  throw new Refusal("too-many-requests", `the limit of this ${name} is ${max} a minute`);
}

function readToken(request: FastifyRequest): string | null {
  const [, token] = /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? "") ?? [];
  return token ?? null;
}
