// A run as JUnit XML, which most CI systems show. Rule: a suite for each section; warn is told and is no failure.

import { sectionOf } from "../check.ts";
import type { Verdict } from "../expected-failures.ts";
import type { Result, Run } from "../run.ts";
import { formatFailure } from "./console.ts";

/** The run as the text of `junit.xml`. */
export function formatJunit(run: Run, { known, stale }: Verdict, url: URL): string {
  const knownIds = new Set(known.map(({ check }) => check.id));
  const sections = [...new Set(run.results.map(({ check }) => sectionOf(check.requirement)))].sort((a, b) => a - b);
  const suites = sections.map((section) => {
    const results = run.results.filter(({ check }) => sectionOf(check.requirement) === section);
    return formatSuite(
      `section ${section}`,
      results.map((result) => formatCase(result, knownIds.has(result.check.id), url)),
    );
  });
  const left = stale.map(
    (id) =>
      `<testcase classname="expected-failures" name="${escapeXml(id)}"><failure message="does not fail"/></testcase>`,
  );
  const all = left.length === 0 ? suites : [...suites, formatSuite("expected failures", left)];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="coffre-conformance">\n${all.join("\n")}\n</testsuites>\n`;
}

/** Text for XML and HTML, as content or in an attribute; what XML 1.0 cannot say is left out. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function formatSuite(name: string, cases: readonly string[]): string {
  const count = (tag: string): number => cases.filter((each) => each.includes(`<${tag}`)).length;
  const counts = `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
  return `<testsuite name="${name}" ${counts}>\n${cases.join("\n")}\n</testsuite>`;
}

function formatCase(result: Result, isKnown: boolean, url: URL): string {
  const { check, state, why, elapsedMs } = result;
  const head = `<testcase classname="${check.requirement}" name="${escapeXml(check.id)}" time="${(elapsedMs / 1_000).toFixed(3)}"`;
  const message = escapeXml(why ?? "");
  const body = (tag: string): string =>
    `${head}><${tag} message="${message}">${escapeXml(formatFailure(result, url))}</${tag}></testcase>`;
  if (isKnown) return `${head}><skipped message="known failure: ${message}"/></testcase>`;
  switch (state) {
    case "pass":
      return `${head}/>`;
    case "fail":
    case "prerequisite-failed":
      return body("failure");
    case "suite-error":
      return body("error");
    case "warn":
      return `${head}><system-out>${message}</system-out></testcase>`;
    case "not-applicable":
      return `${head}><skipped message="${message}"/></testcase>`;
  }
}
