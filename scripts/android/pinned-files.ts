// The files that the Android build fetches, each with its SHA-256. Rule: a file with other bytes ends the build, wherever it came
// from; Maven alone decides where that is.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { runTool } from "../run-program.ts";

const SCOPES = ["main", "apk", "test", "merger", "tool", "platform", "maven"] as const;

/**
 * What a file is for: `main` is compiled against, tested and shipped; `apk` is shipped only; `test` is for tests; `merger` makes the
 * manifest; `tool` is a program; `platform` is an Android for Robolectric; `maven` is what Maven puts on the class paths by itself.
 */
export type Scope = (typeof SCOPES)[number];

/** One line of the list. */
export interface PinnedFile {
  readonly scope: Scope;
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly type: string;
  readonly sha256: string;
}

/** The pinned files in the text of a list: `scope group:artifact:version:type sha256` a line. */
export function parsePins(text: string): readonly PinnedFile[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const match = /^(\w+) ([\w.-]+):([\w.-]+):([\w.-]+):(\w+) ([0-9a-f]{64})$/.exec(line);
      const scope = SCOPES.find((name) => name === match?.[1]);
      if (match === null || scope === undefined) throw new Error(`expected a pinned file: ${line}`);
      const [, , group = "", artifact = "", version = "", type = "", sha256 = ""] = match;
      return { scope, group, artifact, version, type, sha256 };
    });
}

/** What Maven calls the file. */
export function fileName({ artifact, version, type }: PinnedFile): string {
  return `${artifact}-${version}.${type}`;
}

/** Fetches what is missing in `folder`, all at once, and compares every file. */
export function fetchPinned(files: readonly PinnedFile[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const missing = files.filter((file) => !existsSync(join(folder, fileName(file))));
  if (missing.length > 0) {
    const pom = join(folder, "pom.xml");
    writeFileSync(pom, formatPom(missing, folder));
    runTool("mvn", ["-B", "-q", "-ntp", "-f", pom, "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy"]);
  }
  for (const file of files) {
    const found = readSha256(join(folder, fileName(file)));
    if (found !== file.sha256) throw new Error(`${fileName(file)} has the SHA-256 ${found}, and its pin says another`);
  }
}

/** Compares jars that Maven resolved with their pins. Throws for one that has none. */
export function verifyResolved(jars: readonly string[], pins: readonly PinnedFile[]): void {
  const known = new Map(pins.map((pin) => [fileName(pin), pin.sha256]));
  const wrong = jars
    .map((jar) => ({ jar, sha256: readSha256(jar) }))
    .filter(({ jar, sha256 }) => known.get(basename(jar)) !== sha256)
    .map(({ jar, sha256 }) => `${basename(jar)} ${sha256}`);
  if (wrong.length > 0) throw new Error(`not the jars that libraries.txt pins:\n${wrong.join("\n")}`);
}

function readSha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function formatPom(files: readonly PinnedFile[], folder: string): string {
  const items = files.map(
    ({ group, artifact, version, type }) =>
      `<artifactItem><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version><type>${type}</type></artifactItem>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>org.coffre</groupId><artifactId>pinned</artifactId><version>1</version><packaging>pom</packaging>
<build><plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>
<configuration><outputDirectory>${folder}</outputDirectory><artifactItems>
${items.join("\n")}
</artifactItems></configuration></plugin></plugins></build></project>
`;
}
