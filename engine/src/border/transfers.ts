/**
 * What the engine has its host exchange with a server: `upload`, `download` and `request` of docs/host-api.md §3.
 * Rule: as in `effects.ts`.
 */

/** A server, as effects name it. */
export interface ServerAddress {
  /** Where it is reached. @unit origin: scheme, host and port */
  readonly url: string;
  /** The one key that the connection may have (H-10); absent: system trust. @unit hex SHA-256 of the SPKI */
  readonly pin?: string;
}

/** A key and a context, for sealing or opening. */
export interface SealUnder {
  /** The slot of the key. @unit slot */
  readonly slot: string;
  /** The context (F-20); `{digest}` stands for the part's keyed digest. @unit context */
  readonly context: string;
}

/** A part that is read from a file. */
export interface FilePart {
  /** Which of `roots`. @unit index */
  readonly root: number;
  /** The file, below the root. @unit path */
  readonly path: string;
  /** Where the part begins in the file. @unit bytes */
  readonly offset: number;
  /** How much is read. @unit bytes */
  readonly length: number;
  /** The keyed digest that the read bytes must have. @unit hex HMAC-SHA-256 */
  readonly digest: string;
  /** Which of `seals` seals the part; absent: it goes as it is. @unit index */
  readonly seal?: number;
}

/** A part whose bytes stand here. */
export interface InlinePart {
  /** The part. @unit base64 */
  readonly bytes: string;
  /** As above. @unit index */
  readonly seal?: number;
}

/** A part of zeros. */
export interface ZeroPart {
  /** How many zeros. @unit bytes */
  readonly zeros: number;
  /** As above. @unit index */
  readonly seal?: number;
}

export type UploadPart = FilePart | InlinePart | ZeroPart;

/** A piece of the body that its sender may ask the server about later. */
export interface AuditQuestion {
  /** The piece, counted from the body's beginning in steps of 65,536 bytes; the last one is shorter. @unit index */
  readonly piece: number;
  /** What is hashed before the piece. @unit base64, 16 bytes */
  readonly nonce: string;
}

/** Builds a body out of parts, then sends it. */
export interface Upload {
  readonly kind: "upload";
  /** Where to. */
  readonly server: ServerAddress;
  /** Always this method. */
  readonly method: "PUT";
  /** The path of the URL; `{sha256}` in it stands for the body's SHA-256. @unit URL path, begins with `/` */
  readonly path: string;
  /** The token for `Authorization`. @unit token */
  readonly bearer?: string;
  /** The roots that parts name. @unit locators */
  readonly roots: readonly string[];
  /** The seals that parts name. */
  readonly seals: readonly SealUnder[];
  /** The slot of the dedup key; null when no part is of a file. @unit slot */
  readonly key: string | null;
  /** The body, in order. */
  readonly parts: readonly UploadPart[];
  /** The longest time without any byte moving. @unit ms */
  readonly timeoutMs: number;
  /** The body's pace; absent: as fast as it goes. @unit bytes/s, 1 or more */
  readonly rateBytesPerS?: number;
  /** Questions about the body, which the answer answers; at most 8. */
  readonly audits?: readonly AuditQuestion[];
}

/** A place for opened bytes. */
export interface WritePlace {
  /** Which of `roots`. @unit index */
  readonly root: number;
  /** The file, below the root. @unit path */
  readonly path: string;
  /** Where the bytes go in the file. @unit bytes */
  readonly offset: number;
}

/** A part of what is downloaded. */
export interface DownloadPart {
  /** Where it begins in the whole resource. @unit bytes */
  readonly offset: number;
  /** Its sealed length; null: to the end of the resource. @unit bytes */
  readonly length: number | null;
  /** Which of `seals` opens it; absent: it is taken as it is (H-37). @unit index */
  readonly seal?: number;
  /** Where the opened bytes go: into the answer, or into files. */
  readonly to: "answer" | readonly WritePlace[];
}

/** Fetches a resource, opens parts of it, and writes or returns them. */
export interface Download {
  readonly kind: "download";
  /** Where from. */
  readonly server: ServerAddress;
  /** The path of the URL. @unit URL path, begins with `/` */
  readonly path: string;
  /** The token for `Authorization`. @unit token */
  readonly bearer?: string;
  /** The stretch to ask for; absent: the whole resource. @unit bytes, [from, to exclusive] */
  readonly range?: readonly [from: number, toExclusive: number];
  /** The SHA-256 to compare the whole resource with. @unit hex SHA-256 */
  readonly sha256: string | null;
  /** A longer body is `too-large`. @unit bytes, at most 67,108,864 */
  readonly maxBytes: number;
  /** The slot of the dedup key, for contexts that name a content (H-32). @unit slot */
  readonly key: string | null;
  /** The seals that parts name. */
  readonly seals: readonly SealUnder[];
  /** The roots that places name. @unit locators */
  readonly roots: readonly string[];
  /** The parts to open. */
  readonly parts: readonly DownloadPart[];
  /** The longest time without any byte moving. @unit ms */
  readonly timeoutMs: number;
}

/** One small exchange with a server. */
export interface Request {
  readonly kind: "request";
  /** Where to. */
  readonly server: ServerAddress;
  /** The method. */
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path of the URL. @unit URL path, begins with `/` */
  readonly path: string;
  /** The token for `Authorization`. @unit token */
  readonly bearer?: string;
  /** The body; absent: none. @unit JSON */
  readonly json?: unknown;
  /** The longest time without any byte moving. @unit ms */
  readonly timeoutMs: number;
}
