// Many files as one zip, written into the work folder piece by piece. Rule: nothing is held in memory but the piece under way.

import { downloadZip } from "client-zip";
import type { Basket } from "./places.ts";
import { UnsupportedEffect } from "./slots.ts";
import type { WorkFolder, WriteFailure } from "./work-folder.ts";

/** The zip could not be written. */
export class ZipFailed extends Error {
  override readonly name = "ZipFailed";
  readonly failure: WriteFailure;

  constructor(failure: WriteFailure) {
    super(failure);
    this.failure = failure;
  }
}

/** The zip of a basket's files, as a file that is whole. */
export async function writeZip(
  work: WorkFolder,
  basket: Basket,
  locator: string,
): Promise<{ readonly name: string; readonly file: File }> {
  const path = `zip ${locator}`;
  const entries = basket.files.map(({ name, file, modifiedMs }) => ({
    name,
    input: file,
    lastModified: new Date(modifiedMs),
  }));
  const stream = downloadZip(entries).body;
  if (stream === null) throw new UnsupportedEffect("expected a browser that streams");
  await work.create(path);
  const reader = stream.getReader();
  let at = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const failure = await work.write(path, at, read.value as Uint8Array<ArrayBuffer>);
    if (failure !== null) throw new ZipFailed(failure);
    at += read.value.length;
  }
  // The zip holds them now; both would take twice the room.
  await basket.empty(work);
  const file = await work.read(path, at);
  if (file === null) throw new Error("expected the zip that was written");
  return { name: "coffre.zip", file };
}
