// Stories of bad links, full servers and lost databases. Rule: what cannot be done is named, and nothing is tried in a loop.

import { describe, expect, test } from "vitest";
import { seededContent } from "../../scripted-host/file-content.ts";
import { htmlResponse } from "../../scripted-host/http-exchange.ts";
import type { ScriptedHost } from "../../scripted-host/scripted-host.ts";
import { problemResponse } from "../../scripted-host/server-problem.ts";
import { checkGuarantees } from "./guarantees.ts";
import {
  backUp,
  backUpAgain,
  expectedTree,
  noticesOf,
  type Phone,
  pairPhone,
  ROOT,
  restoreElsewhere,
} from "./phone.ts";

function fillFilms({ ground: { tree } }: ScriptedHost): void {
  for (let i = 0; i < 12; i++) tree.write(`${ROOT}/film ${i}`, seededContent(i, 2_000_000));
}

function fillNotes({ ground: { tree } }: ScriptedHost): void {
  for (let i = 0; i < 5; i++) tree.write(`${ROOT}/note ${i}`, `note ${i}`);
}

/** Chunks in each blob that was tried, in order. */
function triedChunks(phone: Phone): number[] {
  return phone.host.ground.link.exchanges
    .filter(({ path, method }) => method === "PUT" && path.startsWith("/v1/blobs/"))
    .map(({ sentBytes }) => Math.floor(sentBytes / 983_040));
}

describe("the link", () => {
  test("of 200 kbit/s that fails in 5 % gets blobs of one chunk within ten tries, and everything arrives", () => {
    const phone = pairPhone(fillFilms);
    Object.assign(phone.host.ground.link, {
      upBytesPerS: 25_000,
      downBytesPerS: 25_000,
      failureRate: 0.05,
      latencyMs: 150,
    });
    expect(backUp(phone)?.outcome).toBe("ok");
    const tried = triedChunks(phone);
    expect(Math.max(...tried.slice(9))).toBeLessThanOrEqual(1);
    expect(Math.min(...tried.slice(0, 10))).toBeLessThanOrEqual(1);
  });

  test("of a loopback gets full blobs", () => {
    const phone = pairPhone(({ ground: { tree } }) => tree.write(`${ROOT}/film`, seededContent(1, 100 * 983_040)));
    expect(backUp(phone)?.outcome).toBe("ok");
    expect(triedChunks(phone).filter((chunks) => chunks === 8).length).toBeGreaterThanOrEqual(10);
  });

  test("with a proxy that takes one chunk gets it, and the owner a notice", () => {
    const phone = pairPhone(fillFilms);
    phone.host.ground.link.proxyLimitBytes = 1_048_576;
    expect(backUp(phone)?.outcome).toBe("ok");
    expect(noticesOf(phone.host)).toContain("smaller-blobs:1");
    phone.host.ground.link.proxyLimitBytes = Number.POSITIVE_INFINITY;
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("with a proxy that takes one chunk gets what is a little more than that in two blobs", () => {
    const phone = pairPhone(({ ground: { tree } }) => {
      for (let i = 0; i < 6; i++) tree.write(`${ROOT}/photo ${i}`, seededContent(i, 200_000));
    });
    phone.host.ground.link.proxyLimitBytes = 1_048_576;
    expect(backUp(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 6 } });
    phone.host.ground.link.proxyLimitBytes = Number.POSITIVE_INFINITY;
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("with a proxy that takes less than a chunk leaves large files waiting for that reason", () => {
    const phone = pairPhone(fillFilms);
    phone.host.ground.link.proxyLimitBytes = 500_000;
    const result = backUp(phone);
    expect(result?.outcome).toBe("waiting");
    expect(result?.counts.waiting).toEqual([{ reason: "blob-too-large-for-server", files: 12, bytes: 24_000_000 }]);
  });

  test("that is down ends the run within seconds, with every file waiting for it", () => {
    const phone = pairPhone(fillNotes);
    phone.host.ground.link.up = false;
    const before = phone.world.clock.nowMs;
    const result = backUp(phone);
    expect(result).toMatchObject({ outcome: "failed", code: "peer-unreachable" });
    expect(result?.counts.waiting).toEqual([{ reason: "server-unreachable", files: 5, bytes: 30 }]);
    expect(phone.world.clock.nowMs - before).toBeLessThan(30_000);
    expect(phone.host.ground.link.exchanges.length).toBeLessThan(30);
  });

  test("that loses the first answer to every request changes nothing of the outcome", () => {
    const phone = pairPhone(fillNotes);
    const seen = new Set<string>();
    phone.host.ground.link.faultOf = ({ method, path }) => {
      const isFirst = !seen.has(`${method} ${path}`);
      seen.add(`${method} ${path}`);
      return isFirst ? { kind: "lost-after" } : null;
    };
    expect(backUp(phone)?.outcome).toBe("ok");
    phone.host.ground.link.faultOf = () => null;
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });

  test("that loses every token on its way ends the run instead of asking for ever", () => {
    const phone = pairPhone(fillNotes);
    phone.host.ground.link.faultOf = ({ path }) => (path === "/v1/tokens" ? { kind: "lost-after" } : null);
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-unreachable" });
    expect(phone.host.ground.link.exchanges.length).toBeLessThan(40);
  });

  test("with a portal that answers HTML sends nothing into it and says that this is no Coffre server", () => {
    const phone = pairPhone(fillNotes);
    phone.host.ground.link.faultOf = () => ({ kind: "answer", response: htmlResponse(200) });
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-not-coffre" });
  });

  test("that is metered is not used when the owner asked for unmetered ones only", () => {
    const phone = pairPhone(fillNotes);
    phone.host.drive({ kind: "set", policy: { unmeteredOnly: true } });
    phone.host.setConditions({ network: "metered" });
    const before = phone.host.ground.link.exchanges.length;
    const result = backUp(phone);
    expect(result?.outcome).toBe("waiting");
    expect(result?.counts.waiting).toEqual([{ reason: "network-metered", files: 5, bytes: 30 }]);
    expect(phone.host.ground.link.exchanges.length).toBe(before);
  });
});

describe("the server", () => {
  test("that was restored from an old backup gets back what it lost, and the owner is told", () => {
    const phone = pairPhone(fillNotes);
    backUp(phone);
    const old = phone.world.server.snapshot();
    phone.host.ground.tree.write(`${ROOT}/newer`, "newer");
    phone.world.clock.advance(5_000);
    backUpAgain(phone);
    phone.world.server.restore(old);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 6 } });
    expect(noticesOf(phone.host)).toContain("server-lost-records:1");
    checkGuarantees(phone.host);
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", requests: 3 });
  });

  test("that refuses the device ends the run, and says that it was revoked", () => {
    const phone = pairPhone(fillNotes);
    backUp(phone);
    const { link } = phone.host.ground;
    link.faultOf = ({ path }) =>
      path === "/v1/tokens"
        ? {
            kind: "answer",
            response: {
              status: 401,
              headers: { "content-type": "application/problem+json" },
              body: Buffer.from('{"type":"urn:coffre:problem:device-refused","status":401,"retryable":false}'),
            },
          }
        : null;
    expect(backUpAgain(phone)).toMatchObject({ outcome: "failed", code: "peer-device-revoked" });
  });

  test("that has forgotten its challenge meanwhile has revoked nobody", () => {
    const phone = pairPhone(fillNotes);
    let answers = 0;
    phone.host.ground.link.faultOf = ({ path }) => {
      if (path === "/v1/tokens" && answers++ === 0) phone.world.server.restart();
      return null;
    };
    expect(backUp(phone)).toMatchObject({ outcome: "ok" });
    expect(answers).toBe(2);
  });
});

