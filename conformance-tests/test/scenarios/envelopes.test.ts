// Envelopes that did not reach the server although something on the way said so. Rule: what a record needs of an epoch is on
// the server before anything is called synced under it.

import { expect, test } from "vitest";
import { type HttpRequest, htmlResponse, jsonResponse } from "../../scripted-host/http-exchange.ts";
import type { VirtualLink } from "../../scripted-host/virtual-link.ts";
import { backUp, backUpAgain, expectedTree, type Phone, pairPhone, ROOT, restoreElsewhere } from "./phone.ts";

type Answer = ReturnType<typeof jsonResponse>;

/** The next envelope that is sent is answered by something else. */
function swallowEnvelope(link: VirtualLink, response: Answer): void {
  link.faultOf = (request: HttpRequest) => {
    if (request.method !== "PUT" || !request.path.includes("/epochs/")) return null;
    link.faultOf = () => null;
    return { kind: "answer", response };
  };
}

/** A phone whose first backup is over, and whose second epoch's envelope was swallowed. */
function phoneWithout(response: Answer): Phone {
  const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/a`, "first"));
  backUp(phone);
  swallowEnvelope(phone.host.ground.link, response);
  phone.host.ask({ kind: "rotate" });
  backUp(phone);
  phone.host.ground.tree.write(`${ROOT}/b`, "second");
  phone.world.clock.advance(10_000);
  return phone;
}

function expectAllBack(phone: Phone): void {
  expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 2 } });
  expect(restoreElsewhere(phone)).toMatchObject({ result: { outcome: "ok" }, files: expectedTree(phone) });
}

test("a portal's page is not taken for the server's answer to an envelope", () => {
  const phone = phoneWithout(htmlResponse(200));
  const { exchanges } = phone.host.ground.link;
  expect(exchanges.filter(({ path, status }) => path.includes("/epochs/") && status === 201).length).toBe(3);
  expectAllBack(phone);
});

test("an envelope that something swallowed in the server's own words is sent again when a record needs it", () => {
  expectAllBack(phoneWithout(jsonResponse(200, {})));
});

test("a process that ends between a swallowed envelope and its record loses nothing that was sealed meanwhile", () => {
  const phone = phoneWithout(jsonResponse(200, {}));
  phone.host.ask({ kind: "backup", mode: "once" });
  while (!phone.host.effectsUnderWay.some((effect) => effect.kind === "upload" && effect.path.includes("/records/"))) {
    phone.host.step();
  }
  phone.host.runFor(5);
  phone.host.crash();
  expectAllBack(phone);
});

test("what was sealed under an epoch that the server knows otherwise is sealed anew", () => {
  const phone = phoneWithout(jsonResponse(200, {}));
  // As a copy of this phone would have left it.
  const [log] = phone.world.server.accountOf("anna")?.devices.values() ?? [];
  const newest = Math.max(...(log?.envelopes.keys() ?? []));
  log?.envelopes.set(newest + 1, log.envelopes.get(newest) as Uint8Array);
  expectAllBack(phone);
});
