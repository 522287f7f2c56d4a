// A small picture of a picture. Rule: only JPEG, PNG, GIF and WebP by their first bytes, after their dimensions were read; all else
// is an icon, and nothing of a vault is ever rendered as a page.

import type { ListingEntry } from "coffre-engine";
import { useEffect, useRef, useState } from "react";
import { readPictureSize } from "../session/picture-size.ts";
import { useSession } from "../session/session-context.tsx";
import { useWords } from "../words/language.tsx";
import { PictureIcon } from "./icons.tsx";

const PICTURE = /\.(?:jpe?g|png|gif|webp)$/i;
const MOVING = /\.(?:mp4|mov|webm|mkv|avi|heic|heif)$/i;
/** Larger ones are not fetched for a preview. */
const MOST_BYTES = 8 * 1024 * 1024;
/** The browser decodes all of it, whatever is shown. */
const MOST_PIXELS = 64_000_000;

export function isPicture(name: string): boolean {
  return PICTURE.test(name);
}

/** Whether it is a picture or a film by its name. */
export function isPhoto(name: string): boolean {
  return PICTURE.test(name) || MOVING.test(name);
}

interface PreviewProps {
  readonly entry: ListingEntry;
  readonly name: string;
  readonly atMs: number | null;
  readonly widthPx: number;
  readonly className?: string;
}

export function Preview({ entry, name, atMs, widthPx, className = "" }: PreviewProps) {
  const session = useSession();
  const { say } = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [state, setState] = useState<"loading" | "shown" | "none">("loading");
  const isTried = isPicture(name) && entry.sizeBytes <= MOST_BYTES;
  useEffect(() => {
    let isWanted = isTried;
    if (!isTried) setState("none");
    else {
      session
        .queuePreview(() => (isWanted ? session.fetchBytes(entry, atMs) : Promise.resolve(null)))
        .then((blob) => (isWanted && blob !== null ? draw(blob, canvas.current, widthPx) : false))
        .then(
          (isDrawn) => isWanted && setState(isDrawn ? "shown" : "none"),
          () => isWanted && setState("none"),
        );
    }
    return () => {
      isWanted = false;
    };
  }, [session, entry, atMs, widthPx, isTried]);
  return (
    <span className={`relative flex items-center justify-center overflow-hidden bg-wash text-soft ${className}`}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={name}
        className={`size-full object-cover ${state === "shown" ? "" : "hidden"}`}
      />
      {state !== "shown" && <PictureIcon />}
      {state === "none" && <span className="sr-only">{say("file.no-preview")}</span>}
    </span>
  );
}

/** Draws a picture as wide as it is shown; false when it is none that a page may decode. */
async function draw(blob: Blob, canvas: HTMLCanvasElement | null, widthPx: number): Promise<boolean> {
  const size = readPictureSize(new Uint8Array(await blob.slice(0, 262_144).arrayBuffer()));
  if (canvas === null || size === null || size.width * size.height > MOST_PIXELS) return false;
  const resizeWidth = Math.min(size.width, Math.round(widthPx * devicePixelRatio));
  const picture = await createImageBitmap(new Blob([blob], { type: size.type }), {
    resizeWidth,
    resizeQuality: "medium",
  });
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  picture.close();
  return true;
}
