// All checks in the order in which they run. Rule: what kills the server comes last.

import type { Check } from "../check.ts";
import { ACCOUNT_CHECKS } from "./accounts.ts";
import { AUDIT_CHECKS } from "./audits.ts";
import { BASE_CHECKS } from "./bases.ts";
import { BLOB_CHECKS } from "./blobs.ts";
import { DISCOVERY_CHECKS } from "./discovery.ts";
import { DURABILITY_CHECKS } from "./durability.ts";
import { FAULT_CHECKS } from "./faults.ts";
import { GROUND_CHECKS } from "./ground.ts";
import { HEADER_CHECKS } from "./headers.ts";
import { ISOLATION_CHECKS } from "./isolation.ts";
import { LIMIT_CHECKS } from "./limits.ts";
import { LOG_CHECKS } from "./logs.ts";
import { PAGE_CHECKS } from "./pages.ts";
import { RECORD_CHECKS } from "./records.ts";
import { SECOND_FACTOR_CHECKS } from "./second-factor.ts";
import { SESSION_CHECKS } from "./sessions.ts";
import { TOKEN_CHECKS } from "./tokens.ts";
import { VAULT_OBJECT_CHECKS } from "./vault-objects.ts";

export const CHECKS: readonly Check[] = [
  ...DISCOVERY_CHECKS,
  ...GROUND_CHECKS,
  ...HEADER_CHECKS,
  ...ACCOUNT_CHECKS,
  ...SESSION_CHECKS,
  ...VAULT_OBJECT_CHECKS,
  ...TOKEN_CHECKS,
  ...LOG_CHECKS,
  ...BLOB_CHECKS,
  ...RECORD_CHECKS,
  ...PAGE_CHECKS,
  ...BASE_CHECKS,
  ...AUDIT_CHECKS,
  ...ISOLATION_CHECKS,
  ...SECOND_FACTOR_CHECKS,
  ...LIMIT_CHECKS,
  ...FAULT_CHECKS,
  ...DURABILITY_CHECKS,
];
