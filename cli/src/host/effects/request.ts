// `request`: one small exchange (docs/host-api.md §3, request). Rule: whatever the server says is an answer, HTML too.

import type { Answers, EffectBody } from "coffre-engine";
import type { Connections } from "../connections.ts";
import { exchange } from "../exchange.ts";
import { TextReceiver } from "../response-text.ts";

/** The longest body of a response: it must fit an answer, escaped and with what stands around it. */
const BODY_BYTES = 393_216 - 24_000;

/** Carries out a `request` effect. */
export async function sendRequest(
  connections: Connections,
  effect: EffectBody & { kind: "request" },
  signal: AbortSignal,
): Promise<Answers["request"]> {
  const receiver = new TextReceiver(BODY_BYTES, "refuse");
  const hasBody = effect.json !== undefined;
  const end = await exchange(
    connections,
    {
      server: effect.server,
      method: effect.method,
      path: effect.path,
      bearer: effect.bearer,
      headers: { accept: "application/json", ...(hasBody ? { "content-type": "application/json" } : {}) },
      body: hasBody ? Buffer.from(JSON.stringify(effect.json)) : emptyBody(effect.method),
      timeoutMs: effect.timeoutMs,
    },
    receiver,
    signal,
  );
  if (end.kind === "no-answer") return end;
  return { ...end, kind: "response", body: receiver.text() };
}

/** Methods that may have a body say that it is empty (RFC 9110 §8.6). */
function emptyBody(method: string): Buffer | null {
  return method === "POST" || method === "PUT" ? Buffer.alloc(0) : null;
}
