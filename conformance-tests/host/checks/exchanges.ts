// Requests, answers and no-answers. Rule: one question on the wire for one effect, whatever the server does.

import { type CheckGroup, expectEqual, expectKind, expectThat } from "../check.ts";
import { deadOrigin, makeCertificate, serve, serveRaw } from "../servers.ts";
import type { Stage } from "../stage.ts";

const TIMEOUT_MS = 20_000;
/** How long a server may be silent where silence is what is checked. */
const SHORT_MS = 300;
/** The longest body of a response to a `request` (host-api.md §3). */
const MOST_BYTES = 393_216 - 24_000;
const TROUBLE = [301, 302, 307, 308, 400, 401, 404, 408, 409, 425, 429, 500, 502, 503, 504];

function get(url: string, timeoutMs = TIMEOUT_MS, pin?: string) {
  const server = pin === undefined ? { url } : { url, pin };
  return { kind: "request", server, method: "GET", path: "/x", timeoutMs } as const;
}

function noAnswer(reason: string): unknown {
  return { kind: "no-answer", reason };
}

/** Asks a server that treats each connection with `onSocket`, which is given what came. */
async function askRaw(stage: Stage, answer: string | null, timeoutMs = TIMEOUT_MS): Promise<unknown> {
  const url = await serveRaw(stage, (socket) => {
    socket.once("data", () => {
      if (answer !== null) socket.end(answer);
    });
  });
  return await stage.adapter.ask(get(url, timeoutMs));
}

