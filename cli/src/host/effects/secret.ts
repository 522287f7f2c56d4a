// `secret`: slots made, written, read and erased (docs/host-api.md H-27). Rule: a value crosses the border only for `write`
// and `read`.

import type { Answers, EffectBody } from "coffre-engine";
import { RefusedEffect } from "../../../../host-loop/src/index.ts";
import type { HashedBytes } from "../hashed-bytes.ts";
import type { Slots } from "../slots.ts";

/** Carries out a `secret` effect. `hashed` forgets what was hashed under a slot that gets another key. */
export function keepSecret(
  slots: Slots,
  hashed: HashedBytes,
  effect: EffectBody & { kind: "secret" },
): Answers["secret"] {
  const { op, slot, storage } = effect;
  switch (op) {
    case "make":
      slots.make(slot, storage);
      return { kind: "done" };
    case "write": {
      if (effect.bytes === undefined) throw new RefusedEffect("expected bytes to write");
      slots.write(slot, storage, Buffer.from(effect.bytes, "base64"));
      hashed.forget(slot);
      return { kind: "done" };
    }
    case "read": {
      const bytes = slots.read(slot, storage);
      return bytes === null ? { kind: "absent" } : { kind: "done", bytes: bytes.toString("base64") };
    }
    case "erase":
      hashed.forget(slot);
      slots.erase(slot, storage);
      return { kind: "done" };
  }
}
