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
];
