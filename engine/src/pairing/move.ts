// Another address for the server of a paired machine: a domain in place of an IP address, TLS, another pin. Rule: the pairing
// is as it was until the new address showed the server's own key.

import type { Ask } from "../border/asks.ts";
import { equalBytes } from "../bytes.ts";
import { CoffreError } from "../errors.ts";
import { Connection } from "../peer/connection.ts";
import type { Context } from "../runtime/context.ts";
import type { Flow } from "../runtime/flow.ts";
import { getSetting, putSetting } from "../store/settings.ts";
import { askServerKey } from "../vault/unlock.ts";
import { serverKeyOf } from "./draft.ts";

type SetServerAsk = Ask & { readonly kind: "set-server" };

/** Takes the address once it holds. `user-not-paired`, `peer-key-changed`, and what an exchange can end with. */
export function* setServer(ctx: Context, { server }: SetServerAsk): Flow<void> {
  const pairing = getSetting(ctx.store, "pairing");
  if (pairing === null) throw new CoffreError("user-not-paired", "this machine belongs to no vault");
  const key = yield* askServerKey(new Connection(ctx, server));
  if (!equalBytes(key, serverKeyOf(pairing))) {
    throw new CoffreError("peer-key-changed", "expected the server that this machine is paired with");
  }
  putSetting(ctx.store, "pairing", { ...pairing, server });
}
