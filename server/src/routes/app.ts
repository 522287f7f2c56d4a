// The types that routes share. Rule: routes translate between HTTP and the domain, and decide nothing.

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Caller } from "../domain/callers.ts";
import { Refusal } from "../domain/refusal.ts";

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null on routes without a token. */
    caller: Caller | null;
    /** What a stricter limit counts by, such as a login's keyed hash. */
    limitKey: string;
    /** The client's address, and the network by which limits count it. */
    address: string;
    network: string;
  }
  interface FastifyContextConfig {
    /** The scopes that may ask; absent on routes without a token. */
    scopes?: readonly ("append" | "full")[];
    /** P-80: sessions, KDF, accounts, challenges and tokens are limited more strictly. */
    isStrict?: boolean;
    /** The route hands its body on as a stream, which is never gathered in memory. */
    isStreamed?: boolean;
  }
}

/** The caller of a route that needs a token. */
export function requireCaller(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Refusal("unauthorized", "this request needs a token");
  return request.caller;
}

/** The caller of a route that only a device itself may ask (scope `append`). */
export function requireDeviceCaller(
  request: FastifyRequest,
): Caller & { readonly device: NonNullable<Caller["device"]> } {
  const caller = requireCaller(request);
  if (caller.device === null) throw new Refusal("forbidden", "this request needs scope append");
  return { ...caller, device: caller.device };
}
