// Writes traceability.md. Rule: nothing in it is written by hand.

import { writeFileSync } from "node:fs";
import { CHECKS } from "./src/checks/all.ts";
import { formatTraces, traceSentences } from "./src/traceability.ts";
import { UNTESTED } from "./src/untested.ts";
import { listRequirements } from "./test/protocol-page.ts";

const text = formatTraces(traceSentences(listRequirements(), CHECKS, UNTESTED));
writeFileSync(new URL("traceability.md", import.meta.url), text);
