// What watches cannot see: that a root has become another folder, and that disks came or went below it. Rule: looked at, once a
// second, by one stat of each root and one list of mounts; nothing here waits for a disk that does not answer.

import { type BigIntStats, readFileSync, stat, statSync } from "node:fs";
import { identityOf } from "./file-stat.ts";
import { locate, locatorOf } from "./names.ts";
import { errnoOf } from "./system-error.ts";

const MOUNTS = "/proc/self/mountinfo";
/** The fields of a line: an id that no later mount of the same place has, and the place. */
const ID_FIELD = 0;
const PLACE_FIELD = 4;
const ESCAPED = /\\([0-7]{3})/g;

/** Which folder a root is: another text for another one, or for none. */
export function identifyNow(root: string): string {
  try {
    return identityFrom(statSync(locate(root, ""), { bigint: true }));
  } catch (error) {
    return errnoOf(error);
  }
}

/** The same, told when the disk has answered. */
export function identify(root: string, tell: (identity: string) => void): void {
  stat(locate(root, ""), { bigint: true }, (error: unknown, found: BigIntStats) => {
    tell(error === null ? identityFrom(found) : errnoOf(error));
  });
}

/** A folder that is deleted often leaves its number to the next one; the time of birth tells them apart. */
function identityFrom(stat: BigIntStats): string {
  // Systems that keep no such time say that of the last change.
  return stat.birthtimeNs === stat.ctimeNs ? identityOf(stat) : `${identityOf(stat)}-${stat.birthtimeNs}`;
}

/** The id of each mount by its locator; empty where the system has no such list. */
export function readMounts(): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(MOUNTS, "latin1");
  } catch {
    return new Map();
  }
  const mounts = new Map<string, string>();
  for (const line of text.split("\n")) {
    const fields = line.split(" ");
    const place = fields[PLACE_FIELD];
    if (place === undefined) continue;
    const plain = place.replace(ESCAPED, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    mounts.set(locatorOf(Buffer.from(plain, "latin1")), fields[ID_FIELD] ?? "");
  }
  return mounts;
}

/** The paths below a root at which a disk came, went or was replaced. */
export function changedMounts(
  root: string,
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): string[] {
  const base = root === "/" ? root : `${root}/`;
  const places = new Set([...before.keys(), ...now.keys()]);
  return [...places]
    .filter((at) => at.startsWith(base) && before.get(at) !== now.get(at))
    .map((at) => at.slice(base.length));
}
