// Rules about who imports whom, across workspaces and inside them.

import { posix } from "node:path";
import { allows, HEADING, type ImportRow, parseImportTable, rowFor } from "./import-table.ts";
import { fileRule, type Rule, sample } from "./rule.ts";
import { importsOf } from "./script-text.ts";
import { isScript, isTest, type TreeFile } from "./source-tree.ts";

/** A direction inside a workspace, where relative imports are otherwise free. Tests may import everything. */
interface InnerRule {
  readonly sentence: string;
  /** Whether the file at `from` breaks the rule by importing the file at `to`. */
  readonly breaks: (from: string, to: string) => boolean;
  readonly bad: TreeFile;
  readonly good: TreeFile;
}

const INNER_RULES: readonly InnerRule[] = [
  {
    sentence: "the server's domain imports nothing of the server but itself",
    breaks: (from, to) => below(from, "server/src/domain") && !below(to, "server/src/domain"),
    bad: sample("server/src/domain/blobs.ts", 'import { answer } from "../routes/blobs.ts";'),
    good: sample("server/src/domain/blobs.ts", 'import { lease } from "./leases.ts";'),
  },
  {
    sentence: "the server's routes and domain never name a driver; only main.ts, drivers and commands do",
    breaks: (from, to) =>
      below(to, "server/src/drivers") && !/^server\/src\/(?:main\.ts$|drivers\/|commands\/)/.test(from),
    bad: sample("server/src/routes/blobs.ts", 'import { openSqlite } from "../drivers/sqlite.ts";'),
    good: sample("server/src/main.ts", 'import { openSqlite } from "./drivers/sqlite.ts";'),
  },
  {
    sentence: "the engine's reference of the byte plane stays out of the bundle: only the reference imports it",
    breaks: (from, to) => below(to, "engine/src/reference") && !below(from, "engine/src/reference"),
    bad: sample("engine/src/index.ts", 'export { seal } from "./reference/seal.ts";'),
    good: sample("engine/src/reference/index.ts", 'export { seal } from "./seal.ts";'),
  },
  {
    sentence: "the server suite is a package of its own: its sources import nothing of the checkout but themselves",
    breaks: (from, to) => below(from, "conformance-tests/server/src") && !below(to, "conformance-tests/server/src"),
    bad: sample("conformance-tests/server/src/run.ts", 'import { seal } from "../../scripted-host/seal.ts";'),
    good: sample("conformance-tests/server/src/run.ts", 'import { Client } from "./wire/client.ts";'),
  },
];

/** Whether `path` lies in `folder`. */
function below(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** Whether the table must say what the file at `path` may import: all code that ships, and the conformance tests. */
function mustHaveRow(path: string): boolean {
  if (isTest(path) || path.startsWith("conformance-tests/house-rules/")) return false;
  return /^[^/]+\/src\//.test(path) || path.startsWith("conformance-tests/");
}

/** What `specifier` in the file at `path` names: a path from the root, or the package as written. */
export function resolveImport(path: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;
}

/** What is wrong with the imports of `file` by the table `rows`. */
function findForbidden(rows: readonly ImportRow[], file: TreeFile): readonly string[] {
  const row = rowFor(rows, file.path);
  if (row === null) {
    return mustHaveRow(file.path) ? [`${file.path}: no row of the table covers it`] : [];
  }
  const workspace = `${file.path.split("/")[0]}/`;
  return importsOf(file.text)
    .map((specifier) => ({ specifier, name: resolveImport(file.path, specifier) }))
    .filter(({ specifier, name }) => !(specifier.startsWith(".") && name.startsWith(workspace)))
    .filter(({ name }) => !allows(row, name))
    .map(({ specifier }) => `${file.path}: imports ${specifier}, which ${row.folder} may not`);
}

const SAMPLE_TABLE = sample(
  "ARCHITECTURE.md",
  [
    `## ${HEADING}`,
    "| from | may import |",
    "|---|---|",
    "| `engine/src` | (nothing) |",
    "| `engine/src/crypto` | `@noble/*`, `@scure/bip39/wordlists/*` |",
    "| cli/src | coffre-engine, node:* |",
    "| conformance-tests/simulation | server/src, node:* |",
    "## Next",
    "| server/src | everything |",
  ].join("\n"),
);

const withTable = (path: string, text: string): readonly TreeFile[] => [SAMPLE_TABLE, sample(path, text)];

export const IMPORT_RULES: readonly Rule[] = [
  {
    sentence: `every import is allowed by the table "${HEADING}" of ARCHITECTURE.md`,
    find: (files) => {
      const document = files.find(({ path }) => path === "ARCHITECTURE.md");
      if (document === undefined) return ["ARCHITECTURE.md does not exist"];
      const rows = parseImportTable(document.text);
      if (rows === null) return [`ARCHITECTURE.md has no table under a heading "${HEADING}"`];
      return files.filter(({ path }) => isScript(path)).flatMap((file) => findForbidden(rows, file));
    },
    bad: [
      [],
      [sample("ARCHITECTURE.md", "# Architecture\n")],
      withTable("engine/src/format/record.ts", 'import { encode } from "cborg";'),
      withTable("engine/src/plan.ts", 'import type { Buffer } from "node:buffer";'),
      withTable("engine/src/crypto/words.ts", 'import { mnemonicToSeed } from "@scure/bip39";'),
      withTable("cli/src/main.ts", 'const server = await import("coffre-server");'),
      withTable("cli/src/main.ts", 'import "../../server/src/main.ts";'),
      withTable("server/src/main.ts", 'import fastify from "fastify";'),
    ],
    good: [
      withTable("engine/src/crypto/hash.ts", 'import { sha256 } from "@noble/hashes/sha2.js";'),
      withTable("cli/src/main.ts", 'import { readFile } from "node:fs/promises";\nimport { a } from "./a.ts";'),
      withTable("cli/src/main.ts", 'import { planBytes } from "coffre-engine/reference";'),
      withTable("conformance-tests/simulation/run.ts", 'import { app } from "../../server/src/app.ts";'),
      withTable("engine/src/plan.ts", "// import { encode } from 'cborg';\nconst text = `import 'cborg'`;"),
      withTable("vitest.config.ts", 'import { defineConfig } from "vitest/config";'),
    ],
  },
  ...INNER_RULES.map(({ sentence, breaks, bad, good }) =>
    fileRule({
      sentence,
      appliesTo: (path) => isScript(path) && !isTest(path) && path.includes("/src/"),
      find: ({ path, text }) =>
        importsOf(text).filter(
          (specifier) => specifier.startsWith(".") && breaks(path, resolveImport(path, specifier)),
        ),
      bad: [bad],
      good: [good],
    }),
  ),
];
