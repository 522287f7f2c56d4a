// What a run is told as, out of made results with hostile text in them.

import { expect, test } from "vitest";
import type { Check } from "../src/check.ts";
import { exitCodeOf, judgeRun, parseExpectedFailures } from "../src/expected-failures.ts";
import type { State } from "../src/outcome.ts";
import { formatResult, formatSum } from "../src/reports/console.ts";
import { formatHtml } from "../src/reports/html.ts";
import { formatJson } from "../src/reports/json.ts";
import { formatJunit } from "../src/reports/junit.ts";
import type { Result, Run } from "../src/run.ts";
import { Answer, type Exchange } from "../src/wire/exchange.ts";

const URL_OF_SERVER = new URL("http://127.0.0.1:1");
const HOSTILE = `<script>alert("x")</script>\u0001]]>`;
const SECRETS = ["secret-token", "secret-key", "secret-code", "secret-in-the-answer", "secret-recovery"];

const EXCHANGE: Exchange = {
  request: {
    method: "POST",
    path: "/v1/sessions",
    headers: { authorization: "Bearer secret-token", "content-type": "application/json" },
    body: new TextEncoder().encode('{"login":"check-a","loginKey":"secret-key","code":"secret-code"}'),
  },
  answer: new Answer(
    200,
    { "content-type": "application/json" },
    new TextEncoder().encode(
      `{"token":"secret-in-the-answer","recoveryCodes":["secret-recovery"],"software":"${HOSTILE}"}`,
    ),
    3,
  ),
  trouble: null,
};

function check(id: string): Check {
  return {
    id,
    requirement: "P-22",
    keyword: "MUST",
    quote: "a sentence",
    says: `says ${HOSTILE}`,
    run: async () => {},
  };
}

function result(id: string, state: State): Result {
  const why = state === "pass" ? null : HOSTILE;
  return { check: check(id), state, why, expected: why, came: why, exchanges: [EXCHANGE], elapsedMs: 5 };
}

const RUN: Run = {
  url: URL_OF_SERVER.href,
  software: HOSTILE,
  startedAt: "2026-01-01T00:00:00.000Z",
  elapsedMs: 1_000,
  waitedS: 0,
  results: [
    result("a/pass", "pass"),
    result("a/fail", "fail"),
    result("a/warn", "warn"),
    result("a/blocked", "prerequisite-failed"),
  ],
};
const IDS = RUN.results.map((each) => each.check.id);

test("no report holds a secret of an exchange", () => {
  const verdict = judgeRun(RUN.results, [], IDS);
  const reports = [
    formatHtml(RUN, verdict, URL_OF_SERVER),
    formatJson(RUN, verdict, URL_OF_SERVER),
    formatJunit(RUN, verdict, URL_OF_SERVER),
    ...RUN.results.map((each) => formatResult(each, URL_OF_SERVER)),
  ];
  for (const report of reports) for (const secret of SECRETS) expect(report).not.toContain(secret);
});

test("a server's text stays text in the page and in JUnit XML", () => {
  const verdict = judgeRun(RUN.results, [], IDS);
  for (const report of [formatHtml(RUN, verdict, URL_OF_SERVER), formatJunit(RUN, verdict, URL_OF_SERVER)]) {
    expect(report).not.toContain("<script");
    expect(report).not.toContain("\u0001");
  }
});

test("a page needs no other file", () => {
  const html = formatHtml(RUN, judgeRun(RUN.results, [], IDS), URL_OF_SERVER);
  expect(html).not.toMatch(/\b(?:src|href)=|@import|url\(/);
});

test("exit codes: 0 for all right, 1 for a failure or a stale expectation, 2 for a fault of the suite", () => {
  const codeOf = (results: readonly Result[], expected: readonly string[]) =>
    exitCodeOf(results, judgeRun(results, expected, IDS));
  expect(codeOf([result("a/pass", "pass"), result("a/warn", "warn")], [])).toBe(0);
  expect(codeOf(RUN.results, [])).toBe(1);
  expect(codeOf(RUN.results, ["a/fail", "a/blocked"])).toBe(0);
  expect(codeOf(RUN.results, ["a/fail", "a/blocked", "a/pass"])).toBe(1);
  expect(codeOf(RUN.results, ["a/fail", "a/blocked", "a/no-such-check"])).toBe(1);
  expect(codeOf([result("a/fail", "suite-error")], [])).toBe(2);
});

test("a list of expected failures has an id a line, comments and empty lines", () => {
  expect(parseExpectedFailures("# known\n\na/fail # soon\r\n  a/blocked\n")).toEqual(["a/fail", "a/blocked"]);
});

test("the sum is the last line and counts every state", () => {
  const sum = formatSum(RUN, judgeRun(RUN.results, [], IDS))
    .split("\n")
    .at(-1);
  expect(sum).toBe("1 pass, 1 fail, 1 warn, 0 not-applicable, 1 prerequisite-failed, 0 suite-error");
});
