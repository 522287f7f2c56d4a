// One input's way to the server and back, measured. Rule: real processes, each measured by the kernel's own figures; time is
// from the command's start to its end, key derivation and start-up included.

import { closeSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Usage } from "../../conformance-tests/end-to-end/child.ts";
import { type ClientEnd, readCount } from "../../conformance-tests/end-to-end/client-process.ts";
import { removeScratchFolder } from "../../conformance-tests/end-to-end/scratch-folder.ts";
import { compareTrees, pictureTree, walkTree } from "../../conformance-tests/end-to-end/tree-picture.ts";
import { measureFolder } from "./canaries.ts";
import type { Input } from "./inputs.ts";
import { readProcessUsage } from "./process-usage.ts";
import { Vault } from "./vault.ts";

/** One row of the table; null where something is not measured. */
export type Row = {
  readonly what: string;
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly requests: number | null;
  readonly client: Usage | null;
  /** Processor time is that of this row; the peak is the process's until now. */
  readonly server: Usage | null;
  readonly storedBytes: number | null;
  /** How many entries came back otherwise than they went. */
  readonly differences: number | null;
};

export type Course = { readonly name: string; readonly isRescanned: boolean; readonly isRestored: boolean };

const WRITE_BYTES = 8_388_608;

/** Backs `input` up to a server of its own in `folder`, backs it up once more, and restores it, as `course` says. */
export async function measureCourse(folder: string, input: Input, course: Course): Promise<readonly Row[]> {
  mkdirSync(folder);
  const vault = await Vault.create(folder);
  const rows: Row[] = [];
  const measure = async (what: string, run: () => Promise<ClientEnd>): Promise<Row> => {
    const before = readProcessUsage(vault.server.id);
    const end = await run();
    const after = readProcessUsage(vault.server.id);
    const row: Row = {
      what: `${course.name}: ${what}`,
      files: input.files,
      bytes: input.bytes,
      seconds: end.elapsedMs / 1000,
      requests: readCount(end, "requests"),
      client: end.usage,
      server: { peakBytes: after.peakBytes, cpuSeconds: after.cpuSeconds - before.cpuSeconds },
      storedBytes: null,
      differences: null,
    };
    rows.push(row);
    return row;
  };
  await vault.run(["add", input.folder, "--name", "input"]);
  await measure("backup", () => vault.run(["backup"]));
  const storedBytes = measureFolder(vault.data, "blobs");
  rows.splice(-1, 1, ...rows.slice(-1).map((row) => ({ ...row, storedBytes })));
  if (course.isRescanned) await measure("unchanged", () => vault.run(["backup"]));
  if (course.isRestored) {
    const target = join(folder, "restored");
    await measure("restore", () => vault.restore({ target }));
    const differences = compareTrees(pictureTree(input.folder), pictureTree(join(target, "input"))).length;
    rows.splice(-1, 1, ...rows.slice(-1).map((row) => ({ ...row, differences })));
  }
  await vault.stop();
  removeScratchFolder(folder);
  return rows;
}

/** The straw man: the same bytes read and written one after the other, fsynced every 8 MiB, without anything else. */
export function measureStrawMan(folder: string, input: Input): Row {
  mkdirSync(folder);
  const buffer = Buffer.alloc(WRITE_BYTES);
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const out = openSync(join(folder, "straw"), "w");
  let unsynced = 0;
  for (const path of walkTree(input.folder)) {
    const file = openSync(Buffer.concat([Buffer.from(`${input.folder}/`), path]), "r");
    for (let read = readFile(file, buffer); read > 0; read = readFile(file, buffer)) {
      writeSync(out, buffer, 0, read);
      unsynced += read;
      if (unsynced >= WRITE_BYTES) {
        fsyncSync(out);
        unsynced = 0;
      }
    }
    closeSync(file);
  }
  fsyncSync(out);
  closeSync(out);
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  removeScratchFolder(folder);
  const { files, bytes } = input;
  const client = { peakBytes: process.memoryUsage().rss, cpuSeconds: (user + system) / 1e6 };
  const nothing = { requests: null, server: null, storedBytes: bytes, differences: null };
  return { what: "straw man: read, write, fsync", files, bytes, seconds, client, ...nothing };
}

/** Up to a buffer of the file's next bytes; 0 at its end, and for a folder. */
function readFile(file: number, buffer: Buffer): number {
  try {
    return readSync(file, buffer);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EISDIR") return 0;
    throw error;
  }
}
