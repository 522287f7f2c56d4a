// A rule about documents: a link into the repository leads to what is there.

import { anchorsOf, isOutside, linksOf, resolveLink } from "./markdown.ts";
import { type Rule, sample } from "./rule.ts";
import type { TreeFile } from "./source-tree.ts";

/** Every folder that holds a file of `files`. */
function foldersOf(files: readonly TreeFile[]): ReadonlySet<string> {
  const folders = new Set<string>(["."]);
  for (const { path } of files) {
    const parts = path.split("/").slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth += 1) folders.add(parts.slice(0, depth).join("/"));
  }
  return folders;
}

/** The links of `document` that lead nowhere among `files`. */
export function findDeadLinks(files: readonly TreeFile[], document: TreeFile): readonly string[] {
  const folders = foldersOf(files);
  return linksOf(document.text)
    .filter(({ target }) => !isOutside(target))
    .filter(({ target }) => {
      const { path, anchor } = resolveLink(document.path, target);
      const file = files.find((candidate) => candidate.path === path);
      if (file === undefined) return !folders.has(path);
      return anchor !== null && path.endsWith(".md") && !anchorsOf(file.text).has(anchor);
    })
    .map(({ target, line }) => `${document.path}: line ${line}: ${target}`);
}

const guide = sample("docs/guide.md", "# Guide\n\n## 3.1 The `seal`, in short\n");

export const LINK_RULES: readonly Rule[] = [
  {
    sentence: "every link into the repository leads to a file, folder or heading that exists",
    find: (files) => files.filter(({ path }) => path.endsWith(".md")).flatMap((file) => findDeadLinks(files, file)),
    bad: [
      [guide, sample("README.md", "see [the guide](docs/guid.md)")],
      [guide, sample("README.md", "see [the seal](docs/guide.md#32-the-seal)")],
      [guide, sample("docs/other.md", "see [the guide](docs/guide.md)")],
      [guide, sample("README.md", "see [the guide][1]\n\n[1]: docs/gone.md\n")],
    ],
    good: [
      [
        guide,
        sample(
          "README.md",
          "see [the guide](docs/guide.md#31-the-seal-in-short), [docs](docs/) and [here](#top)\n# Top",
        ),
      ],
      [guide, sample("docs/other.md", "[guide](guide.md), [site](https://example.org/a), `[no](link.md)`")],
      [guide, sample("README.md", "```\n[no](link.md)\n```\n")],
    ],
  },
];
