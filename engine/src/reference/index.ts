// The package's entry for tests and vectors. Rule: hosts and the engine never import it; phones load none of it.

export { argon2id, auditAnswer, derive, keyedDigest, open, seal } from "./byte-plane.ts";
export type { PassphraseWeakness } from "./passphrase-rule.ts";
export { passphraseWeakness } from "./passphrase-rule.ts";
