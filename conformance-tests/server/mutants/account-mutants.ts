// Servers that are careless with accounts, logins, rosters and codes.

import type { ServerMutant } from "./mutant.ts";

export const ACCOUNT_MUTANTS: readonly ServerMutant[] = [
  {
    name: "vault-ids-of-other-keys",
    fault: "does not compare a vault's id with its keys",
    file: "domain/vault-object.ts",
    find: `if (Buffer.compare(vault, hashBytes(signingKey, kemKey)) !== 0)\n    throw malformed("the vault id is not that of its keys");`,
    replace: "",
    checks: ["accounts/object-verified"],
  },
];
