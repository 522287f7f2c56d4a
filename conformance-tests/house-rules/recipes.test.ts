// The recipes of CONTRIBUTING.md name files that exist.

import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path/posix";
import { expect, test } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const page = readFileSync(new URL("CONTRIBUTING.md", ROOT), "utf8");
const recipes = page.slice(page.indexOf("## Recipes"), page.indexOf("## Decisions"));

test("every file and folder that a recipe names is there", () => {
  const missing: string[] = [];
  let folder = "";
  const named = [...recipes.matchAll(/`(?:node )?([\w.-]+(?:\/[\w.-]+)+|[a-z-]+\.(?:ts|kt|json))`/g)].map(
    (match) => match[1] ?? "",
  );
  for (const name of named) {
    const path = name.includes("/") ? name : `${folder}/${name}`;
    if (!existsSync(new URL(path, ROOT))) missing.push(path);
    if (name.includes("/")) folder = /\.\w+$/.test(name) ? dirname(name) : name;
  }
  expect(named.length).toBeGreaterThan(40);
  expect(missing).toEqual([]);
});
