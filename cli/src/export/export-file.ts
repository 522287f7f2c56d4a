// An export as its names and sums describe it (docs/format.md 12). Rule: a member counts as whole only when it has the SHA-256 that
// SHA256SUMS, or for a blob its own name, says; what is not whole is named once, and may still be looked into.

import { createHash } from "node:crypto";
import { describeVault, type VaultDescription } from "coffre-engine";
import { CommandFailed } from "../command-end.ts";
import { errnoOf } from "../host/system-error.ts";
import { say } from "../language.ts";
import { showName } from "../printable.ts";
import { TarFile, type TarMember } from "./tar-file.ts";

/** What is wrong with a file, or with one member. */
export interface ExportFault {
  readonly code: "export-altered" | "export-cut" | "export-lacks" | "export-stranger";
  /** The member's name, or the place in the file. */
  readonly member: string;
}

/** What is there of one device, by number. */
export interface ExportedLog {
  readonly epochs: Map<number, TarMember>;
  readonly records: Map<number, TarMember>;
  readonly receipts: Map<number, TarMember>;
}

const SUMS = "SHA256SUMS";
const ALONE: ReadonlySet<string> = new Set(["README.txt", "vault-object", "roster", "server-key"]);
const LOG_NAME = /^devices\/([0-9a-f]{64})\/(epochs|records|receipts)\/([1-9][0-9]{0,15})$/;
const BLOB_NAME = /^blobs\/([0-9a-f]{64})$/;
const SUM_LINE = /^([0-9a-f]{64}) {2}(.{1,100})$/;
const MOST_SMALL_BYTES = 16 * 1024 * 1024;

/** An open export. */
export class ExportFile {
  readonly logs = new Map<string, ExportedLog>();
  readonly blobs = new Map<string, TarMember>();
  readonly vaultObject: Buffer;
  readonly roster: Buffer;
  readonly serverKey: Buffer;
  readonly description: VaultDescription;
  readonly #tar: TarFile;
  readonly #onFault: (fault: ExportFault) => void;
  readonly #alone = new Map<string, TarMember>();
  readonly #sums = new Map<string, string>();
  /** By name: whether the member was found whole. */
  readonly #judged = new Map<string, boolean>();
  faults = 0;

  /** Opens `path`; `onFault` is told what is wrong with it, once each. A CommandFailed when it is no export, or cannot be read. */
  constructor(path: string, onFault: (fault: ExportFault) => void) {
    this.#onFault = onFault;
    this.#tar = openTar(path);
    try {
      for (const { kind, offset } of this.#tar.faults) {
        const member = say("export", "place", { offset: `${offset}` });
        this.#blame({ code: kind === "cut" ? "export-cut" : "export-altered", member });
      }
      for (const member of this.#tar.members) this.#sort(member);
      this.#readSums();
      const [vaultObject, roster, serverKey] = ["vault-object", "roster", "server-key"].map((name) => this.#must(name));
      this.vaultObject = vaultObject as Buffer;
      this.roster = roster as Buffer;
      this.serverKey = serverKey as Buffer;
      this.description = describeVault(this.vaultObject);
    } catch (error) {
      this.#tar.close();
      throw error instanceof CommandFailed ? error : notAnExport(path);
    }
  }

  /** The bytes of a member, whole or not. */
  read(member: TarMember): Buffer {
    const bytes = this.#tar.read(member);
    this.#judge(member, bytes);
    return bytes;
  }

  /** A stretch of a member, whole or not. */
  readStretch(member: TarMember, from: number, end: number): Buffer {
    return this.#tar.read(member, from, end);
  }

  /** Whether a member has the SHA-256 that it should have; it is read for that once. */
  isWhole(member: TarMember): boolean {
    return this.#judged.get(member.name) ?? this.#judge(member, this.#tar.read(member));
  }

  /** Looks at every member that nobody looked at. */
  checkRest(): void {
    for (const member of this.#tar.members) if (member.name !== SUMS) this.isWhole(member);
  }

  /** Something that tells this export from others. */
  get fingerprint(): string {
    return createHash("sha256")
      .update(JSON.stringify([...this.#sums]))
      .digest("hex");
  }

  close(): void {
    this.#tar.close();
  }

  #judge(member: TarMember, bytes: Buffer): boolean {
    const known = this.#judged.get(member.name);
    if (known !== undefined) return known;
    const sum = BLOB_NAME.exec(member.name)?.[1] ?? this.#sums.get(member.name);
    const isWhole = createHash("sha256").update(bytes).digest("hex") === sum;
    this.#judged.set(member.name, isWhole);
    if (!isWhole && sum !== undefined) this.#blame({ code: "export-altered", member: member.name });
    return isWhole;
  }

  #blame(fault: ExportFault): void {
    this.faults += 1;
    this.#onFault(fault);
  }

  #sort(member: TarMember): void {
    const { name } = member;
    const [, device, kind, number] = LOG_NAME.exec(name) ?? [];
    const blob = BLOB_NAME.exec(name)?.[1];
    if (device !== undefined) {
      const log = this.logs.get(device) ?? { epochs: new Map(), records: new Map(), receipts: new Map() };
      this.logs.set(device, log);
      log[kind as keyof ExportedLog].set(Number(number), member);
    } else if (blob !== undefined) this.blobs.set(blob, member);
    else if (ALONE.has(name) || name === SUMS) this.#alone.set(name, member);
    else this.#blame({ code: "export-stranger", member: name });
  }

  /** Reads the list of sums, and names what it tells of and is not there, and what is there and it does not tell of. */
  #readSums(): void {
    const member = this.#alone.get(SUMS);
    const lines = member === undefined ? [] : this.#tar.read(member).toString("latin1").split("\n");
    if (member !== undefined && lines.pop() !== "") this.#blame({ code: "export-altered", member: SUMS });
    for (const line of lines) {
      const [, sum, name] = SUM_LINE.exec(line) ?? [];
      if (sum === undefined || name === undefined) this.#blame({ code: "export-altered", member: SUMS });
      else this.#sums.set(name, sum);
    }
    if (member === undefined && this.#tar.faults.length === 0) this.#blame({ code: "export-cut", member: SUMS });
    if (member === undefined) return;
    const there = new Set(this.#tar.members.map(({ name }) => name));
    for (const [name, sum] of this.#sums) {
      if (!there.has(name)) this.#blame({ code: "export-lacks", member: name });
      const blob = BLOB_NAME.exec(name)?.[1];
      if (blob !== undefined && blob !== sum) this.#blame({ code: "export-altered", member: SUMS });
    }
    for (const name of there) {
      if (name !== SUMS && !this.#sums.has(name)) this.#blame({ code: "export-altered", member: SUMS });
    }
  }

  #must(name: string): Buffer {
    const member = this.#alone.get(name);
    if (member === undefined || member.sizeBytes > MOST_SMALL_BYTES) throw new Error("a member is missing");
    return this.read(member);
  }
}

function openTar(path: string): TarFile {
  try {
    return new TarFile(path);
  } catch (error) {
    const words = say("export", "unreadable", { file: showName(path), error: errnoOf(error) || "?" });
    throw new CommandFailed("host-error", words);
  }
}

function notAnExport(path: string): CommandFailed {
  return new CommandFailed("user-not-an-export", say("export", "not-an-export", { file: showName(path) }));
}
