// The web client, as files of a folder that the server is given (docs/web.md). Rule: only what `assets.json` names is served, as
// the headers there say, and each file was compared with its digest when the server began. Nothing here knows what the pages do.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { Check } from "typebox/value";
import type { App } from "./app.ts";

const MANIFEST = "assets.json";
/** A name in `assets/`, or a page beside it. */
const PATH = "^/(?:assets/)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$";

const Manifest = Type.Object({
  form: Type.Literal(1),
  headers: Type.Record(Type.String({ pattern: "^[a-z-]{1,64}$" }), Type.String({ maxLength: 4096 })),
  pages: Type.Array(Type.String({ pattern: "^/(?:[a-z-]{1,32}(?:/\\*)?)?$" }), { maxItems: 64 }),
  index: Type.String({ pattern: PATH }),
  files: Type.Array(
    Type.Object({
      path: Type.String({ pattern: PATH }),
      type: Type.String({ maxLength: 128 }),
      cache: Type.String({ maxLength: 128 }),
      sha384: Type.String({ pattern: "^[A-Za-z0-9+/]{64}$" }),
    }),
    { maxItems: 512 },
  ),
});

/** A built client that was found whole. */
export type WebClient = { readonly folder: string; readonly manifest: Type.Static<typeof Manifest> };

/** Why no client is served: nothing is built there, or what is there is not what its `assets.json` says. */
export type WebAbsence = { readonly kind: "absent" } | { readonly kind: "damaged"; readonly what: string };

/** Reads the client in `folder`, and compares each of its files. */
export async function openWebClient(folder: string): Promise<WebClient | WebAbsence> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), "utf8");
  } catch {
    return { kind: "absent" };
  }
  const manifest = parseManifest(text);
  if (manifest === null) return { kind: "damaged", what: MANIFEST };
  for (const { path, sha384 } of manifest.files) {
    const bytes = await readFile(join(folder, path)).catch(() => null);
    const digest = bytes === null ? null : createHash("sha384").update(bytes).digest("base64");
    if (digest !== sha384) return { kind: "damaged", what: path };
  }
  return { folder, manifest };
}

/** Registers a route for each file and each address of a page. */
export async function registerWeb(app: App, { folder, manifest }: WebClient): Promise<void> {
  const { default: serveFiles } = await import("@fastify/static");
  await app.register(serveFiles, { root: folder, serve: false, preCompressed: true, cacheControl: false, etag: true });
  const { headers, files, pages, index } = manifest;
  const send = (reply: FastifyReply, path: string): FastifyReply => {
    const file = files.find((each) => each.path === path);
    if (file === undefined) return reply.callNotFound() as unknown as FastifyReply;
    // What P-7 says of the protocol's answers was set already; a page has a policy of its own.
    reply.headers(headers).header("cache-control", file.cache).type(file.type);
    return reply.sendFile(path.slice(1));
  };
  for (const { path } of files) {
    if (path === index) continue;
    app.get(path, { schema: { hide: true } }, (_request, reply) => send(reply, path));
  }
  for (const path of pages) app.get(path, { schema: { hide: true } }, (_request, reply) => send(reply, index));
}

function parseManifest(text: string): WebClient["manifest"] | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Check(Manifest, read)) return null;
  return read.files.some(({ path }) => path === read.index) ? read : null;
}
