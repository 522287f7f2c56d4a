// The programs that Coffre is measured against: where they are, and how to get them. Rule: nothing is installed here.

import { spawnSync } from "node:child_process";
import { BorgContender } from "./borg-contender.ts";
import type { Contender } from "./contender.ts";
import { ResticContender } from "./restic-contender.ts";

/** What a person does to get the peers. */
export const HOW_TO_GET = `peers: borg and rclone are Debian's packages (apt-get install borgbackup rclone); restic is built from its
Go module: go install github.com/restic/restic/cmd/restic@v0.18.1 (then --restic ~/go/bin/restic). strace counts fsyncs.
`;

/** Whether a program is there and can be started. */
export function hasProgram(program: string, versionArg = "--version"): boolean {
  return spawnSync(program, [versionArg], { stdio: "ignore" }).error === undefined;
}

/** The first line that a program says of its version, or null when it is not there. */
export function readVersion(program: string, versionArg: string): string | null {
  const { error, stdout } = spawnSync(program, [versionArg], { encoding: "utf8" });
  return error === undefined ? (stdout.split("\n")[0] ?? "").trim() : null;
}

/** The peers that are there, with their versions by name. */
export function findPeers(restic: string): {
  readonly contenders: Contender[];
  readonly versions: Record<string, string>;
} {
  const contenders: Contender[] = [];
  const versions: Record<string, string> = {};
  const [resticVersion, rcloneVersion] = [readVersion(restic, "version"), readVersion("rclone", "version")];
  if (resticVersion !== null && rcloneVersion !== null) {
    contenders.push(new ResticContender({ restic: [restic], rclone: ["rclone"] }));
    Object.assign(versions, { restic: resticVersion, rclone: rcloneVersion });
  }
  const borgVersion = readVersion("borg", "--version");
  if (borgVersion !== null) {
    contenders.push(new BorgContender(["borg"]));
    Object.assign(versions, { borg: borgVersion });
  }
  return { contenders, versions };
}
