// Photos and films by month, the newest first. Rule: a picture is fetched only when it comes into sight.

import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import { Button, Notice } from "../pieces/controls.tsx";
import { isPhoto, Preview } from "../pieces/preview.tsx";
import type { SessionState } from "../session/session.ts";
import { useSession } from "../session/session-context.tsx";
import { type Folder, type Leaf, modifiedMs } from "../session/tree.ts";
import { showName, useWords } from "../words/language.tsx";

type Open = SessionState & { readonly kind: "open" };

interface Photo {
  readonly folder: Folder;
  readonly leaf: Leaf;
  readonly timeMs: number;
}

const PHOTOS_A_PAGE = 120;
const TILE_PX = 180;

export function PhotosScreen({ vault }: { readonly vault: Open }) {
  const { say, sayMonth } = useWords();
  const [most, setMost] = useState(PHOTOS_A_PAGE);
  const photos = useMemo(() => collect(vault.vault).sort((a, b) => b.timeMs - a.timeMs), [vault.vault]);
  const months = Map.groupBy(photos.slice(0, most), ({ timeMs }) => sayMonth(timeMs));
  if (photos.length === 0) return <Notice>{say("photos.none")}</Notice>;
  return (
    <div className="space-y-8">
      <div>
        <h1 className="text-base font-semibold">{say("app.photos")}</h1>
        <p className="text-sm text-soft">{say("photos.explain")}</p>
      </div>
      {[...months].map(([month, those]) => (
        <section key={month} className="space-y-3">
          <h2 className="font-semibold first-letter:uppercase">{month}</h2>
          <ul className="grid grid-cols-3 gap-1.5 sm:grid-cols-4 md:grid-cols-6">
            {those.map((photo) => (
              <Tile key={photo.leaf.entry.path} photo={photo} atMs={vault.atMs} />
            ))}
          </ul>
        </section>
      ))}
      {photos.length > most && <Button onPress={() => setMost(most + PHOTOS_A_PAGE)}>{say("folder.show-more")}</Button>}
    </div>
  );
}

function Tile({ photo, atMs }: { readonly photo: Photo; readonly atMs: number | null }) {
  const session = useSession();
  const { folder, leaf } = photo;
  const name = showName(leaf.name);
  return (
    <li>
      <Link to={`/file/${session.places.numberOf({ kind: "file", folder, leaf })}`} aria-label={name} title={name}>
        <InSight>
          <Preview
            entry={leaf.entry}
            name={name}
            atMs={atMs}
            widthPx={TILE_PX}
            className="aspect-square w-full rounded-lg"
          />
        </InSight>
      </Link>
    </li>
  );
}

/** Shows its content once it has come into sight. */
function InSight({ children }: { readonly children: ReactNode }) {
  const place = useRef<HTMLSpanElement>(null);
  const [isSeen, setIsSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setIsSeen(true);
    });
    if (place.current !== null) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return (
    <span ref={place} className="block aspect-square rounded-lg bg-wash">
      {isSeen && children}
    </span>
  );
}

function collect(folder: Folder): Photo[] {
  const photos: Photo[] = [];
  const walk = (at: Folder): void => {
    for (const leaf of at.leaves) {
      const isFile = leaf.entry.kind === "file" && isPhoto(leaf.name);
      if (isFile) photos.push({ folder: at, leaf, timeMs: modifiedMs(leaf.entry) });
    }
    for (const each of at.folders.values()) walk(each);
  };
  walk(folder);
  return photos;
}
