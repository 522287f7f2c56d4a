// Servers that read structures of devices and owners carelessly.

import type { ServerMutant } from "./mutant.ts";

export const LOG_MUTANTS: readonly ServerMutant[] = [
  {
    name: "records-of-other-devices",
    fault: "does not compare the device in a record's header",
    file: "domain/device-structures.ts",
    find: "requireDevice(fields[3], device);",
    replace: "",
    checks: ["records/header-of-others"],
  },
  {
    name: "epochs-as-high-as-you-like",
    fault: "lets one request use up a device's epoch numbers",
    file: "domain/records.ts",
    find: "const EPOCHS_AHEAD = 1_024;",
    replace: "const EPOCHS_AHEAD = 2 ** 53;",
    checks: ["epochs/too-high"],
  },
  {
    name: "pages-without-a-limit",
    fault: "answers pages and bundles of megabytes",
    file: "domain/instance.ts",
    find: "export const PAGE_BYTES = 368_640;",
    replace: "export const PAGE_BYTES = 3_686_400;",
    checks: ["sessions/bundle-size", "sessions/first-record-does-not-fit", "records/page-size"],
  },
  {
    name: "bases-without-their-blobs",
    fault: "takes a base although blobs that it names are missing",
    file: "domain/records.ts",
    find: `if (missing.length > 0) throw new Refusal("base-needs", "", { missing });`,
    replace: "",
    checks: ["bases/missing-blobs"],
  },
];
