// From what went wrong to the code that a person is shown (docs/host-api.md §6). Rule: every error of a flow ends as one
// code of the closed list, and our own bugs never do.

import type { FailureCode } from "../border/reasons.ts";
import { FAILURE_CODES } from "../border/reasons.ts";
import { CoffreError } from "../errors.ts";
import type { Problem } from "../peer/exchange.ts";

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

const KNOWN: ReadonlySet<string> = new Set(FAILURE_CODES);

/** The code to show; what is not a CoffreError, and what the Store refused, is thrown again and stops the step. */
export function failureOf(error: unknown): FailureCode {
  if (!(error instanceof CoffreError) || error.code.startsWith("host-store-")) throw error;
  if (error instanceof Refused) return failureOfProblem(error.problem);
  if (KNOWN.has(error.code)) return error.code as FailureCode;
  switch (error.code) {
    case "peer-malformed":
      return "peer-not-coffre";
    case "peer-kdf-refused":
    case "peer-bad-signature":
      return "peer-vault-not-authentic";
    default:
      return error.code.startsWith("host-") ? "host-error" : "peer-refused";
  }
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