describe("the database of a phone", () => {
  test("that was rolled back adopts its own records once, and stops as a clone after that", () => {
    const phone = pairPhone(fillNotes);
    backUp(phone);
    const old = phone.host.store.snapshot();
    const write = (name: string): void => {
      phone.host.ground.tree.write(`${ROOT}/${name}`, name);
      phone.world.clock.advance(5_000);
    };
    write("x");
    backUpAgain(phone);
    phone.host.stop();
    phone.host.store.restore(old);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 6 } });
    expect(noticesOf(phone.host)).toContain("records-adopted:1");
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
    const adopted = phone.host.store.snapshot();
    write("y");
    backUpAgain(phone);
    phone.host.stop();
    phone.host.store.restore(adopted);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "failed", code: "peer-cloned" });
    phone.host.ask({ kind: "status" });
    phone.host.runUntilIdle();
    expect(phone.host.views.at(-1)).toMatchObject({ kind: "status", state: "cloned" });
  });

  test("whose number the server has with other content is forked, and stops", () => {
    const phone = pairPhone(fillNotes);
    backUp(phone);
    const twin = { server: phone.world.server.snapshot(), store: phone.host.store.snapshot() };
    const write = (content: string): void => {
      phone.host.ground.tree.write(`${ROOT}/x`, content);
      phone.world.clock.advance(5_000);
    };
    write("one");
    backUpAgain(phone);
    const one = phone.world.server.snapshot();
    phone.host.stop();
    phone.host.store.restore(twin.store);
    phone.world.server.restore(twin.server);
    write("two, another one");
    backUpAgain(phone);
    phone.world.server.restore(one);
    expect(backUpAgain(phone)).toMatchObject({ outcome: "failed", code: "peer-forked" });
  });
});

