// `request`: one small exchange (docs/host-api.md §3, request). Rule: whatever the server says is an answer, HTML too.

import type { Answers, EffectBody } from "coffre-engine";
import { decodeText, exchange } from "../exchange.ts";

/** The longest body of a response: it must fit an answer, escaped and with what stands around it. */
const BODY_BYTES = 393_216 - 24_000;

/** Carries out a `request` effect. */
export async function sendRequest(
  effect: EffectBody & { kind: "request" },
  signal: AbortSignal,
): Promise<Answers["request"]> {
  const { server, method, path, bearer, json, timeoutMs } = effect;
  const headers = { accept: "application/json", ...(json === undefined ? {} : { "content-type": "application/json" }) };
  const body = json === undefined ? null : JSON.stringify(json);
  const question = { server, method, path, bearer, headers, body, timeoutMs };
  const end = await exchange(question, () => ({ most: BODY_BYTES, beyond: "refuse" }), signal);
  if (end.kind === "no-answer") return end;
  const { status, elapsedMs } = end;
  return { kind: "response", status, headers: end.headers, elapsedMs, body: decodeText(end.body, BODY_BYTES) };
}
