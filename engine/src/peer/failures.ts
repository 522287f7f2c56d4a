// From what went wrong to the code that a person is shown (docs/host-api.md §6), or to the trouble for which a run waits. Rule:
// every error of a flow ends as one code of the closed list; our own bugs and the Store's failures never do, and stop the step.

import type { FailureCode } from "../border/reasons.ts";
import { FAILURE_CODES } from "../border/reasons.ts";
import { CoffreError } from "../errors.ts";
import { type Exchange, PeerTrouble, type Problem, type Trouble, trouble } from "./exchange.ts";

/** A refusal that the server named and that no waiting changes. */
export class Refused extends CoffreError {
  /** The problem's code (docs/protocol.md P-4). */
  readonly problem: string;
  readonly body: Problem["body"];

  constructor(problem: string, body: Problem["body"]) {
    super(`peer-problem-${problem}`, "the server refused a request");
    this.problem = problem;
    this.body = body;
  }
}

/** What a server said that was neither success nor trouble, as an error. */
export function refusalOf(met: Exclude<Exchange, { readonly kind: "ok" } | Trouble>): Refused {
  switch (met.kind) {
    case "unauthorized":
      return new Refused("unauthorized", {});
    case "too-large":
      return new Refused("body-too-large", {});
    case "altered":
      return new Refused("not-the-named-bytes", {});
    case "problem":
      return new Refused(met.code, met.body);
  }
}

const KNOWN: ReadonlySet<string> = new Set(FAILURE_CODES);

/** The code to show; what is not a CoffreError, and what the Store refused, is thrown again and stops the step. */
export function failureOf(error: unknown): FailureCode {
  const { code } = requireOutside(error);
  if (error instanceof Refused) return failureOfProblem(error.problem);
  if (KNOWN.has(code)) return code as FailureCode;
  switch (code) {
    case "peer-malformed":
      return "peer-not-coffre";
    case "peer-kdf-refused":
    case "peer-bad-signature":
      return "peer-vault-not-authentic";
    default:
      return code.startsWith("host-") ? "host-error" : "peer-refused";
  }
}

/** What an error means to a run: trouble that it waits for, the code that ends it, or null for what was only broken off. */
export function setbackOf(error: unknown): Trouble | FailureCode | null {
  if (error instanceof PeerTrouble) return error.trouble;
  const { code } = requireOutside(error);
  switch (code) {
    case "peer-device-revoked":
    case "peer-forked":
    case "peer-cloned":
      return code;
    case "peer-bad-signature":
    case "peer-receipt-refused":
    case "peer-log-refused":
      // It has a form, and bears no signature of the pinned key, or none that speaks of what it should.
      return trouble("server-not-trusted", "peer-not-trusted", null);
    case "host-cancelled":
      return null;
    default:
      // What the server said does not parse: as good as a broken server.
      return code.startsWith("peer-") ? trouble("server-error", "peer-not-coffre", null) : "host-error";
  }
}

function requireOutside(error: unknown): CoffreError {
  if (!(error instanceof CoffreError) || error.code.startsWith("host-store-")) throw error;
  return error;
}

function failureOfProblem(problem: string): FailureCode {
  switch (problem) {
    case "login-refused":
      return "user-login-refused";
    case "second-factor-required":
      return "user-second-factor-required";
    case "login-taken":
      return "user-login-taken";
    case "invitation-required":
      return "user-invitation-required";
    case "invitation-refused":
      return "user-invitation-refused";
    case "registration-closed":
      return "user-registration-closed";
    default:
      return "peer-refused";
  }
}
