// A run as one page. Rule: no script, no other file, light and dark; what failed stands first, and all text is escaped.

import { sectionOf } from "../check.ts";
import type { Verdict } from "../expected-failures.ts";
import { STATES, type State } from "../outcome.ts";
import type { Result, Run } from "../run.ts";
import { formatCurl, formatExchange } from "../wire/curl.ts";
import { countStates } from "./json.ts";
import { escapeXml } from "./junit.ts";
import { STYLE } from "./style.ts";

const TITLES: Readonly<Record<number, string>> = {
  1: "Ground rules",
  2: "Discovery and limits",
  3: "Accounts and sessions",
  4: "Devices",
  5: "Blobs",
  6: "Records",
  7: "Bases",
  8: "Order of writes",
  9: "Limits",
  10: "Operations",
};
const WORDS: Readonly<Record<State, string>> = {
  pass: "passed",
  fail: "failed",
  warn: "warnings",
  "not-applicable": "not applicable",
  "prerequisite-failed": "blocked",
  "suite-error": "faults of the suite",
};
const OPEN: readonly State[] = ["fail", "suite-error", "prerequisite-failed", "warn"];

/** The run as the text of `report.html`. */
export function formatHtml(run: Run, { unexpected, stale }: Verdict, url: URL): string {
  const counts = countStates(run.results);
  const bad = OPEN.flatMap((state) => run.results.filter((result) => result.state === state));
  const sections = [...new Set(run.results.map(({ check }) => sectionOf(check.requirement)))].sort((a, b) => a - b);
  const isRight = unexpected.length === 0 && stale.length === 0 && counts["suite-error"] === 0;
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Coffre conformance: ${escapeXml(run.software)}</title><style>${STYLE}</style></head><body><main>`,
    `<header><p class="kicker">Coffre protocol 1 · conformance</p><h1>${escapeXml(run.software)}</h1>`,
    `<p class="where">${escapeXml(run.url)} · ${escapeXml(run.startedAt.slice(0, 16).replace("T", " "))} UTC · ${(run.elapsedMs / 1_000).toFixed(1)} s</p>`,
    `<p class="verdict ${isRight ? "pass" : "fail"}">${formatVerdict(isRight, unexpected.length, stale)}</p></header>`,
    formatBar(counts),
    bad.length === 0
      ? ""
      : `<section><h2>What did not pass</h2>${bad.map((each) => formatOpen(each, url)).join("")}</section>`,
    "<h2>Section by section</h2>",
    ...sections.map((section) =>
      formatSection(
        section,
        run.results.filter(({ check }) => sectionOf(check.requirement) === section),
      ),
    ),
    "<footer>Tokens, login keys, codes and invitations are blanked. Sentences in quotation marks are those of docs/protocol.md.</footer>",
    "</main></body></html>",
    "",
  ].join("\n");
}

function formatVerdict(isRight: boolean, failures: number, stale: readonly string[]): string {
  if (isRight) return "Everything that was asked holds.";
  const parts = [
    ...(failures > 0 ? [`${failures} ${failures === 1 ? "check does" : "checks do"} not hold`] : []),
    ...(stale.length > 0 ? [`${stale.length} expected to fail and did not: ${stale.map(escapeXml).join(", ")}`] : []),
  ];
  return parts.length === 0 ? "The suite itself failed: nothing is said of the server." : `${parts.join("; ")}.`;
}

function formatBar(counts: Readonly<Record<string, number>>): string {
  const states = STATES.filter((state) => (counts[state] ?? 0) > 0);
  const parts = states.map((state) => `<span class="${state}" style="flex-grow:${counts[state]}"></span>`).join("");
  const legend = states.map((state) => `<li class="${state}"><b>${counts[state]}</b> ${WORDS[state]}</li>`).join("");
  return `<div class="bar" role="img" aria-label="results by state">${parts}</div><ul class="legend">${legend}</ul>`;
}

function formatOpen({ check, state, why, expected, came, exchanges }: Result, url: URL): string {
  const last = exchanges.at(-1);
  const facts =
    expected === null || came === null
      ? `<dl><dt>Why</dt><dd>${escapeXml(why ?? "")}</dd></dl>`
      : `<dl><dt>Expected</dt><dd>${escapeXml(expected)}</dd><dt>Came</dt><dd>${escapeXml(came)}</dd></dl>`;
  const shown = exchanges.slice(-2).map((exchange) => `<pre>${escapeXml(formatExchange(exchange))}</pre>`);
  return [
    `<article class="card ${state}" id="${escapeXml(check.id)}"><h3><span class="tag ${state}">${WORDS[state]}</span> ${escapeXml(check.id)}</h3>`,
    `<p>${escapeXml(check.says)}</p>`,
    `<blockquote>${escapeXml(check.quote)}<cite>${check.requirement}, ${check.keyword}</cite></blockquote>`,
    facts,
    shown.length === 0 ? "" : `<details><summary>Requests and answers</summary>${shown.join("")}</details>`,
    last === undefined
      ? ""
      : `<details><summary>Repeat the last request</summary><pre>${escapeXml(formatCurl(url, last.request))}</pre></details>`,
    "</article>",
  ].join("");
}

function formatSection(section: number, results: readonly Result[]): string {
  const passed = results.filter(({ state }) => state === "pass").length;
  const rows = results.map(
    ({ check, state, why, elapsedMs }) =>
      `<tr><td><span class="tag ${state}">${state === "pass" ? "pass" : WORDS[state]}</span></td><td>${check.requirement}</td>` +
      `<td><b>${escapeXml(check.id)}</b><br>${escapeXml(check.says)}${state === "not-applicable" ? `<br><i>${escapeXml(why ?? "")}</i>` : ""}</td>` +
      `<td class="ms">${Math.round(elapsedMs)} ms</td></tr>`,
  );
  const isClean = results.every(({ state }) => state === "pass" || state === "not-applicable");
  return `<details class="section"${isClean ? "" : " open"}><summary>${section} ${TITLES[section] ?? ""} <span class="sum">${passed} of ${results.length}</span></summary><table><tbody>${rows.join("")}</tbody></table></details>`;
}
