// Listing what few file systems have. Rule: beside each stands a good file, and both are told.

import { execFileSync } from "node:child_process";
import { chmodSync, lutimesSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectedStat } from "../awkward-things.ts";
import { type CheckGroup, expectEqual, expectThat, Unavailable } from "../check.ts";
import { expectListed, namesOf, scan } from "../scanned-folders.ts";
import { compareBelow } from "./scan.ts";

export const ODD_SIGHT_CHECKS: CheckGroup = {
  title: "Scanning what few systems have",
  checks: [
    {
      says: "tells the extremes of sizes and times that a system has, beside a good file",
      proves: ["H-20"],
      run: async (stage) => {
        const root = mkdtempSync("/dev/shm/coffre-host-suite-");
        stage.defer(() => rmSync(root, { recursive: true }));
        writeFileSync(join(root, "good"), "good");
        for (const size of ["9007199254740993", "9223372036854775807"]) {
          execFileSync("truncate", ["-s", size, join(root, `size ${size}`)]);
        }
        for (const time of ["9007199254740993", "-9007199254740993"]) {
          execFileSync("touch", ["-d", `@${time}`, join(root, `time ${time}`)]);
        }
        await compareBelow(stage.adapter, root, "", Buffer.from(root));
      },
    },
    {
      says: "lists the deepest folder that has a path, and tells of one in it that has none",
      proves: ["H-20"],
      run: async (stage) => {
        const root = stage.folder();
        const path = Array.from({ length: 512 }, () => "a").join("/");
        mkdirSync(join(root, path, "deeper"), { recursive: true });
        writeFileSync(join(root, "good"), "good");
        for (const [at, names] of [
          [path, ["deeper"]],
          ["", ["a", "good"]],
        ] as const) {
          const answer = await scan(stage.adapter, root, [{ path: at, after: null }]);
          expectEqual(
            `the names ${at === "" ? "in the root" : "so deep"}`,
            namesOf(expectListed(answer.folders, at)),
            names,
          );
        }
      },
    },
    {
      says: "tells size, times and mode of the root's own folder, also where its locator is a link to it",
      proves: ["H-20"],
      needs: ["links"],
      run: async (stage) => {
        const root = stage.folder();
        const link = join(stage.folder(), "link");
        symlinkSync(root, link);
        chmodSync(root, 0o2751);
        lutimesSync(root, 1_234_567_890.125, 1_234_567_890.125);
        const expected = expectedStat(root, stage.adapter.ready.lacks);
        for (const locator of [root, link]) {
          const { identity, stat } = await scan(stage.adapter, locator, [{ path: "", after: null }]);
          expectEqual("the root's stat", stat, { ...expected, identity });
        }
      },
    },
    {
      says: "says of each folder which one it is, and of a disk inside the root that it is one",
      proves: ["H-20"],
      run: async (stage) => {
        if (statSync("/dev").dev === statSync("/dev/shm").dev) throw new Unavailable("/dev/shm is no disk here");
        const look = async (root: string, path: string) =>
          expectListed((await scan(stage.adapter, root, [{ path, after: "~" }])).folders, path);
        const [root, disk] = [await look("/dev", ""), await look("/dev", "shm")];
        const { identity } = await scan(stage.adapter, "/dev", []);
        expectEqual("the root's identity", root.identity, identity);
        expectThat("expected another identity", typeof disk.identity === "string" && disk.identity !== identity);
        expectEqual("what is a disk", [root.mounted ?? false, disk.mounted ?? false], [false, true]);
        const plain = stage.folder();
        mkdirSync(join(plain, "below"));
        expectEqual("a folder that is none", (await look(plain, "below")).mounted ?? false, false);
      },
    },
  ],
};
