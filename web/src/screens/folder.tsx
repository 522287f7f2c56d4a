// One folder of the vault: what is in it, where it lies, and saving what was chosen.

import { useMemo, useState } from "react";
import { Link, useParams } from "react-router";
import { Breadcrumbs } from "../pieces/breadcrumbs.tsx";
import { Button, Notice } from "../pieces/controls.tsx";
import { DamageNotice } from "../pieces/damage-notice.tsx";
import { FileRow, FolderRow } from "../pieces/rows.tsx";
import { TimeChoice } from "../pieces/time-choice.tsx";
import type { SavePlace } from "../session/save-job.ts";
import type { SessionState } from "../session/session.ts";
import { useSession } from "../session/session-context.tsx";
import type { Folder } from "../session/tree.ts";
import { useWords } from "../words/language.tsx";

type Open = SessionState & { readonly kind: "open" };

const ROWS_A_PAGE = 300;

export function FolderScreen({ vault }: { readonly vault: Open }) {
  const session = useSession();
  const { number } = useParams();
  const place = session.places.placeOf(Number(number));
  const { say, sayDate } = useWords();
  if (place === null) return <Link to="/vault/0">{say("folder.vault")}</Link>;
  const { folder } = place;
  return (
    <div className="space-y-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Breadcrumbs folder={folder} />
        <TimeChoice vault={vault} />
      </div>
      {vault.atMs !== null && <Notice>{say("folder.of-time", { time: sayDate(vault.atMs) })}</Notice>}
      <DamageNotice damage={vault.damage} />
      <FolderContent key={`${number} ${vault.atMs}`} folder={folder} vault={vault} />
    </div>
  );
}

function FolderContent({ folder, vault }: { readonly folder: Folder; readonly vault: Open }) {
  const { say, language } = useWords();
  const [wanted, setWanted] = useState("");
  const [most, setMost] = useState(ROWS_A_PAGE);
  const [chosen, setChosen] = useState<ReadonlyMap<string, SavePlace>>(new Map());
  const { folders, leaves } = useMemo(() => sortContent(folder, language), [folder, language]);
  const needle = wanted.trim().toLocaleLowerCase();
  const holds = ({ name }: { readonly name: string }): boolean => name.toLocaleLowerCase().includes(needle);
  const foundFolders = folders.filter(holds);
  const foundLeaves = leaves.filter(holds);
  const toggle = (key: string, place: SavePlace): void => {
    const next = new Map(chosen);
    if (!next.delete(key)) next.set(key, place);
    setChosen(next);
  };
  if (folders.length + leaves.length === 0) {
    return <Notice>{say(folder.parent === null ? "folder.empty-vault" : "folder.empty")}</Notice>;
  }
  return (
    <>
      <input
        type="search"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
        placeholder={say("folder.find")}
        aria-label={say("folder.find")}
        autoComplete="off"
        spellCheck={false}
        className="w-full rounded-xl border border-line bg-card px-3.5 py-2.5 text-base placeholder:text-soft sm:max-w-xs"
      />
      {foundFolders.length + foundLeaves.length === 0 && <Notice>{say("folder.found-nothing")}</Notice>}
      <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-card empty:hidden">
        {foundFolders.slice(0, most).map((each) => (
          <FolderRow key={`d ${each.name}`} folder={each} chosen={chosen} toggle={toggle} />
        ))}
        {foundLeaves.slice(0, Math.max(0, most - foundFolders.length)).map((leaf) => (
          <FileRow key={`f ${leaf.name}`} folder={folder} leaf={leaf} chosen={chosen} toggle={toggle} />
        ))}
      </ul>
      {foundFolders.length + foundLeaves.length > most && (
        <Button onPress={() => setMost(most + ROWS_A_PAGE)}>{say("folder.show-more")}</Button>
      )}
      <SaveBar chosen={[...chosen.values()]} folder={folder} vault={vault} clear={() => setChosen(new Map())} />
    </>
  );
}

interface Picker {
  showDirectoryPicker?: (options: { mode: "readwrite" }) => Promise<FileSystemDirectoryHandle>;
}

interface SaveBarProps {
  readonly chosen: readonly SavePlace[];
  readonly folder: Folder;
  readonly vault: Open;
  readonly clear: () => void;
}

/** Saves what is chosen, or the whole folder when nothing is. */
function SaveBar({ chosen, folder, vault, clear }: SaveBarProps) {
  const session = useSession();
  const { say } = useWords();
  const places = chosen.length > 0 ? chosen : placesOf(folder);
  const { atMs } = vault;
  if (!vault.hasStorage) return <Notice>{say("sign-in.no-storage")}</Notice>;
  const isBusy = vault.save?.kind === "under-way";
  const { showDirectoryPicker } = globalThis as Picker;
  const pick = async (): Promise<void> => {
    try {
      const picked = await showDirectoryPicker?.({ mode: "readwrite" });
      if (picked !== undefined) session.save({ kind: "folder", places, folder: picked, atMs });
    } catch {
      // Nothing was picked.
    }
  };
  return (
    <div className="space-y-3 pt-1">
      <div className="flex flex-wrap gap-2">
        <Button look="strong" disabled={isBusy} onPress={() => session.save({ kind: "zip", places, atMs })}>
          {say("save.zip")}
          {chosen.length > 0 && <span className="tabular-nums">({chosen.length})</span>}
        </Button>
        {showDirectoryPicker !== undefined && (
          <Button disabled={isBusy} onPress={() => void pick()}>
            {say("save.folder")}
          </Button>
        )}
        {chosen.length > 0 && (
          <Button look="quiet" onPress={clear}>
            {say("save.clear")}
          </Button>
        )}
      </div>
      <p className="max-w-prose text-sm text-soft">{say("save.kept-not")}</p>
    </div>
  );
}

/** The places that make up a folder: above the roots, the roots below it. */
function placesOf(folder: Folder): SavePlace[] {
  return folder.place === null ? [...folder.folders.values()].flatMap(placesOf) : [folder.place];
}

function sortContent(folder: Folder, language: string) {
  const { compare } = new Intl.Collator(language, { numeric: true });
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number => compare(a.name, b.name);
  return { folders: [...folder.folders.values()].sort(byName), leaves: [...folder.leaves].sort(byName) };
}
