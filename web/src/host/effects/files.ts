// `scan`, `hash` and `finish-file` over the places of a restore (docs/host-api.md H-20, H-21, H-25). Rule: only what a restore asks
// for; a browser backs nothing up.

import type { Answers, EffectBody, FinishedItem, FinishItem, HashedFile, Stat } from "coffre-engine";
import { checkCancelled, RefusedEffect } from "../../../../host-loop/src/index.ts";
import { type Place, type Places, WORK, workPlace } from "../places.ts";
import { hmac, sha256 } from "../sealing.ts";
import type { Slots } from "../slots.ts";
import type { WorkFolder } from "../work-folder.ts";

/** What these effects work with. */
export interface FileContext {
  readonly slots: Slots;
  readonly work: WorkFolder;
  readonly places: Places;
}

/** Carries out a `scan` effect: whether the target is empty is all that a restore asks. */
export async function scanPlace(
  { places }: FileContext,
  effect: EffectBody & { kind: "scan" },
): Promise<Answers["scan"]> {
  const place = places.find(effect.root);
  if (place === null || (await place.isEmpty())) return { kind: "root-unavailable", reason: "vanished" };
  const stat: Stat = { sizeBytes: 0, mtimeS: 0, mtimeUs: 0, identity: effect.root };
  return { kind: "scanned", identity: effect.root, stat, folders: [{ path: "", entries: [], end: false }] };
}

/** Carries out a `hash` effect. */
export async function hashFiles(
  context: FileContext,
  effect: EffectBody & { kind: "hash" },
  signal: AbortSignal,
): Promise<Answers["hash"]> {
  const key = context.slots.find(effect.key);
  if (key === null) throw new RefusedEffect("expected a slot that is there to hash under");
  const files: HashedFile[] = [];
  for (const { root, path, first, count } of effect.files) {
    const file = await requirePlace(context, root).find(path);
    files.push(
      file === null ? { kind: "vanished" } : await hashFile(file, key, effect.chunkBytes, first, count, signal),
    );
  }
  return { kind: "hashed", files };
}

async function hashFile(
  file: File,
  key: Uint8Array<ArrayBuffer>,
  chunkBytes: number,
  first: number,
  count: number,
  signal: AbortSignal,
): Promise<HashedFile> {
  const digests: string[] = [];
  for (let at = first * chunkBytes; at < file.size && digests.length < count; at += chunkBytes) {
    checkCancelled(signal);
    const chunk = new Uint8Array(await file.slice(at, at + chunkBytes).arrayBuffer());
    digests.push((await hmac(key, await sha256(chunk))).toHex());
  }
  const mtimeS = Math.floor(file.lastModified / 1000);
  const mtimeUs = (file.lastModified - mtimeS * 1000) * 1000;
  const stat = { sizeBytes: file.size, mtimeS, mtimeUs, identity: `${file.size}-${file.lastModified}` };
  return { kind: "ok", stat, digests };
}

/** Carries out a `finish-file` effect. */
export async function finishFiles(
  context: FileContext,
  effect: EffectBody & { kind: "finish-file" },
  signal: AbortSignal,
): Promise<Answers["finish-file"]> {
  const place = requirePlace(context, effect.target);
  const items: FinishedItem[] = [];
  for (const item of effect.items) {
    checkCancelled(signal);
    items.push(await finish(context.work, place, item));
  }
  return { kind: "finished", items };
}

async function finish(work: WorkFolder, place: Place, item: FinishItem): Promise<FinishedItem> {
  switch (item.kind) {
    case "folder":
      return await place.makeFolder(item.path);
    case "folder-times":
      // No browser sets them; the screen has said so.
      return { kind: "ok" };
    case "link":
      return { kind: "refused", reason: "permission" };
    case "discard":
      await work.remove(item.from);
      return { kind: "ok" };
    case "file":
      return await finishFile(work, place, item);
    case "write":
      return await writeBytes(work, item);
  }
}

async function writeBytes(work: WorkFolder, item: FinishItem & { kind: "write" }): Promise<FinishedItem> {
  const bytes = Uint8Array.fromBase64(item.bytes);
  const failure = await work.write(item.to, item.offset, bytes);
  if (failure !== null) return failure === "no-space" ? { kind: "no-space" } : { kind: "refused", reason: failure };
  if (item.ends) await work.end(item.to, item.offset + bytes.length);
  return { kind: "ok" };
}

async function finishFile(work: WorkFolder, place: Place, item: FinishItem & { kind: "file" }): Promise<FinishedItem> {
  const file = item.from === null ? new File([], "") : await work.read(item.from, item.sizeBytes);
  if (file === null || file.size !== item.sizeBytes) return { kind: "refused", reason: "io" };
  const put = await place.put(item, file);
  if (put.kind === "ok" && place.isCopied && item.from !== null) await work.remove(item.from);
  return put;
}

function requirePlace({ places, work }: FileContext, locator: string): Place {
  const place = locator === WORK ? workPlace(work) : places.find(locator);
  if (place === null) throw new RefusedEffect("expected the locator of an open place");
  return place;
}