describe("a server that grants tokens and refuses them", () => {
  test("is not asked in a loop, and the run ends", () => {
    const phone = pairPhone(fillNotes);
    const problem = '{"type":"urn:coffre:problem:unauthorized","status":401,"retryable":false}';
    const refusal = {
      status: 401,
      headers: { "content-type": "application/problem+json" },
      body: Buffer.from(problem),
    };
    phone.host.ground.link.faultOf = ({ path }) =>
      path.startsWith("/v1/blobs/") ? { kind: "answer", response: refusal } : null;
    expect(backUp(phone)).toMatchObject({ outcome: "failed", code: "peer-error" });
    expect(phone.host.ground.link.exchanges.length).toBeLessThan(200);
  });

  test("once, because they expired, notices nothing", () => {
    const phone = pairPhone(fillFilms);
    phone.host.ask({ kind: "backup", mode: "once" });
    for (let step = 0; step < 40; step++) phone.host.step();
    phone.world.server.forgetTokens();
    phone.host.runFor(600_000);
    expect(phone.host.resultOf("backup")).toMatchObject({ outcome: "ok" });
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});

describe("tokens that are refused to several streams at once", () => {
  test("count once each: a server that forgot two in a row is not called broken", () => {
    const phone = pairPhone(fillFilms);
    const tokens = new Set<string>();
    const refused: string[] = [];
    phone.host.ground.link.faultOf = ({ path, bearer }) => {
      if (!path.startsWith("/v1/blobs/") || path.endsWith("/missing") || bearer === null) return null;
      tokens.add(bearer);
      if (tokens.size > 2) return null;
      refused.push(bearer);
      return { kind: "answer", response: problemResponse("unauthorized") };
    };
    expect(backUp(phone)).toMatchObject({ outcome: "ok" });
    expect(refused.length).toBeGreaterThan(3);
    const waited = phone.host.views.flatMap((view) => (view.kind === "progress" ? [view.waiting] : []));
    expect(waited).not.toContain("server-error");
  });
});

describe("a receipt", () => {
  test("that the server's key did not sign makes nothing synced", () => {
    const phone = pairPhone(fillNotes);
    const forged = Buffer.alloc(200, 7).toString("base64");
    phone.host.ground.link.faultOf = ({ path }) =>
      path.includes("/records/")
        ? {
            kind: "answer",
            response: {
              status: 201,
              headers: { "content-type": "application/json" },
              body: Buffer.from(JSON.stringify({ receipt: forged })),
            },
          }
        : null;
    const result = backUp(phone);
    expect(result).toMatchObject({ outcome: "failed", code: "peer-key-changed", counts: { filesSynced: 0 } });
    expect(noticesOf(phone.host)).toContain("receipt-not-authentic");
    phone.host.ground.link.faultOf = () => null;
    expect(backUpAgain(phone)).toMatchObject({ outcome: "ok", counts: { filesSynced: 5 } });
  });

  test("of another record makes nothing synced", () => {
    const phone = pairPhone(fillNotes);
    backUp(phone);
    const receipt = phone.host.store.query("SELECT receipt FROM record WHERE number = 1")[0]?.["receipt"];
    phone.host.ground.tree.write(`${ROOT}/new`, "new");
    phone.world.clock.advance(5_000);
    const body = Buffer.from(JSON.stringify({ receipt: Buffer.from(receipt as Uint8Array).toString("base64") }));
    phone.host.ground.link.faultOf = ({ path }) =>
      path.includes("/records/2")
        ? { kind: "answer", response: { status: 201, headers: { "content-type": "application/json" }, body } }
        : null;
    expect(backUpAgain(phone)).toMatchObject({ outcome: "failed", counts: { filesSynced: 5, filesWaiting: 1 } });
  });
});

describe("a network that turns metered", () => {
  test("while blobs are on their way stops them at once, and everything goes on when it may", () => {
    const phone = pairPhone(fillFilms);
    phone.host.drive({ kind: "set", policy: { unmeteredOnly: true } });
    phone.host.ground.link.upBytesPerS = 100_000;
    phone.host.ask({ kind: "backup", mode: "watch" });
    phone.host.runFor(30_000);
    expect(phone.host.effectsUnderWay.some(({ kind }) => kind === "upload")).toBe(true);
    phone.host.setConditions({ network: "metered" });
    phone.host.runFor(10);
    expect(phone.host.effectsUnderWay.filter(({ kind }) => kind === "upload" || kind === "request")).toEqual([]);
    const before = phone.host.ground.link.exchanges.length;
    phone.host.runFor(600_000);
    expect(phone.host.ground.link.exchanges.length).toBe(before);
    phone.host.setConditions({ network: "unmetered" });
    phone.host.ground.link.upBytesPerS = 50_000_000;
    phone.host.runFor(60_000);
    checkGuarantees(phone.host);
    expect(restoreElsewhere(phone).files).toEqual(expectedTree(phone));
  });
});
