// Servers that let in, or tell, whom they must not.

import type { ServerMutant } from "./mutant.ts";

const FOREIGN = `const [any] = await instance.database.read("SELECT 1 AS found FROM blobs WHERE id = $1", [id]);`;
const ABSENT = `  if (row === null) throw new Refusal("not-found");`;

export const ACCESS_MUTANTS: readonly ServerMutant[] = [
  {
    name: "foreign-blobs-by-status",
    fault: "tells another vault's blob from a missing one by the status",
    file: "domain/blobs.ts",
    find: ABSENT,
    replace: `if (row === null) { ${FOREIGN} throw new Refusal(any === undefined ? "not-found" : "forbidden"); }`,
    checks: ["isolation/blobs"],
  },
  {
    name: "foreign-blobs-by-body",
    fault: "tells another vault's blob from a missing one by a word in the body",
    file: "domain/blobs.ts",
    find: ABSENT,
    replace: `if (row === null) { ${FOREIGN} throw new Refusal("not-found", any === undefined ? "no such blob" : "no blob"); }`,
    checks: ["isolation/blobs"],
  },
  {
    name: "missing-over-all-vaults",
    fault: "says of a blob that only another vault has that it is not missing",
    file: "domain/blobs.ts",
    find: "SELECT id, passes FROM blobs WHERE vault = $1 AND damaged = 0 AND id IN",
    replace: "SELECT id, passes FROM blobs WHERE $1 <> '' AND damaged = 0 AND id IN",
    checks: ["isolation/missing"],
  },
  {
    name: "takes-alg-none",
    fault: "takes a token whose header says that it bears no signature",
    file: "domain/tokens.ts",
    find: "const claims = await this.#verifySignature(token);",
    replace: `const [head = "", payload = ""] = token.split(".");
    const isNone = Buffer.from(head, "base64url").toString().includes('"none"');
    const claims = isNone ? (readClaims(JSON.parse(Buffer.from(payload, "base64url").toString())) as Claims) : await this.#verifySignature(token);`,
    checks: ["tokens/none"],
  },
  {
    name: "append-reads-blobs",
    fault: "gives blobs to a device's token",
    file: "routes/blobs.ts",
    find: `config: { scopes: ["full"] },\n      schema: {\n        summary: "A blob, or a range of it (P-42)"`,
    replace: `config: { scopes: ["append", "full"] },\n      schema: {\n        summary: "A blob, or a range of it (P-42)"`,
    checks: ["scopes/append-cannot-read"],
  },
  {
    name: "append-heads-blobs",
    fault: "tells a device's token which blobs there are, by HEAD",
    file: "routes/blobs.ts",
    find: `config: { scopes: ["full"] },\n      schema: { summary: "Whether a blob is there (P-42)"`,
    replace: `config: { scopes: ["append", "full"] },\n      schema: { summary: "Whether a blob is there (P-42)"`,
    checks: ["scopes/append-cannot-read"],
  },
  {
    name: "append-reads-other-devices",
    fault: "shows a device the logs of the vault's other devices",
    file: "domain/callers.ts",
    find: `if (caller.scope !== "full" || !mayFull) throw`,
    replace: `if (!mayFull) throw`,
    checks: ["scopes/other-device"],
  },
  {
    name: "append-ends-sessions",
    fault: "lets a device's token use the owner's route of sessions",
    file: "routes/sessions.ts",
    find: `config: { scopes: ["full"] }, schema: { summary: "Log out (P-23)"`,
    replace: `config: { scopes: ["append", "full"] }, schema: { summary: "Log out (P-23)"`,
    checks: ["scopes/append-changes-no-vault"],
  },
  {
    name: "serves-revoked-devices",
    fault: "goes on serving a revoked device until its token ends",
    file: "domain/callers.ts",
    find: " AND d.revoked = 0 AND v.disabled = 0",
    replace: " AND v.disabled = 0",
    checks: ["roster/revoked-at-once", "tokens/revoked-under-way", "durability/revocations"],
  },
  {
    name: "tokens-for-revoked-devices",
    fault: "gives a revoked device another token",
    file: "domain/devices.ts",
    find: " AND d.revoked = 0 AND v.disabled = 0",
    replace: " AND v.disabled = 0",
    checks: ["roster/revoked-at-once"],
  },
  {
    name: "stores-for-a-device-revoked-under-way",
    fault: "does not look again at the device when its upload ends",
    file: "domain/blobs.ts",
    find: "await requireStanding(transaction, caller);",
    replace: "requireStanding.name;",
    checks: ["tokens/revoked-under-way"],
  },
  {
    name: "ended-sessions-go-on",
    fault: "serves sessions that were ended",
    file: "domain/callers.ts",
    find: "SELECT 1 FROM ended_sessions s WHERE s.id = $2)",
    replace: "SELECT 1 FROM ended_sessions s WHERE s.id = $2 AND 1 = 0)",
    checks: ["sessions/end", "durability/ended-sessions"],
  },
  {
    name: "challenges-serve-twice",
    fault: "gives a token for a challenge that was used",
    file: "domain/openings.ts",
    find: "return rows.length > 0;",
    replace: "return rows.length >= 0;",
    checks: ["challenges/once", "durability/used-challenges"],
  },
  {
    name: "challenges-for-any-device",
    fault: "binds a challenge to the vault, and not to the device that drew it",
    file: "domain/openings.ts",
    find: "code.update(drawn).update(idBytes(vault)).update(idBytes(device));",
    replace: "code.update(drawn).update(idBytes(vault)); idBytes(device);",
    checks: ["tokens/challenge-of-another-device"],
  },
  {
    name: "challenge-answers-for-any-server",
    fault: "takes an answer that was signed for another server's key",
    file: "domain/devices.ts",
    find: `if (serverKeyHash !== instance.serverKeyHash) throw new Refusal("device-refused");`,
    replace: "serverKeyHash.length;",
    checks: ["tokens/device-refused"],
  },
  {
    name: "tokens-live-too-long",
    fault: "gives devices tokens for an hour",
    file: "domain/tokens.ts",
    find: "append: 15 * 60_000",
    replace: "append: 60 * 60_000",
    checks: ["tokens/form"],
  },
];