export const EXCHANGE_CHECKS: CheckGroup = {
  title: "Requests and answers",
  checks: [
    {
      says: "sends method, path, bearer and JSON as they are given",
      proves: ["H-28", "H-13"],
      run: async (stage) => {
        const { url, requests } = await serve(stage, (response) => response.writeHead(201).end());
        const json = { text: "é😀\n", list: [1, null, true], nested: { "": "" } };
        for (const method of ["GET", "POST", "PUT", "DELETE"] as const) {
          const path = `/v1/a%20b?method=${method}`;
          const content = method === "POST" || method === "PUT" ? { json } : {};
          const server = { url };
          const effect = {
            kind: "request",
            server,
            method,
            path,
            bearer: "a.b-c_d~e+f/g=",
            timeoutMs: TIMEOUT_MS,
          } as const;
          expectEqual(
            "its status",
            expectKind(await stage.adapter.ask({ ...effect, ...content }), "response").status,
            201,
          );
          const seen = requests.at(-1);
          expectEqual("method and path", [seen?.method, seen?.path], [method, path]);
          expectEqual("the bearer", seen?.headers.authorization, "Bearer a.b-c_d~e+f/g=");
          if (!("json" in content)) continue;
          expectEqual("the JSON", JSON.parse(String(seen?.body)), json);
          expectThat("expected a content type of JSON", /^application\/json/.test(seen?.headers["content-type"] ?? ""));
        }
        await stage.adapter.ask(get(url));
        expectEqual("a bearer that was not given", requests.at(-1)?.headers.authorization, undefined);
      },
    },
    {
      says: "gives status, three headers and the text",
      proves: ["H-13"],
      run: async (stage) => {
        const headers = {
          "content-type": "text/plain; charset=utf-8",
          "retry-after": "7",
          etag: '"e"',
          "x-other": "1",
        };
        const { url } = await serve(stage, (response) => response.writeHead(200, headers).end("Grüße 😀"));
        const { elapsedMs, ...answer } = expectKind(await stage.adapter.ask(get(url)), "response");
        const told = { "content-type": headers["content-type"], "retry-after": "7", etag: '"e"' };
        expectEqual("the answer", answer, { kind: "response", status: 200, headers: told, body: "Grüße 😀" });
        expectThat("expected milliseconds", Number.isSafeInteger(elapsedMs) && elapsedMs >= 0, elapsedMs);
        const bare = await serve(stage, (response) => response.writeHead(204).end());
        const empty = expectKind(await stage.adapter.ask(get(bare.url)), "response");
        expectEqual("headers that did not come", empty.headers, {});
        expectEqual("no body", empty.body, "");
      },
    },
    {
      says: "gives null for a body that is not UTF-8",
      proves: ["H-13"],
      run: async (stage) => {
        for (const bytes of [Buffer.of(0xff, 0xfe), Buffer.of(0x61, 0xed, 0xa0, 0x80), Buffer.of(0xc0, 0x80)]) {
          const { url } = await serve(stage, (response) => response.end(bytes));
          expectEqual("the body", expectKind(await stage.adapter.ask(get(url)), "response").body, null);
        }
      },
    },
    {
      says: "puts one request on the wire for one 503, and for every other status",
      proves: ["H-28", "H-10"],
      run: async (stage) => {
        for (const status of TROUBLE) {
          const { url, requests } = await serve(stage, (response) =>
            response.writeHead(status, { "retry-after": "0", location: "/elsewhere" }).end("<html>"),
          );
          const answer = expectKind(await stage.adapter.ask(get(url)), "response");
          expectEqual("status and text", [answer.status, answer.body], [status, "<html>"]);
          expectEqual(
            `requests at the server that answers ${status}`,
            requests.map(({ path }) => path),
            ["/x"],
          );
        }
      },
    },
    {
      says: "says unreachable when nothing listens or no such name exists",
      proves: ["H-13"],
      run: async ({ adapter }) => {
        expectEqual("a closed port", await adapter.ask(get(await deadOrigin())), noAnswer("unreachable"));
        expectEqual("no such name", await adapter.ask(get("http://host.invalid")), noAnswer("unreachable"));
      },
    },
    {
      says: "says timeout when a server is silent, and waits for one that is slow but not silent",
      proves: ["H-13", "H-10"],
      run: async (stage) => {
        expectEqual("a silent server", await askRaw(stage, null, SHORT_MS), noAnswer("timeout"));
        const half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
        const url = await serveRaw(stage, (socket) => socket.once("data", () => socket.write(half)));
        expectEqual("silent in the middle", await stage.adapter.ask(get(url, SHORT_MS)), noAnswer("timeout"));
        const slow = await serve(stage, (response) => {
          let left = 4;
          const timer = setInterval(() => {
            if (--left > 0) response.write("piece ");
            else response.end("end");
            if (left === 0) clearInterval(timer);
          }, 600);
          response.on("close", () => clearInterval(timer));
        });
        const answer = expectKind(await stage.adapter.ask(get(slow.url, 2_000)), "response");
        expectEqual("what came slowly", answer.body, "piece piece piece end");
      },
    },
    {
      says: "says reset when a connection breaks off, before the answer or within it, and asks once",
      proves: ["H-13", "H-10"],
      run: async (stage) => {
        expectEqual("before the answer", await askRaw(stage, ""), noAnswer("reset"));
        const half = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
        expectEqual("within the body", await askRaw(stage, half), noAnswer("reset"));
        const chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n";
        expectEqual("within chunks", await askRaw(stage, chunk), noAnswer("reset"));
        let connections = 0;
        const url = await serveRaw(stage, (socket) => {
          connections++;
          socket.once("data", () => socket.resetAndDestroy());
        });
        expectEqual("reset", await stage.adapter.ask(get(url)), noAnswer("reset"));
        expectEqual("connections to it", connections, 1);
      },
    },
    {
      says: "says protocol when what answers is not HTTP",
      proves: ["H-13"],
      run: async (stage) => {
        expectEqual("another protocol", await askRaw(stage, "220 mail.example ESMTP\r\n"), noAnswer("protocol"));
        expectEqual("noise", await askRaw(stage, "\u0000\u0001\u0002\u0003\r\n\r\n"), noAnswer("protocol"));
        for (const status of ["-20", "+20", "20", "000"]) {
          const answer = await askRaw(stage, `HTTP/1.1 ${status} Odd\r\ncontent-length: 0\r\n\r\n`);
          expectEqual(`the status ${status}`, answer, noAnswer("protocol"));
        }
        const ok = "HTTP/1.1 200 OK\r\n";
        expectEqual(
          "less than nothing",
          await askRaw(stage, `${ok}content-length: -5\r\n\r\nhello`),
          noAnswer("protocol"),
        );
        const chunk = `${ok}transfer-encoding: chunked\r\n\r\n-5\r\nhello`;
        expectEqual("a chunk of less than nothing", await askRaw(stage, chunk), noAnswer("protocol"));
      },
    },
    {
      says: "takes a body of the greatest length, and says too-large for one byte more",
      proves: ["H-28", "H-13"],
      run: async (stage) => {
        for (const length of [MOST_BYTES, MOST_BYTES + 1]) {
          for (const isAnnounced of [true, false]) {
            const { url } = await serve(stage, (response) => {
              if (isAnnounced) response.setHeader("content-length", length);
              response.end("a".repeat(length));
            });
            const answer = await stage.adapter.ask(get(url));
            if (length > MOST_BYTES) expectEqual("one byte too many", answer, noAnswer("too-large"));
            else expectEqual("the body's length", expectKind(answer, "response").body?.length, length);
          }
        }
      },
    },
    {
      says: "accepts exactly the pinned key, sends nothing to another, and trusts nobody's certificate without a pin",
      proves: ["H-10", "H-13"],
      run: async (stage) => {
        const certificate = makeCertificate(stage);
        const { url, requests } = await serve(stage, (response) => response.end("secure"), { certificate });
        const wrong = "0".repeat(64);
        const { adapter } = stage;
        expectEqual("another pin", await adapter.ask(get(url, TIMEOUT_MS, wrong)), noAnswer("pin"));
        expectEqual("no pin", await adapter.ask(get(url)), noAnswer("tls"));
        expectEqual("what reached the server", requests, []);
        const answer = expectKind(await adapter.ask(get(url, TIMEOUT_MS, certificate.pin)), "response");
        expectEqual("the body under the right pin", answer.body, "secure");
        expectEqual(
          "another pin, when a connection is kept",
          await adapter.ask(get(url, TIMEOUT_MS, wrong)),
          noAnswer("pin"),
        );
        expectEqual("requests at the server", requests.length, 1);
        const plain = await serve(stage, (response) => response.end("plain"));
        const asTls = plain.url.replace("http:", "https:");
        expectEqual("no TLS there", await adapter.ask(get(asTls, TIMEOUT_MS, certificate.pin)), noAnswer("tls"));
      },
    },
    {
      says: "asks again, unseen, when a kept connection was closed behind its back",
      proves: ["H-10"],
      run: async (stage) => {
        let asked = 0;
        const url = await serveRaw(stage, (socket) => {
          // The answer keeps the connection, and the server closes it at once.
          socket.once("data", () => {
            asked++;
            socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
          });
        });
        for (let times = 1; times <= 5; times++) {
          expectEqual("the answer", expectKind(await stage.adapter.ask(get(url)), "response").body, "ok");
          expectEqual("requests that were read", asked, times);
        }
      },
    },
    {
      says: "answers host-error to what is no server: another scheme, no URL, a pin that is none",
      proves: ["H-12", "H-10"],
      run: async ({ adapter }) => {
        const failed = { kind: "failed", reason: "host-error" };
        for (const url of ["ftp://127.0.0.1", "file:///etc/hostname", "no url", ""]) {
          expectEqual(`a server at ${JSON.stringify(url)}`, await adapter.ask(get(url)), failed);
        }
        expectEqual("a short pin", await adapter.ask(get("https://127.0.0.1:1", TIMEOUT_MS, "ab")), failed);
      },
    },
    {
      says: "reaches nobody in clear where there is a pin, nor with a path that could name another server",
      proves: ["H-12", "H-10"],
      run: async (stage) => {
        let connections = 0;
        const url = await serveRaw(stage, () => {
          connections++;
        });
        const failed = { kind: "failed", reason: "host-error" };
        const asked = { ...get(url), bearer: "secret" };
        expectEqual(
          "a pin without TLS",
          await stage.adapter.ask({ ...asked, server: { url, pin: "0".repeat(64) } }),
          failed,
        );
        for (const path of [`@${new URL(url).host}/x`, `${url}/x`, "x", ""]) {
          expectEqual(`the path ${path}`, await stage.adapter.ask({ ...asked, path }), failed);
        }
        expectEqual("connections to the server", connections, 0);
      },
    },
  ],
};
