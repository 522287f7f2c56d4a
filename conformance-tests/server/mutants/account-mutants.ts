// Servers that are careless with accounts, logins, rosters and codes.

import type { ServerMutant } from "./mutant.ts";

export const ACCOUNT_MUTANTS: readonly ServerMutant[] = [
  {
    name: "kdf-differs-from-call-to-call",
    fault: "draws another salt for an unknown login each time",
    file: "domain/server-keys.ts",
    find: `createHmac("sha256", keys.decoySecret).update(login)`,
    replace: `createHmac("sha256", keys.decoySecret).update(login + Math.random())`,
    checks: ["kdf/unknown-stays-the-same"],
  },
  {
    name: "unknown-logins-are-not-found",
    fault: "tells an unknown login from a wrong key",
    file: "domain/sessions.ts",
    find: "if (account === null || account.isDisabled ||",
    replace: `if (account === null) throw new Refusal("not-found");\n  if (account.isDisabled ||`,
    checks: ["sessions/unknown-login-looks-wrong", "vault/login-changes"],
  },
  {
    name: "vault-ids-of-other-keys",
    fault: "does not compare a vault's id with its keys",
    file: "domain/vault-object.ts",
    find: `if (Buffer.compare(vault, hashBytes(signingKey, kemKey)) !== 0)\n    throw malformed("the vault id is not that of its keys");`,
    replace: "",
    checks: ["accounts/object-verified"],
  },
  {
    name: "vault-numbers-leap",
    fault: "takes a vault object with any higher number",
    file: "domain/accounts.ts",
    find: "if (object.number !== current.number + 1 && !mayLeap)",
    replace: "if (object.number <= current.number && !mayLeap)",
    checks: ["vault/replace"],
  },
  {
    name: "devices-leave-the-roster",
    fault: "takes a roster without devices or revocations that were there",
    file: "domain/devices.ts",
    find: "requireGrowth(parseRoster(current.bytes, vault, signingKey), roster);",
    replace: "requireGrowth.name; signingKey.length;",
    checks: ["roster/behind", "roster/revoked-at-once"],
  },
  {
    name: "revocations-of-absent-records",
    fault: "takes a revocation whose last record it does not have",
    file: "domain/devices.ts",
    find: "await requireRevokedRecords(instance, roster);",
    replace: "requireRevokedRecords.name;",
    checks: ["roster/revocation-needs-its-record"],
  },
  {
    name: "waiting-without-a-time",
    fault: "answers 429 without saying when to come again",
    file: "domain/code-limits.ts",
    find: `"wrong codes make this login wait", {}, Math.ceil(waitMs / 1_000)`,
    replace: `"wrong codes make this login wait", {}, waitMs < 0 ? 0 : null`,
    checks: ["second-factor/wrong-codes-wait", "limits/retry-after"],
  },
];
