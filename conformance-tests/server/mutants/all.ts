// All mutants of the reference server. Rule: the first list holds those that cost somebody their files or their secrets.

import { ACCESS_MUTANTS } from "./access-mutants.ts";
import { ACCOUNT_MUTANTS } from "./account-mutants.ts";
import { FORM_MUTANTS } from "./form-mutants.ts";
import { LOG_MUTANTS } from "./log-mutants.ts";
import type { ServerMutant } from "./mutant.ts";
import { STORING_MUTANTS } from "./storing-mutants.ts";

export const MUTANTS: readonly ServerMutant[] = [
  ...STORING_MUTANTS,
  ...ACCESS_MUTANTS,
  ...LOG_MUTANTS,
  ...ACCOUNT_MUTANTS,
  ...FORM_MUTANTS,
];
