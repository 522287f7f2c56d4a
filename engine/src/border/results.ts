/**
 * How asks end: the view `result` of docs/host-api.md §5. Rule: as in `views.ts`.
 */

import type { BackupMode } from "./asks.ts";
import type { DamagedFile, DeviceProgress, RootView, ShutOutView, StatusCounts, WaitingFileView } from "./views.ts";

/** How an ask ended. `code` is null when the outcome is `ok`. */
export type Result =
  | {
      readonly kind: "result";
      readonly ask: "backup";
      /** That of the ask that this is the end of. */
      readonly mode: BackupMode;
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
      readonly counts: StatusCounts;
      /** A sample of what waits, at most 100. */
      readonly files: readonly WaitingFileView[];
      readonly bytesRead: number;
      readonly bytesSent: number;
      readonly blobsSent: number;
      readonly requests: number;
    }
  | {
      readonly kind: "result";
      readonly ask: "restore";
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
      readonly filesRestored: number;
      readonly bytesRestored: number;
      readonly filesFailed: number;
      readonly filesSkipped: number;
      readonly requests: number;
    }
  | {
      readonly kind: "result";
      readonly ask: "export";
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
      /** What the file holds. */
      readonly records: number;
      readonly blobs: number;
      readonly sizeBytes: number;
      readonly requests: number;
    }
  | {
      readonly kind: "result";
      readonly ask: "evidence";
      readonly outcome: "ok";
      readonly code: null;
      readonly known: readonly string[];
    }
  | {
      readonly kind: "result";
      readonly ask: "join";
      readonly outcome: "ok" | "failed";
      readonly code: string | null;
      /** What this machine is called in the vault, once it is paired: with a number where the name was taken. */
      readonly deviceName?: string;
    }
  | {
      readonly kind: "result";
      readonly ask: "devices";
      readonly outcome: "ok" | "failed";
      readonly code: string | null;
      readonly devices: readonly DeviceProgress[];
    }
  | {
      readonly kind: "result";
      readonly ask: "verify";
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
      /** Blobs that were asked about, or files that were fetched and compared. */
      readonly checked: number;
      /** Of how many. */
      readonly of: number;
      /** Those that are gone or altered: the next backup sends them anew. */
      readonly bad: number;
      /** In how many of 1,000 cases the loss of one in a hundred would have been seen. */
      readonly seenPermille: number;
      /** Files that are hit, at most 200. */
      readonly files: readonly DamagedFile[];
    }
  | {
      readonly kind: "result";
      readonly ask: "drill";
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
      /** Files that were fetched, of how many. */
      readonly checked: number;
      readonly of: number;
      /** Those that could not be had. */
      readonly bad: number;
      /** Those that came whole, and are another here by now. */
      readonly differing: number;
      readonly files: readonly DamagedFile[];
      /** The blobs that the bad ones needed, for `drilled`. */
      readonly blobs: readonly string[];
    }
  | {
      readonly kind: "result";
      readonly ask: "begin-second-factor";
      readonly outcome: "ok" | "failed";
      readonly code: string | null;
      /** For an authenticator, typed; base32. */
      readonly secret?: string;
      /** The same as an address, for a picture that the authenticator scans. */
      readonly uri?: string;
      /** Codes that replace the authenticator, one use each. */
      readonly recoveryCodes?: readonly string[];
    }
  | {
      readonly kind: "result";
      readonly ask: "rename-device" | "revoke-device";
      readonly outcome: "ok" | "failed";
      readonly code: string | null;
      /** Its id. */
      readonly device?: string;
      /** Its name now. */
      readonly deviceName?: string;
      /** The last of its records that counts, once it is revoked. */
      readonly revokedAfter?: number;
    }
  | {
      readonly kind: "result";
      readonly ask: "shut-out";
      readonly outcome: "ok" | "failed";
      readonly code: string | null;
      readonly choices: readonly ShutOutView[];
    }
  | {
      readonly kind: "result";
      readonly ask:
        | "create"
        | "set-server"
        | "add-root"
        | "remove-root"
        | "believe-gone"
        | "set"
        | "rotate"
        | "drilled"
        | "learn"
        | "change-passphrase"
        | "renew-words"
        | "confirm-second-factor"
        | "remove-second-factor"
        | "open-vault"
        | "list"
        | "stop";
      readonly outcome: "ok" | "waiting" | "failed";
      readonly code: string | null;
    }
  | {
      readonly kind: "result";
      readonly ask: "roots";
      readonly outcome: "ok";
      readonly code: null;
      readonly roots: readonly RootView[];
    };
