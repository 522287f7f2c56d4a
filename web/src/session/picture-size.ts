// The dimensions of a picture by its first bytes. Rule: a browser decodes before it tells them, so they are read here first; what is
// no JPEG, PNG, GIF or WebP, or does not say its size, is no picture.

export interface PictureSize {
  readonly type: "image/jpeg" | "image/png" | "image/gif" | "image/webp";
  readonly width: number;
  readonly height: number;
}

/** The type and size of a picture; null when these bytes begin none. */
export function readPictureSize(bytes: Uint8Array<ArrayBuffer>): PictureSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = (at: number, length: number): string => String.fromCharCode(...bytes.subarray(at, at + length));
  if (bytes.length < 30) return null;
  if (view.getUint32(0) === 0x89504e47 && text(12, 4) === "IHDR") {
    return of("image/png", view.getUint32(16), view.getUint32(20));
  }
  if (/^GIF8[79]a$/.test(text(0, 6))) return of("image/gif", view.getUint16(6, true), view.getUint16(8, true));
  if (text(0, 4) === "RIFF" && text(8, 4) === "WEBP") return readWebp(view, text(12, 4));
  return view.getUint16(0) === 0xffd8 ? readJpeg(view) : null;
}

function readWebp(view: DataView, chunk: string): PictureSize | null {
  if (chunk === "VP8 ") return of("image/webp", view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  if (chunk === "VP8L") {
    const bits = view.getUint32(21, true);
    return of("image/webp", (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (chunk !== "VP8X") return null;
  const read = (at: number): number => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
  return of("image/webp", read(24), read(27));
}

/** Walks the segments of a JPEG to its frame (ITU T.81 §B.2.2). */
function readJpeg(view: DataView): PictureSize | null {
  for (let at = 2; at + 9 < view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return of("image/jpeg", view.getUint16(at + 7), view.getUint16(at + 5));
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function of(type: PictureSize["type"], width: number, height: number): PictureSize | null {
  return width > 0 && height > 0 ? { type, width, height } : null;
}
