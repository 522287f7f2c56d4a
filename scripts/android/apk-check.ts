// What must hold of a finished APK. Rule: it is opened as a phone opens it, and nothing is taken from what the build believes.

import { createHash } from "node:crypto";
import { listZip } from "./zip-archive.ts";

const ENGINE = "org/coffre/host/script/engine.js";
const PAGE_BYTES = 16_384;
const MIB = 1_048_576;

/** What is wrong with `apk`; nothing when it is good. `engine` is the script that it must hold. */
export function findApkFaults(
  apk: Buffer,
  engine: Buffer,
  abis: readonly string[],
  mostMib: number,
): readonly string[] {
  const faults: string[] = [];
  const entries = listZip(apk);
  const names = entries.map(({ name }) => name);
  const script = entries.find(({ name }) => name === ENGINE)?.read();
  if (script === undefined || sha256(script) !== sha256(engine)) faults.push("it does not hold the engine's script");
  for (const name of ["AndroidManifest.xml", "classes.dex", "resources.arsc"]) {
    if (!names.includes(name)) faults.push(`it lacks ${name}`);
  }
  const native = entries.filter(({ name }) => name.startsWith("lib/"));
  for (const { name, isStored, offset } of native) {
    if (!isStored || offset % PAGE_BYTES !== 0) faults.push(`${name} is not on a whole page of 16 KiB`);
  }
  const found = new Set(native.map(({ name }) => name.split("/")[1]));
  if (found.size !== abis.length || !abis.every((abi) => found.has(abi))) {
    faults.push(`it has native code for ${[...found].join(", ")}, not for ${abis.join(", ")}`);
  }
  if (apk.length > mostMib * MIB) faults.push(`it has ${apk.length} bytes, more than ${mostMib} MiB`);
  return faults;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
