// Counts in words: what waits is said as it is for whoever reads it then.

import { describe, expect, test } from "vitest";
import { sayCounts } from "../../src/counts-text.ts";

const COUNTS = {
  ...{ filesSynced: 1, bytesSynced: 3, filesWaiting: 2, bytesWaiting: 5, filesExcluded: 0 },
  waiting: [{ reason: "uploading", files: 2, bytes: 5 }],
  excluded: [],
} as const;

describe("files that a backup had begun to send", () => {
  test("are on their way while it runs, and not when nobody sends them any more", () => {
    expect(sayCounts(COUNTS, [], [], true)).toContain("  2 files: on its way to the server");
    expect(sayCounts(COUNTS, [], [], false)).toContain("  2 files: maybe sent in part; the next backup goes on there");
  });
});
