// What the page and the worker of the engine say to each other. Rule: names of things of a vault are text and never markup; keys
// and passphrases go one way only.

import type { Ask, View } from "coffre-engine";
import type { Ended } from "../../../host-loop/src/index.ts";

/** What the page asks of the worker. */
export type Call =
  /** Asks the engine. `passphrase` is what was typed for it. */
  | { readonly kind: "ask"; readonly ask: Ask; readonly passphrase?: string }
  /** Opens a place to restore into; the result is its locator. */
  | { readonly kind: "open-basket"; readonly as: "file" | "zip" }
  | { readonly kind: "open-folder"; readonly folder: FileSystemDirectoryHandle }
  /** The files of a basket, whole and on the disk. */
  | { readonly kind: "take-files"; readonly locator: string }
  /** The files of a basket as one zip. */
  | { readonly kind: "take-zip"; readonly locator: string }
  /** Forgets a place, and removes its files. */
  | { readonly kind: "close-place"; readonly locator: string }
  /** Overwrites the keys, and removes all work files. */
  | { readonly kind: "lock" };

export interface CallMessage {
  readonly id: number;
  readonly call: Call;
}

/** What a call gives. */
export type Reply =
  | { readonly kind: "ended"; readonly ended: Ended }
  | { readonly kind: "locator"; readonly locator: string }
  | { readonly kind: "files"; readonly files: readonly { readonly name: string; readonly file: File }[] }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly code: string };

export type WorkerMessage =
  /** The engine and its database are there; `hasStorage` is false where files cannot be kept on the disk. */
  | { readonly kind: "ready"; readonly hasStorage: boolean; readonly elapsedMs: number }
  | { readonly kind: "view"; readonly view: View }
  | { readonly kind: "fault"; readonly code: string }
  | { readonly kind: "reply"; readonly id: number; readonly reply: Reply };
