// The dimensions of pictures by their first bytes, and what is no picture.

import { expect, test } from "vitest";
import { readPictureSize } from "../src/session/picture-size.ts";

const bytes = (hex: string): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(64);
  all.set(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  return all;
};
const PNG = "89504e470d0a1a0a 0000000d 49484452 00007530 00007530 08020000";
const JPEG = "ffd8 ffe00010 4a46494600010100000100010000 ffc0 0011 08 0100 0200 03 012200";

test("reads the size of a PNG, a GIF, a JPEG and a WebP", () => {
  expect(readPictureSize(bytes(PNG))).toEqual({ type: "image/png", width: 30_000, height: 30_000 });
  expect(readPictureSize(bytes("474946383961 1000 2000"))).toEqual({ type: "image/gif", width: 16, height: 32 });
  expect(readPictureSize(bytes(JPEG))).toEqual({ type: "image/jpeg", width: 512, height: 256 });
  const webp = "52494646 00000000 57454250 56503858 0a000000 00000000 630000 c70000";
  expect(readPictureSize(bytes(webp))).toEqual({ type: "image/webp", width: 100, height: 200 });
});

test("says of everything else that it is no picture", () => {
  const svg = new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>");
  expect(readPictureSize(svg)).toBeNull();
  expect(readPictureSize(bytes("ffd8 ffe0 0000"))).toBeNull();
  expect(readPictureSize(bytes("ffd8 ffe0 ffff"))).toBeNull();
  expect(readPictureSize(new Uint8Array(3))).toBeNull();
  for (let length = 0; length < 64; length++) readPictureSize(bytes(PNG).slice(0, length));
});
