// The built web client on this machine's disk. Rule: only what `assets.json` names is given out, and only when every file is the one
// that was built.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailed } from "../command-end.ts";
import { say } from "../language.ts";

/** Where a checkout has the built client. */
export const BUILT_PAGES = fileURLToPath(new URL("../../../web/dist", import.meta.url));

/** A file, as it is answered. */
export interface PageFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** The files of the client by their addresses. */
export class BuiltPages {
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #pages: readonly string[];
  readonly #index: string;

  private constructor(files: ReadonlyMap<string, PageFile>, pages: readonly string[], index: string) {
    this.#files = files;
    this.#pages = pages;
    this.#index = index;
  }

  /** Reads all of it. CommandFailed when it is not built, or not what was built. */
  static open(folder: string): BuiltPages {
    let text: string;
    try {
      text = readFileSync(join(folder, "assets.json"), "utf8");
    } catch {
      throw new CommandFailed("host-error", say("web", "absent"));
    }
    const manifest = parseManifest(text);
    if (manifest === null) throw damaged("assets.json");
    const files = new Map<string, PageFile>();
    for (const { path, type, cache, sha384 } of manifest.files) {
      const bytes = readOrNull(join(folder, path));
      if (bytes === null || createHash("sha384").update(bytes).digest("base64") !== sha384) throw damaged(path);
      files.set(path, { bytes, headers: { ...manifest.headers, "cache-control": cache, "content-type": type } });
    }
    if (!files.has(manifest.index)) throw damaged(manifest.index);
    return new BuiltPages(files, manifest.pages, manifest.index);
  }

  /** What is answered at an address; null when nothing is. */
  find(path: string): PageFile | null {
    const isPage = this.#pages.some((page) =>
      page.endsWith("*") ? path.startsWith(page.slice(0, -1)) : path === page,
    );
    return this.#files.get(isPage ? this.#index : path) ?? null;
  }
}

interface Manifest {
  readonly headers: Readonly<Record<string, string>>;
  readonly pages: readonly string[];
  readonly index: string;
  readonly files: readonly {
    readonly path: string;
    readonly type: string;
    readonly cache: string;
    readonly sha384: string;
  }[];
}

const PATH = /^\/(?:assets\/)?[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

/** The manifest in a text, or null when it is none. */
export function parseManifest(text: string): Manifest | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== "object" || read === null) return null;
  const { form, headers, pages, index, files } = read as Readonly<Record<string, unknown>>;
  if (form !== 1 || typeof index !== "string" || !isTexts(pages) || !Array.isArray(files)) return null;
  if (typeof headers !== "object" || headers === null || !isTexts(Object.values(headers))) return null;
  for (const file of files as unknown[]) {
    if (typeof file !== "object" || file === null) return null;
    const { path, type, cache, sha384 } = file as Readonly<Record<string, unknown>>;
    if (!isTexts([path, type, cache, sha384]) || !PATH.test(String(path))) return null;
  }
  return read as Manifest;
}

function isTexts(values: unknown): values is readonly string[] {
  return Array.isArray(values) && values.every((value) => typeof value === "string");
}

function readOrNull(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

function damaged(file: string): CommandFailed {
  return new CommandFailed("host-error", say("web", "damaged", { file }));
}
