// A line for each folder and file. Rule: a name is text; an address is a number.

import type { ReactNode } from "react";
import { Link } from "react-router";
import type { SavePlace } from "../session/save-job.ts";
import { useSession } from "../session/session-context.tsx";
import { type Folder, type Leaf, modifiedMs } from "../session/tree.ts";
import { showName, useWords } from "../words/language.tsx";
import { DeviceIcon, FileIcon, FolderIcon, LinkIcon, PictureIcon } from "./icons.tsx";
import { isPicture } from "./preview.tsx";

interface Choosing {
  readonly chosen: ReadonlyMap<string, SavePlace>;
  readonly toggle: (key: string, place: SavePlace) => void;
}

export function FolderRow({ folder, chosen, toggle }: Choosing & { readonly folder: Folder }) {
  const session = useSession();
  const { sayFiles, saySize, sayDate } = useWords();
  const { place, files, bytes, newestMs } = folder;
  const isDevice = place === null;
  return (
    <Row
      to={`/vault/${session.places.numberOf({ kind: "folder", folder })}`}
      icon={isDevice ? <DeviceIcon /> : <FolderIcon />}
      name={folder.name}
      detail={`${sayFiles(files)} · ${saySize(bytes)}`}
      date={newestMs === 0 ? "" : sayDate(newestMs)}
      choice={place === null ? null : { key: `d ${folder.name}`, place }}
      chosen={chosen}
      toggle={toggle}
    />
  );
}

interface FileRowProps extends Choosing {
  readonly folder: Folder;
  readonly leaf: Leaf;
}

export function FileRow({ folder, leaf, chosen, toggle }: FileRowProps) {
  const session = useSession();
  const { saySize, sayDate } = useWords();
  const { entry, name } = leaf;
  const isLink = entry.kind === "link";
  return (
    <Row
      to={`/file/${session.places.numberOf({ kind: "file", folder, leaf })}`}
      icon={isLink ? <LinkIcon /> : isPicture(name) ? <PictureIcon /> : <FileIcon />}
      name={name}
      detail={isLink ? "" : saySize(entry.sizeBytes)}
      date={sayDate(modifiedMs(entry))}
      choice={isLink ? null : { key: `f ${name}`, place: entry }}
      chosen={chosen}
      toggle={toggle}
    />
  );
}

interface RowProps extends Choosing {
  readonly to: string;
  readonly icon: ReactNode;
  readonly name: string;
  readonly detail: string;
  readonly date: string;
  readonly choice: { readonly key: string; readonly place: SavePlace } | null;
}

function Row({ to, icon, name, detail, date, choice, chosen, toggle }: RowProps) {
  const { say } = useWords();
  const shown = showName(name);
  return (
    <li className="flex items-center hover:bg-wash">
      {choice === null ? (
        <span className="w-11" />
      ) : (
        <label className="flex size-11 shrink-0 items-center justify-center">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={chosen.has(choice.key)}
            onChange={() => toggle(choice.key, choice.place)}
            aria-label={say("folder.select", { name: shown })}
          />
        </label>
      )}
      <Link to={to} className="flex min-h-14 min-w-0 flex-1 items-center gap-3 py-2 pr-4 -outline-offset-2">
        <span className="text-accent">{icon}</span>
        <span className="min-w-0 flex-1">
          <bdi className="block truncate font-medium">{shown}</bdi>
          <span className="block text-sm text-soft sm:hidden">{[detail, date].filter(Boolean).join(" · ")}</span>
        </span>
        <span className="hidden w-44 text-right text-sm text-soft tabular-nums sm:block">{detail}</span>
        <span className="hidden w-32 text-right text-sm text-soft tabular-nums sm:block">{date}</span>
      </Link>
    </li>
  );
}
