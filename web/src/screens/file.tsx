// One file: what it is, a preview, its versions, and saving it.

import type { ListingEntry } from "coffre-engine";
import { useEffect, useState } from "react";
import { Link, useParams } from "react-router";
import { Breadcrumbs } from "../pieces/breadcrumbs.tsx";
import { Button, Notice } from "../pieces/controls.tsx";
import { isPicture, Preview } from "../pieces/preview.tsx";
import type { SessionState } from "../session/session.ts";
import { useSession } from "../session/session-context.tsx";
import { modifiedMs } from "../session/tree.ts";
import { showName, useWords } from "../words/language.tsx";

type Open = SessionState & { readonly kind: "open" };

export function FileScreen({ vault }: { readonly vault: Open }) {
  const session = useSession();
  const { number } = useParams();
  const place = session.places.placeOf(Number(number));
  const { say, saySize, sayTime } = useWords();
  if (place?.kind !== "file") return <Link to="/vault/0">{say("folder.vault")}</Link>;
  const { folder, leaf } = place;
  const { entry } = leaf;
  const name = showName(leaf.name);
  return (
    <div className="space-y-6">
      <Breadcrumbs folder={folder} last={name} />
      <div className="flex flex-col gap-6 rounded-2xl border border-line bg-card p-5 sm:flex-row sm:p-6">
        {isPicture(leaf.name) && (
          <Preview
            entry={entry}
            name={name}
            atMs={vault.atMs}
            widthPx={320}
            className="aspect-square w-full rounded-xl sm:size-64"
          />
        )}
        <div className="min-w-0 flex-1 space-y-4">
          <h1 className="text-xl font-semibold break-words">
            <bdi>{name}</bdi>
          </h1>
          <p className="text-soft">
            {entry.kind === "file" && `${saySize(entry.sizeBytes)} · `}
            {sayTime(modifiedMs(entry))}
          </p>
          <p className="text-sm text-soft">
            {say("file.from", { device: showName(entry.device), root: showName(entry.root) })}
          </p>
          {entry.kind === "file" && <SaveButton entry={entry} vault={vault} atMs={vault.atMs} look="strong" />}
        </div>
      </div>
      {entry.kind === "file" && <Versions entry={entry} vault={vault} />}
    </div>
  );
}

interface SaveButtonProps {
  readonly entry: ListingEntry;
  readonly vault: Open;
  readonly atMs: number | null;
  readonly look: "strong" | "plain";
}

function SaveButton({ entry, vault, atMs, look }: SaveButtonProps) {
  const session = useSession();
  const { say } = useWords();
  if (!vault.hasStorage) return <Notice>{say("sign-in.no-storage")}</Notice>;
  return (
    <Button
      look={look}
      disabled={vault.save?.kind === "under-way"}
      onPress={() => session.save({ kind: "file", place: entry, atMs })}
    >
      {say("save.file")}
    </Button>
  );
}

function Versions({ entry, vault }: { readonly entry: ListingEntry; readonly vault: Open }) {
  const session = useSession();
  const { say, saySize, sayTime } = useWords();
  const [versions, setVersions] = useState<readonly ListingEntry[]>([]);
  useEffect(() => {
    let isWanted = true;
    session.listVersions(entry).then(
      (found) => isWanted && setVersions(found),
      () => {},
    );
    return () => {
      isWanted = false;
    };
  }, [session, entry]);
  return (
    <section className="space-y-3">
      <h2 className="font-semibold">{say("file.versions")}</h2>
      <ul className="divide-y divide-line rounded-2xl border border-line bg-card">
        {versions.map((version) => (
          <li key={`${version.syncedAtMs} ${version.untilMs}`} className="flex flex-wrap items-center gap-3 px-5 py-3">
            <span className="min-w-0 flex-1 basis-52">
              <span className="block">{say("file.backed-up", { time: sayTime(version.syncedAtMs) })}</span>
              <span className="block text-sm text-soft">
                {saySize(version.sizeBytes)} ·{" "}
                {version.untilMs === null ? say("file.current") : say("file.until", { time: sayTime(version.untilMs) })}
              </span>
            </span>
            {version.kind === "file" && (
              <SaveButton entry={version} vault={vault} atMs={version.syncedAtMs} look="plain" />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
