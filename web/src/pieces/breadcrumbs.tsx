// Where a folder lies. Rule: each step is a link to a number.

import { Link } from "react-router";
import { useSession } from "../session/session-context.tsx";
import type { Folder } from "../session/tree.ts";
import { showName, useWords } from "../words/language.tsx";

export function Breadcrumbs({ folder, last }: { readonly folder: Folder; readonly last?: string }) {
  const session = useSession();
  const { say } = useWords();
  const steps: Folder[] = [];
  for (let at: Folder | null = folder; at !== null; at = at.parent) steps.unshift(at);
  const nameOf = (each: Folder): string => (each.parent === null ? say("folder.vault") : showName(each.name));
  return (
    <nav aria-label={say("folder.vault")} className="min-w-0">
      <ol className="flex flex-wrap items-center gap-x-1 text-sm">
        {steps.map((each, index) => {
          const isLast = index === steps.length - 1 && last === undefined;
          return (
            <li
              key={session.places.numberOf({ kind: "folder", folder: each })}
              className="flex min-w-0 items-center gap-x-1"
            >
              {index > 0 && <span className="text-soft">/</span>}
              {isLast ? (
                <h1 className="truncate px-1 py-1 text-base font-semibold">
                  <bdi>{nameOf(each)}</bdi>
                </h1>
              ) : (
                <Link
                  to={`/vault/${session.places.numberOf({ kind: "folder", folder: each })}`}
                  className="max-w-48 truncate rounded px-1 py-1 text-soft hover:text-accent"
                >
                  <bdi>{nameOf(each)}</bdi>
                </Link>
              )}
            </li>
          );
        })}
        {last !== undefined && <li className="text-soft">/</li>}
      </ol>
    </nav>
  );
}
