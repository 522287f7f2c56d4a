// The device's token, and exchanges that need it (docs/protocol.md §4). Rule: the token lives in memory alone; a refused
// one is renewed once, and a device that is refused a token for a second challenge too is revoked or unknown.

import type { Answer } from "../border/answers.ts";
import { fromBase64, toBase64 } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { encodeChallenge, serverKeyHash } from "../format/challenge.ts";
import { signPayload } from "../format/signed.ts";
import { readSlot, SLOT } from "../keys/slots.ts";
import { readChallenge, readToken } from "../peer/answers.ts";
import { exchange, type Question } from "../peer/connection.ts";
import type { Exchange, Problem, Trouble } from "../peer/exchange.ts";
import { classify, PeerTrouble, trouble } from "../peer/exchange.ts";
import { setbackOf } from "../peer/failures.ts";
import { REQUEST_TIMEOUT_MS } from "../peer/timeouts.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import type { Pairing } from "../store/settings.ts";
import type { Run } from "./run.ts";

/** The problem of a device that its owner shut out (docs/protocol.md P-31). */
const REVOKED = "device-revoked";
/** Challenges that are answered before a refusal is believed. */
const CHALLENGES = 2;
/** Tokens in a row that a server may grant and refuse before it is broken: some are forgotten by a restart. */
const FORGIVEN_TOKENS = 3;

/** One request of this vault's server with the device's token. Ends with what the server meant, or PeerTrouble. */
export function* call(
  run: Run,
  pairing: Pairing,
  method: "GET" | "POST",
  path: string,
  json?: unknown,
): Flow<{ kind: "ok"; body: string | null } | Problem> {
  for (let attempt = 0; ; attempt++) {
    if (run.token === null) run.token = yield* obtainToken(run, pairing);
    const met = yield* send(run, pairing, { method, path, bearer: run.token, ...(json === undefined ? {} : { json }) });
    if (met.kind === "problem" && met.code === REVOKED) throw revoked();
    if (met.kind === "ok" || met.kind === "problem") return met;
    if (met.kind === "trouble") throw new PeerTrouble(met);
    if (met.kind !== "unauthorized" || attempt > 0) {
      throw new PeerTrouble(trouble("server-error", "peer-error", null));
    }
    run.token = null;
  }
}

/**
 * Signs the server's challenge and gets a token. A challenge runs out while the phone sleeps, or goes with a server that starts
 * anew, and the answer is the same: `peer-device-revoked` when the device is refused over and over.
 */
function* obtainToken(run: Run, pairing: Pairing): Flow<string> {
  for (let tries = 0; tries < CHALLENGES; tries++) {
    const granted = yield* answerChallenge(run, pairing);
    if (granted.kind === "problem" && granted.code === REVOKED) throw revoked();
    if (granted.kind !== "problem" || granted.code !== "device-refused") return readToken(bodyOf(granted)).token;
  }
  throw revoked();
}

function revoked(): CoffreError {
  return new CoffreError("peer-device-revoked", "the server refuses this device");
}

function* answerChallenge(run: Run, pairing: Pairing): Flow<Exchange> {
  const { vault, device } = pairing;
  const challenge = yield* send(run, pairing, { method: "POST", path: "/v1/challenges", json: { vault, device } });
  const nonce = readChallenge(bodyOf(challenge));
  const seed = yield* readSlot(SLOT.deviceSign, "device");
  const payload = encodeChallenge({
    vault,
    device,
    nonce,
    serverKeyHash: serverKeyHash(fromBase64(pairing.serverKey)),
  });
  const answer = toBase64(signPayload("challenge", payload, seed));
  seed.fill(0);
  return yield* send(run, pairing, { method: "POST", path: "/v1/tokens", json: { vault, device, answer } });
}

function* send(run: Run, pairing: Pairing, question: Question): Flow<Exchange> {
  run.counters.requests += 1;
  return yield* exchange(pairing.server, question, REQUEST_TIMEOUT_MS);
}

function bodyOf(met: Exchange): string | null {
  if (met.kind === "ok") return met.body;
  if (met.kind === "trouble") throw new PeerTrouble(met);
  throw new PeerTrouble(trouble("server-error", "peer-error", null));
}

/**
 * What an upload's answer means to the run as a whole: a lost token and trouble are noted here, and what brings the backup
 * on by the caller, who knows. Null when there is nothing left to do but to send again later.
 */
export function noteUpload(ctx: Context, run: Run, answer: Answer<"upload">, token: string): Exchange | null {
  if (answer.kind === "cancelled") return null;
  const met = classify(answer);
  switch (met.kind) {
    case "unauthorized":
      // One of several streams found it out first, and a new token may be there already.
      if (run.token !== token) return null;
      run.token = null;
      run.log = "closed";
      // Tokens expire; a server that grants them and refuses them again is broken.
      run.refusedTokens += 1;
      if (run.refusedTokens > FORGIVEN_TOKENS) {
        run.backoff.failed(ctx, trouble("server-error", "peer-error", null), "storing");
      }
      return null;
    case "trouble":
      noteTrouble(ctx, run, met, "storing");
      return met;
    case "problem":
      if (met.code !== REVOKED) return met;
      run.fail("peer-device-revoked");
      return null;
    case "ok":
    case "altered":
    case "too-large":
      return met;
  }
}

/** Notes trouble: it waits, but for a key that is not the one of the pairing, which ends any run. */
function noteTrouble(ctx: Context, run: Run, met: Trouble, what: "asking" | "storing"): void {
  run.backoff.failed(ctx, met, what);
  if (met.failure === "peer-pin") run.fail("peer-pin");
}

/** Notes how a flow failed: trouble waits, a revoked device and our own bugs stop the run or the step. */
export function noteFailure(ctx: Context, run: Run, error: unknown): void {
  const setback = setbackOf(error);
  if (setback === null) return;
  if (typeof setback === "string") run.fail(setback);
  else noteTrouble(ctx, run, setback, "asking");
}
