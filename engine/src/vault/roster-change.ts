// The next version of a vault's roster, signed and put (docs/protocol.md P-26). Rule: it follows the highest roster that this
// machine saw, the owner is shown whom it names before it is signed, and what was put is evidence from then on.

import { toBase64 } from "../bytes.ts";
import { deriveVaultKeys } from "../crypto/vault-keys.ts";
import { CoffreError } from "../errors.ts";
import { noteStructure } from "../evidence/seen.ts";
import { encodeRoster, type Roster } from "../format/roster.ts";
import { signPayload } from "../format/signed.ts";
import { openDeviceNames, tellApart, viewDevices } from "../keys/device-names.ts";
import { readSlot, SLOT } from "../keys/slots.ts";
import { Refused } from "../peer/failures.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { type HeldVault, holdAgainstEvidence } from "./held-vault.ts";
import { openWith } from "./unlock.ts";

/** How often the roster may change under our hands before we give up. */
const TRIES = 5;

/** The roster that shall follow the vault's; `vaultSeed` signs certificates, and is gone when this returns. */
export type NextRoster = (vaultSeed: Uint8Array) => Roster;

/**
 * Changes the roster until a change is taken or `plan` finds nothing to change (null): another client may have signed one
 * meanwhile, and then the plan is made anew over that. Needs V and `names` in memory slots. Gives the vault as it is then.
 */
export function* changeRoster(
  ctx: Context,
  held: HeldVault,
  plan: (held: HeldVault) => Flow<NextRoster | null>,
): Flow<HeldVault> {
  let open = held;
  for (let tries = 1; ; tries++) {
    const next = yield* plan(open);
    if (next === null) return open;
    yield* showDevices(ctx, open);
    const roster = yield* putRoster(ctx, open, next, tries === TRIES);
    if (roster !== null) return { ...open, roster };
    open = yield* holdAgainstEvidence(ctx, yield* openWith(open.line, open.login), false);
  }
}

/** The roster that was taken; null when the server's has changed since it was read, unless this was the last try. */
export function* putRoster(ctx: Context, held: HeldVault, next: NextRoster, isLast: boolean): Flow<Roster | null> {
  const { line, object, bundle, isRosterRefused } = held;
  const secret = yield* readSlot(SLOT.vaultSecret, "memory");
  const { signingSeed, kemSeed } = deriveVaultKeys(secret);
  const roster = next(signingSeed);
  const signed = signPayload("roster", encodeRoster(roster), signingSeed);
  for (const bytes of [secret, signingSeed, kemSeed]) bytes.fill(0);
  try {
    yield* line.ask({ method: "PUT", path: "/v1/roster", bearer: bundle.token, json: { roster: toBase64(signed) } });
    noteStructure(ctx.store, object.vault, "roster", signed, "higher");
    return roster;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.problem === "roster-behind" && !isLast) return null;
    // It went back to before records that a revocation names, or before devices that this one cannot tell it of.
    if (isRosterRefused) throw new CoffreError("peer-went-back", "the server takes no roster that follows the newest");
    throw error;
  }
}

/** Shows the devices and revocations that the next roster will hold, before it is signed. */
export function* showDevices(ctx: Context, { roster, certificates }: HeldVault): Flow<void> {
  const names = tellApart(yield* openDeviceNames(roster));
  ctx.show({ kind: "devices", devices: viewDevices(roster, certificates, names) });
}
