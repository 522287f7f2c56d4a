// How blob size and width follow what the link shows.

import { describe, expect, test } from "vitest";
import { Link } from "../../src/backup/send/link.ts";

const CHUNK = 983_040;

describe("the link", () => {
  test("gets full blobs and four streams on a quick way within two blobs", () => {
    const link = new Link();
    link.worked(4 * CHUNK, 20);
    link.worked(8 * CHUNK, 40);
    expect([link.blobChunks, link.width]).toEqual([8, 4]);
  });

  test("falls to one chunk and one stream on 25 kB/s after one blob", () => {
    const link = new Link();
    link.worked(2 * CHUNK, (2 * CHUNK) / 25);
    expect([link.blobChunks, link.width]).toEqual([1, 1]);
  });

  test("halves with each connection that breaks, and never falls below one", () => {
    const link = new Link();
    link.broke();
    expect([link.blobChunks, link.width]).toEqual([2, 1]);
    for (let i = 0; i < 5; i++) link.broke();
    expect([link.blobChunks, link.width]).toEqual([1, 1]);
  });

  test("never again tries more than half of what a proxy refused", () => {
    const link = new Link();
    expect(link.refused(8)).toBe(true);
    for (let i = 0; i < 5; i++) link.worked(4 * CHUNK, 10);
    expect(link.blobChunks).toBe(4);
    expect(link.refused(1)).toBe(false);
  });

  test("takes a blob that needed no time for one that needed a millisecond", () => {
    const link = new Link();
    link.worked(CHUNK, 0);
    expect(link.blobChunks).toBe(8);
  });
});
