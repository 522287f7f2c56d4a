// The closed lists stand in docs/host-api.md §6 and in the sources: both must be the same.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DAMAGE_CODES, FAILURE_CODES, WAITING_REASONS } from "../../src/border/reasons.ts";

const page = readFileSync(new URL("../../../docs/host-api.md", import.meta.url), "utf8");

function listed(title: string): string[] {
  const line = page.split("\n").find((text) => text.startsWith(`**${title}`)) ?? "";
  return [...line.slice(line.indexOf(":")).matchAll(/`([a-z-]+)`/g)].map((match) => match[1] ?? "");
}

test("the page lists every reason for waiting, every failure and every damage, and no other", () => {
  expect(listed("Why a file waits")).toEqual([...WAITING_REASONS]);
  expect(listed("Why an ask fails")).toEqual([...FAILURE_CODES]);
  expect(listed("What is wrong with")).toEqual([...DAMAGE_CODES]);
});
