// Which suites exist and how they run. Rule: nothing here changes what a test means, only where it is found.

import { defineConfig } from "vitest/config";

/** Slow machines run the same tests: a test that needs longer than this is hung, not slow. */
const TIMEOUT_MS = 120_000;

/** A suite called `name` over the test files below `folder`. */
function project(name: string, folder: string, exclude: readonly string[] = []) {
  return {
    extends: true as const,
    test: { name, include: [`${folder}/**/*.test.ts`], exclude: ["**/node_modules/**", ...exclude] },
  };
}

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: TIMEOUT_MS,
    hookTimeout: TIMEOUT_MS,
    // Programs that tests start speak the language of the machine otherwise.
    env: { LC_ALL: "C.UTF-8" },
    projects: [
      project("engine", "engine/test"),
      project("cli", "cli/test"),
      project("server", "server/test"),
      project("web", "web/test"),
      project("bench", "bench/test"),
      project("scripts", "scripts/test"),
      project("conformance-tests", "conformance-tests", ["conformance-tests/house-rules/**"]),
      project("house-rules", "conformance-tests/house-rules"),
    ],
  },
});
