// What an export needs of a host: resources as they are, and bytes at a place of a file. Rule: what is written is read from the file
// system, byte for byte.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FinishItem } from "coffre-engine";
import { seededBytes } from "../../end-to-end/seeded-content.ts";
import { type CheckGroup, expectEqual, expectKind, expectThat } from "../check.ts";
import { finish, makePlaces, OK } from "../finished-items.ts";
import { serve } from "../servers.ts";

const TIMEOUT_MS = 20_000;

function write(to: string, offset: number, text: string, ends = false): FinishItem {
  return { kind: "write", to, offset, bytes: Buffer.from(text).toString("base64"), ends };
}

export const ARCHIVING_CHECKS: CheckGroup = {
  title: "Archiving",
  checks: [
    {
      says: "takes a part without a seal as it is, and only of a body that has the SHA-256 of the effect",
      proves: ["H-37"],
      run: async (stage) => {
        const bytes = seededBytes("as it is", 100_000);
        const { url } = await serve(stage, (response) => response.end(bytes));
        const root = stage.folder();
        const place = { root: 0, path: "in/file", offset: 512 };
        const parts = [
          { offset: 0, length: null, to: [place] },
          { offset: 10, length: 20, to: "answer" as const },
          { offset: bytes.length, length: null, to: "answer" as const },
          { offset: bytes.length, length: 1, to: "answer" as const },
        ];
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        const rest = { maxBytes: bytes.length, key: null, seals: [], roots: [root], timeoutMs: TIMEOUT_MS };
        const effect = { kind: "download", server: { url }, path: "/blob", ...rest } as const;
        const not = { kind: "not-authentic" };
        for (const wrong of ["00".repeat(32), null]) {
          const answer = expectKind(await stage.adapter.ask({ ...effect, sha256: wrong, parts }), "response");
          expectEqual("the parts under another SHA-256", answer.parts, [not, not, not, { kind: "outside" }]);
          expectThat("nothing is written", !existsSync(join(root, "in/file")));
        }
        const answer = expectKind(await stage.adapter.ask({ ...effect, sha256, parts }), "response");
        const taken = { kind: "ok", bytes: bytes.subarray(10, 30).toString("base64") };
        expectEqual("the parts", answer.parts, [OK, taken, { kind: "ok", bytes: "" }, { kind: "outside" }]);
        expectThat("the file", readFileSync(join(root, "in/file")).equals(Buffer.concat([Buffer.alloc(512), bytes])));
      },
    },
    {
      says: "writes bytes into a file of the work folder, and ends it where it is told to",
      proves: ["H-38"],
      run: async (stage) => {
        const places = makePlaces(stage);
        const path = join(places.work, "deep/file");
        const first = [write("deep/file", 4, "four"), write("deep/file", 0, "zero"), write("deep/file", 10, "ten")];
        expectEqual("the answer", await finish(stage.adapter, places, first), [OK, OK, OK]);
        expectEqual("the file", readFileSync(path, "latin1"), "zerofour\0\0ten");
        expectEqual("its mode", statSync(path).mode & 0o777, 0o600);
        expectEqual("the answer", await finish(stage.adapter, places, [write("deep/file", 6, "\0\0", true)]), [OK]);
        expectEqual("the file that ends", readFileSync(path, "latin1"), "zerofo\0\0");
        expectEqual("the answer", await finish(stage.adapter, places, [write("deep/file", 3, "", true)]), [OK]);
        expectEqual("the file that was cut", readFileSync(path, "latin1"), "zer");
      },
    },
  ],
};
