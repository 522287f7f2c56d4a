// The files of a run. Rule: all three say the same.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "../expected-failures.ts";
import type { Run } from "../run.ts";
import { formatHtml } from "./html.ts";
import { formatJson } from "./json.ts";
import { formatJunit } from "./junit.ts";

/** Writes `results.json`, `junit.xml` and `report.html` into `folder`, which is made where it is not there. */
export function writeReports(folder: string, run: Run, verdict: Verdict, url: URL): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "results.json"), formatJson(run, verdict, url));
  writeFileSync(join(folder, "junit.xml"), formatJunit(run, verdict, url));
  writeFileSync(join(folder, "report.html"), formatHtml(run, verdict, url));
}
