// What checks expect of answers. Rule: each says what it wanted and what came, and never quotes a secret.

import { CheckFailed, PrerequisiteFailed } from "./outcome.ts";
import { PROBLEM_PREFIX, PROBLEMS, type ProblemCode } from "./problems.ts";
import { type Answer, show } from "./wire/exchange.ts";

/** Fails unless the answer has one of these statuses. */
export function expectStatus(answer: Answer, ...statuses: readonly number[]): Answer {
  if (statuses.includes(answer.status)) return answer;
  throw new CheckFailed(`status ${statuses.join(" or ")}`, describeAnswer(answer));
}

/** Fails unless the answer is this problem, in the form of P-4 and with the status and `retryable` of the table. */
export function expectProblem(answer: Answer, ...codes: readonly ProblemCode[]): Answer {
  const wanted = codes.map((code) => `${PROBLEMS[code].statuses.join("/")} ${code}`).join(" or ");
  const code = codes.find((each) => (PROBLEMS[each].statuses as readonly number[]).includes(answer.status));
  if (code === undefined) throw new CheckFailed(`the problem ${wanted}`, describeAnswer(answer));
  const type = answer.header("content-type");
  if (!type.startsWith("application/problem+json")) {
    throw new CheckFailed(
      `the problem ${wanted} as application/problem+json`,
      `${answer.status} as ${type || "no type"}`,
    );
  }
  const said = answer.text("type");
  const right = codes.find((each) => said === PROBLEM_PREFIX + each);
  if (right === undefined) throw new CheckFailed(`the problem ${wanted}`, describeAnswer(answer));
  expectEqual("status in the problem", answer.integer("status"), answer.status);
  expectEqual(`retryable of ${right}`, answer.find("retryable"), PROBLEMS[right].isRetryable);
  return answer;
}

/** Fails unless both values are alike. */
export function expectEqual(what: string, came: unknown, expected: unknown): void {
  if (JSON.stringify(came) !== JSON.stringify(expected)) {
    throw new CheckFailed(`${what}: ${show(expected)}`, show(came));
  }
}

/** Fails unless both are the same bytes. */
export function expectBytes(what: string, came: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(came, expected) === 0) return;
  const first = came.findIndex((byte, index) => byte !== expected[index]);
  throw new CheckFailed(
    `${what}: the ${expected.length} bytes that were stored`,
    `${came.length} bytes${first < 0 ? "" : `, other ones from byte ${first}`}`,
  );
}

/** Fails unless `holds`. */
export function expectThat(expected: string, holds: boolean, came: string): void {
  if (!holds) throw new CheckFailed(expected, came);
}

/** Fails unless nobody can tell the two answers apart by status, type or body. */
export function expectAlike(what: string, answer: Answer, other: Answer): void {
  expectEqual(`${what}: status`, answer.status, other.status);
  expectEqual(`${what}: content type`, answer.header("content-type"), other.header("content-type"));
  expectEqual(`${what}: body`, Buffer.from(answer.body).toString("utf8"), Buffer.from(other.body).toString("utf8"));
}

/** For what a check needs and is not about: the answer, or PrerequisiteFailed. */
export function need(what: string, answer: Answer, ...statuses: readonly number[]): Answer {
  if (statuses.includes(answer.status)) return answer;
  throw new PrerequisiteFailed(`${what}: wanted ${statuses.join(" or ")}, came ${describeAnswer(answer)}`);
}

/** Runs what a check needs and is not about: a failure in it is none of the check's. */
export async function needAll<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CheckFailed) throw new PrerequisiteFailed(`${what}: ${error.message}`);
    throw error;
  }
}

/** Status and problem of an answer in a few words. */
export function describeAnswer(answer: Answer): string {
  if (!/json/.test(answer.header("content-type"))) return `status ${answer.status}`;
  try {
    const type = String(answer.find("type") ?? "").replace(PROBLEM_PREFIX, "");
    const missing = answer.find("missing");
    const more = Array.isArray(missing)
      ? ` (${missing.length} missing, envelope ${show(answer.find("envelope"))})`
      : "";
    return `status ${answer.status}${type === "" ? "" : ` ${type}`}${more}`;
  } catch {
    return `status ${answer.status} with a body that is not JSON`;
  }
}
