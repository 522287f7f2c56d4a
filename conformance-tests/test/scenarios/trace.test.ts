// One long story in three engines: the sources in Node, the bundle in a context of its own, the bundle in QuickJS. Rule:
// the traces of inputs, effects and Store calls are compared by their digest, so a single character that differs fails.

import { createEngine } from "coffre-engine";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleEngine } from "../../../engine/bundle.ts";
import { bundleInContext, bundleInQuickJs } from "../../scripted-host/script-engines.ts";
import { LEAST_CALLS, tellLongStory } from "./long-story.ts";

describe("the engine", () => {
  let bundle = "";
  beforeAll(async () => {
    bundle = await bundleEngine();
  });

  test("does the same in Node, in a bundle, and in QuickJS over 5,000 calls", { timeout: 1_200_000 }, async () => {
    const inNode = tellLongStory(createEngine);
    expect(inNode.calls).toBeGreaterThanOrEqual(LEAST_CALLS);
    expect(tellLongStory(bundleInContext(bundle))).toEqual(inNode);
    expect(tellLongStory(await bundleInQuickJs(bundle))).toEqual(inNode);
  });
});
