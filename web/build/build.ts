// `npm run web`: builds the pages into `web/dist`, with what a server must know of them in `assets.json`. Rule: the engine's script
// is the one that every host loads, byte for byte, and each file is named with its digest.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "vite";
import { bundleEngine } from "../../engine/bundle.ts";
import { CACHE, HEADERS } from "./headers.ts";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(WEB, "dist");
const ENGINE = fileURLToPath(new URL("../../engine/dist/engine.js", import.meta.url));
/** Which addresses the page answers; places are numbers that the tab's memory resolves. */
const PAGE_PATHS = ["/", "/vault/*", "/file/*", "/photos", "/devices", "/account"];
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
/** SQLite's package brings these for uses that are not ours: other threads, and a disk. */
const UNUSED = /^sqlite3-(?:worker1|opfs-async-proxy)-/;

/** A file as `assets.json` tells of it. */
interface Asset {
  readonly path: string;
  readonly type: string;
  readonly cache: string;
  readonly sha384: string;
  readonly encodings: readonly ("br" | "gz")[];
}

// React and Vite look there, also when a test calls this.
process.env["NODE_ENV"] = "production";
await mkdir(dirname(ENGINE), { recursive: true });
// Others may be reading it: it is replaced as a whole.
await writeFile(`${ENGINE}.new`, await bundleEngine());
await rename(`${ENGINE}.new`, ENGINE);
await build({ configFile: join(WEB, "vite.config.ts"), logLevel: "warn" });
await nameIntegrity();
await writeManifest();

/** Scripts and styles of the page carry the digest that they must have. */
async function nameIntegrity(): Promise<void> {
  const file = join(DIST, "index.html");
  const html = await readFile(file, "utf8");
  const digests = new Map<string, string>();
  for (const name of await readdir(join(DIST, "assets"))) {
    digests.set(`/assets/${name}`, `sha384-${sha384(await readFile(join(DIST, "assets", name)))}`);
  }
  const named = html.replace(/<(?:script|link)\b[^>]*?(?:src|href)="([^"]+)"/g, (tag, path: string) => {
    const digest = digests.get(path);
    return digest === undefined || tag.includes('rel="icon"') ? tag : `${tag} integrity="${digest}"`;
  });
  await writeFile(file, named);
}

async function writeManifest(): Promise<void> {
  const files: Asset[] = [];
  for (const name of await readdir(join(DIST, "assets"))) {
    if (UNUSED.test(name)) await rm(join(DIST, "assets", name));
    else files.push(await describe(`/assets/${name}`, CACHE.hashed));
  }
  files.push(await describe("/index.html", CACHE.page));
  const manifest = { form: 1, headers: HEADERS, pages: PAGE_PATHS, index: "/index.html", files };
  await writeFile(join(DIST, "assets.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const sizes = await Promise.all(
    files.map(async ({ path }) => `${path} ${(await readFile(`${DIST}${path}.br`)).length}`),
  );
  process.stdout.write(`web/dist, bytes in brotli:\n${sizes.join("\n")}\n`);
}

/** Describes a file, and puts its compressed forms beside it. */
async function describe(path: string, cache: string): Promise<Asset> {
  const bytes = await readFile(join(DIST, path));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(join(DIST, `${path}.br`), await promisify(brotliCompress)(bytes, { params }));
  await writeFile(join(DIST, `${path}.gz`), await promisify(gzip)(bytes, { level: 9 }));
  const type = TYPES[extname(path)];
  if (type === undefined) throw new Error(`expected a known type of file: ${extname(path)}`);
  return { path, type, cache, sha384: sha384(bytes), encodings: ["br", "gz"] };
}

function sha384(bytes: Buffer): string {
  return createHash("sha384").update(bytes).digest("base64");
}
