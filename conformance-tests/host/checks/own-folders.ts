// Listing what is Coffre's own. Rule: the mark decides and nothing else: no path, and no file that merely has its name.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CheckGroup, expectEqual } from "../check.ts";
import { expectListed, namesOf, scan } from "../scanned-folders.ts";

const NAME = ".coffre-own";
const LINE = "coffre-own-folder f4bfb48800eda7bf5f93ccc1f1ecdf2b\n";

export const OWN_FOLDER_CHECKS: CheckGroup = {
  title: "Coffre's own folders",
  checks: [
    {
      says: "tells of a folder that bears the mark of Coffre's own, and of nothing in it",
      proves: ["H-36"],
      run: async (stage) => {
        const root = stage.folder();
        for (const folder of ["data", "home", "other"]) {
          mkdirSync(join(root, folder));
          writeFileSync(join(root, folder, "file"), "");
        }
        writeFileSync(join(root, "data", NAME), LINE);
        writeFileSync(join(root, "home", NAME), `${LINE}and words for people\n`);
        const paths = ["data", "other", "home"];
        const answer = await scan(
          stage.adapter,
          root,
          paths.map((path) => ({ path, after: null })),
        );
        const seen = answer.folders.map((folder) =>
          "entries" in folder ? [folder.path, namesOf(folder), folder.end] : folder,
        );
        expectEqual("three folders, two of them Coffre's own", seen, [
          { path: "data", own: true },
          ["other", ["file"], true],
          { path: "home", own: true },
        ]);
        const whole = expectListed((await scan(stage.adapter, root, [{ path: "", after: null }])).folders, "");
        expectEqual("the folder that holds them", namesOf(whole), ["data", "home", "other"]);
      },
    },
    {
      says: "has no root that is Coffre's own or lies inside such a folder, by whatever path",
      proves: ["H-36"],
      needs: ["links"],
      run: async (stage) => {
        const folder = stage.folder();
        mkdirSync(join(folder, "own", "deep", "inside"), { recursive: true });
        writeFileSync(join(folder, "own", NAME), LINE);
        symlinkSync(join(folder, "own", "deep"), join(folder, "link"));
        for (const path of ["own", "own/deep", "own/deep/inside", "link", "link/inside"]) {
          const root = join(folder, path);
          const answer = await stage.adapter.ask({
            kind: "scan",
            root,
            folders: [{ path: "", after: null }],
            entries: 9,
          });
          expectEqual(`the root ${path}`, answer, { kind: "root-unavailable", reason: "own-folder" });
        }
        expectListed((await scan(stage.adapter, folder, [{ path: "", after: null }])).folders, "");
      },
    },
    {
      says: "takes no other file, link, pipe or folder of that name for the mark",
      proves: ["H-36"],
      needs: ["links"],
      run: async (stage) => {
        const root = stage.folder();
        const folders = ["empty", "cut off", "other words", "behind words", "too long", "link", "folder", "closed"];
        for (const folder of folders) mkdirSync(join(root, folder));
        const write = (folder: string, text: string): void => writeFileSync(join(root, folder, NAME), text);
        write("empty", "");
        write("cut off", LINE.slice(0, -1));
        write("other words", LINE.toUpperCase());
        write("behind words", `\n${LINE}`);
        write("too long", LINE + "-".repeat(1_025 - LINE.length));
        symlinkSync(join(root, "true"), join(root, "link", NAME));
        writeFileSync(join(root, "true"), LINE);
        mkdirSync(join(root, "folder", NAME));
        write("closed", LINE);
        chmodSync(join(root, "closed", NAME), 0o000);
        const adapter = await stage.ordinary();
        for (const path of folders) {
          const listed = expectListed((await scan(adapter, root, [{ path, after: null }])).folders, path);
          expectEqual(`the names in ${path}`, namesOf(listed), [NAME]);
        }
        write("other words", LINE);
        const [marked] = (await scan(adapter, root, [{ path: "other words", after: null }])).folders;
        expectEqual("a folder that was marked meanwhile", marked, { path: "other words", own: true });
      },
    },
  ],
};
