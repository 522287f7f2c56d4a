// What can become of a check. Rule: a check ends by returning or by throwing one of these; anything else that is thrown is a
// fault of the suite.

export type State = "pass" | "fail" | "warn" | "not-applicable" | "prerequisite-failed" | "suite-error";

export const STATES: readonly State[] = [
  "pass",
  "fail",
  "warn",
  "not-applicable",
  "prerequisite-failed",
  "suite-error",
];

/** The server did something else than the sentence says. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
  readonly expected: string;
  readonly came: string;

  constructor(expected: string, came: string) {
    super(`expected ${expected}; came ${came}`);
    this.expected = expected;
    this.came = came;
  }
}

/** There is nothing to check here: the server does not announce it, or the run was not given what it takes. */
export class NotApplicable extends Error {
  override readonly name = "NotApplicable";
}

/** Something that another check is about failed before this one could begin. */
export class PrerequisiteFailed extends Error {
  override readonly name = "PrerequisiteFailed";
}
