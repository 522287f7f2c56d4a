// The APKs once more, from the same sources in another folder. Rule: nothing of the first build is there but what was fetched and the
// key that signs, so whatever is equal hangs on neither folder, time nor order.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runProgram, runTool } from "../run-program.ts";
import { listZip } from "./zip-archive.ts";

/** Builds what lies in `root` in a copy of it and says what came out otherwise than the `apks`, paths below `root`. */
export async function buildElsewhere(root: string, apks: readonly string[]): Promise<readonly string[]> {
  const copy = mkdtempSync(join(tmpdir(), "coffre-again-"));
  try {
    copySources(root, copy);
    const exitCode = await runProgram(process.execPath, [join(copy, "scripts/android.ts")]);
    if (exitCode !== 0) return ["the second build failed, see above"];
    return apks.flatMap((apk) => compareArchives(apk, readFileSync(join(root, apk)), readFileSync(join(copy, apk))));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** In what two archives differ: the files in them by their names, or how they are packed; nothing when they are equal. */
export function compareArchives(name: string, first: Buffer, second: Buffer): readonly string[] {
  if (first.equals(second)) return [];
  const [before, after] = [first, second].map((bytes) => new Map(listZip(bytes).map((one) => [one.name, one.read()])));
  const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  const other = [...names].filter((entry) => {
    const [one, two] = [before?.get(entry), after?.get(entry)];
    return one === undefined || two === undefined || !one.equals(two);
  });
  return [
    `${name} came out otherwise: ${other.length > 0 ? other.slice(0, 10).join(", ") : "how it is packed or signed"}`,
  ];
}

/** All that is not ignored, and the packages of npm by a link. */
function copySources(root: string, copy: string): void {
  const files = runTool("git", ["-C", root, "ls-files", "-z", "-co", "--exclude-standard"]).split("\0");
  for (const file of files.filter((name) => name !== "")) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { verbatimSymlinks: true, force: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
}
