// Many files as one zip, written into the work folder piece by piece. Rule: nothing is held in memory but the piece under way.

import { downloadZip } from "client-zip";
import type { Basket } from "./places.ts";
import { UnsupportedEffect } from "./slots.ts";
import type { WorkFolder } from "./work-folder.ts";

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
    if (failure !== null) throw new Error(failure);
    at += read.value.length;
  }
  const file = await work.read(path, at);
  if (file === null) throw new Error("expected the zip that was written");
  return { name: "coffre.zip", file };
}
