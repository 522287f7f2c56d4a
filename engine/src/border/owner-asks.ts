/**
 * What an owner asks who has opened the vault and changes it: a part of docs/host-api.md §4.
 * Rule: as in `asks.ts`.
 */

/** Gives a device of the open vault another name. Role `restore`. */
export interface RenameDevice {
  readonly kind: "rename-device";
  /** The device. @unit its name, its id, or 8 or more digits that its id begins with */
  readonly device: string;
  /** Its name from then on; with a number when another device is called so. @unit text, 1 to 64 bytes */
  readonly name: string;
}

/** Shows what a revocation of a device of the open vault would shut out. Role `restore`. */
export interface ShutOut {
  readonly kind: "shut-out";
  /** The device. @unit its name, its id, or 8 or more digits that its id begins with */
  readonly device: string;
  /** Since when it is out of its owner's hands; absent: a choice of times. @unit ms since 1970 */
  readonly since?: number;
}

/** Revokes a device of the open vault: it is shut out at once, and what it recorded since a time counts no more. Role `restore`. */
export interface RevokeDevice {
  readonly kind: "revoke-device";
  /** The device. @unit its name, its id, or 8 or more digits that its id begins with */
  readonly device: string;
  /** Since when it is out of its owner's hands; absent: all that it recorded counts. @unit ms since 1970 */
  readonly since?: number;
}

/** Asks for a new passphrase, and makes it the open vault's. Role `restore`. */
export interface ChangePassphrase {
  readonly kind: "change-passphrase";
}

/** Makes new recovery words for the open vault, and shows them first (H-33). Role `restore`. */
export interface RenewWords {
  readonly kind: "renew-words";
}

/** Begins to enrol a second factor for logins to the open vault. Role `restore`. */
export interface BeginSecondFactor {
  readonly kind: "begin-second-factor";
}

/** Confirms it: from then on a login needs a code. Role `restore`. */
export interface ConfirmSecondFactor {
  readonly kind: "confirm-second-factor";
  /** A code of the authenticator. @unit text */
  readonly code: string;
}

/** Removes the second factor. Role `restore`. */
export interface RemoveSecondFactor {
  readonly kind: "remove-second-factor";
}

/** A root of this machine, for comparing with. */
export interface DrilledRoot {
  /** Its name. @unit text */
  readonly name: string;
  /** Where it is. @unit locator */
  readonly locator: string;
}

/** Fetches some files of a device as a restore would, writes nothing, and compares with this machine's. Role `restore`. */
export interface Drill {
  readonly kind: "drill";
  /** Whose files. @unit device id */
  readonly device: string;
  /** The roots of this machine. */
  readonly roots: readonly DrilledRoot[];
}

/** Tells a home what a drill found: what lay in bad blobs is sent anew. */
export interface Drilled {
  readonly kind: "drilled";
  /** Files that were fetched. @unit files */
  readonly checked: number;
  /** Of how many. @unit files */
  readonly of: number;
  /** How many were bad. @unit files */
  readonly bad: number;
  /** The blobs that they needed. @unit hex SHA-256 */
  readonly blobs: readonly string[];
}
