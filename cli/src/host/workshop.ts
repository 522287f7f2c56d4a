// Which file carries out which effect (docs/host-api.md §3). Rule: nothing is decided here.

import type { Answer, Effect } from "coffre-engine";
import { Lane } from "../../../host-loop/src/index.ts";
import { BodyBuffers } from "./body-buffers.ts";
import { Connections } from "./connections.ts";
import { deriveSecret } from "./effects/derive.ts";
import { downloadParts } from "./effects/download.ts";
import { finishFiles } from "./effects/finish-file.ts";
import { hashFiles } from "./effects/hash.ts";
import { sendRequest } from "./effects/request.ts";
import { scanFolders } from "./effects/scan.ts";
import { openLiteral, sealLiteral } from "./effects/seal.ts";
import { keepSecret } from "./effects/secret.ts";
import { uploadBody } from "./effects/upload.ts";
import type { LocalServer } from "./exchange.ts";
import { FolderListings } from "./folder-listings.ts";
import { HashedBytes } from "./hashed-bytes.ts";
import type { PassphraseSource } from "./passphrase-source.ts";
import { Slots } from "./slots.ts";

/** What effects work with, for as long as a command runs. */
export class Workshop {
  readonly slots: Slots;
  readonly connections: Connections;
  readonly buffers = new BodyBuffers();
  readonly hashed = new HashedBytes();
  readonly lane = new Lane();
  readonly #listings = new FolderListings();
  readonly #passphrases: PassphraseSource;

  /** `local` answers in the place of every server. */
  constructor(keysFile: string, passphrases: PassphraseSource, local: LocalServer | null = null) {
    this.slots = new Slots(keysFile);
    this.connections = new Connections(local);
    this.#passphrases = passphrases;
  }

  /** Carries out one effect; an arrow, because the runtime takes it as a function. */
  readonly carryOut = async (effect: Effect, signal: AbortSignal): Promise<Answer> => {
    switch (effect.kind) {
      case "scan":
        return await scanFolders(this.#listings, effect, signal);
      case "hash":
        return await this.lane.run(() => hashFiles(this.slots, this.hashed, effect, signal));
      case "upload":
        return await uploadBody(this, effect, signal);
      case "download":
        return await downloadParts(this, effect, signal);
      case "seal":
        return sealLiteral(this.slots, effect);
      case "open":
        return openLiteral(this.slots, this.hashed, effect);
      case "finish-file":
        return await finishFiles(effect, signal);
      case "request":
        return await sendRequest(this.connections, effect, signal);
      case "derive":
        return await deriveSecret(this.slots, this.hashed, this.#passphrases, effect);
      case "secret":
        return keepSecret(this.slots, this.hashed, effect);
      case "wake":
      case "show":
      case "watch":
      case "cancel":
        return { kind: "failed", reason: "host-unsupported" };
    }
    // A kind that this host's types know has a case above; a later engine's may come all the same (H-9).
    effect satisfies never;
    return { kind: "failed", reason: "host-unsupported" };
  };

  /** Closes connections and overwrites keys. */
  close(): void {
    this.connections.close();
    this.slots.close();
  }
}
