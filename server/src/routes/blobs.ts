// Routes of blobs and bases (P-40 to P-43, P-60). Rule: a blob's body is handed on as a stream and never gathered.

import { Type } from "typebox";
import { answerAudits, MAX_AUDITS } from "../domain/audits.ts";
import { findMissing, openBlob, putBlob, readBlobSize } from "../domain/blobs.ts";
import { parseBase64, parseId } from "../domain/encodings.ts";
import { BASE_BYTES, type Instance } from "../domain/instance.ts";
import { putBase, readBase } from "../domain/records.ts";
import { malformed, Refusal } from "../domain/refusal.ts";
import type { ByteRange } from "../domain/storage.ts";
import { type App, requireCaller } from "./app.ts";
import { readPieces } from "./bodies.ts";
import { readBody, readNumber } from "./logs.ts";
import { lengthRequired } from "./problem-answers.ts";
import { Base64, Empty, IdText, JSON_LIMIT_BYTES, Nullable, NumberText, problems, rawContent } from "./schemas.ts";

const BlobParams = Type.Object({ id: IdText });
const BaseParams = Type.Object({ number: NumberText });
/** A question of an audit in JSON. */
const AUDIT_BYTES = 192;
/** An id in JSON, with a line for itself. */
const ID_BYTES = 72;
/** P-7: a blob is named by its content and never changes. */
const IMMUTABLE = "private, max-age=31536000, immutable";

type Range = { readonly kind: "whole" } | { readonly kind: "outside" } | ({ readonly kind: "part" } & ByteRange);

/** Registers what is asked in JSON. */
export function registerMissing(app: App, instance: Instance): void {
  const { idsPerQuery } = instance.terms.limits;
  app.post(
    "/v1/blobs/missing",
    {
      bodyLimit: JSON_LIMIT_BYTES + idsPerQuery * ID_BYTES,
      config: { scopes: ["append", "full"] },
      schema: {
        summary: "Which of these blobs the vault lacks (P-41)",
        body: Type.Object({ ids: Type.Array(IdText, { maxItems: idsPerQuery }) }),
        response: { 200: Type.Object({ missing: Type.Array(IdText) }), ...problems },
      },
    },
    async (request) => ({
      missing: await findMissing(instance, requireCaller(request).vault, request.body.ids.map(parseId)),
    }),
  );
}

/** Registers audits. */
export function registerAudits(app: App, instance: Instance): void {
  app.post(
    "/v1/audits",
    {
      bodyLimit: JSON_LIMIT_BYTES + MAX_AUDITS * AUDIT_BYTES,
      config: { scopes: ["append", "full"] },
      schema: {
        summary: "Prove that pieces of blobs are there (P-44)",
        body: Type.Object({
          audits: Type.Array(
            Type.Object({
              blob: IdText,
              piece: Type.Integer({ minimum: 0, maximum: 1_023, description: "counted in steps of 65,536 bytes" }),
              nonce: Base64("16 to 32 bytes"),
            }),
            { maxItems: MAX_AUDITS },
          ),
        }),
        response: {
          200: Type.Object({ answers: Type.Array(Nullable(Base64("SHA-256(nonce ‖ piece)"))) }),
          ...problems,
        },
      },
    },
    async (request) => {
      const audits = request.body.audits.map(({ blob, piece, nonce }) => {
        const bytes = parseBase64(nonce);
        if (bytes.length < 16 || bytes.length > 32) throw malformed("expected a nonce of 16 to 32 bytes");
        return { blob: parseId(blob), piece, nonce: bytes };
      });
      return { answers: await answerAudits(instance, requireCaller(request).vault, audits) };
    },
  );
}

/** Registers blobs; `app` hands bodies on as streams. */
export function registerBlobs(app: App, instance: Instance): void {
  app.put(
    "/v1/blobs/:id",
    {
      bodyLimit: instance.terms.limits.blobBytes,
      config: { scopes: ["append", "full"], isStreamed: true },
      schema: {
        summary: "Store a blob (P-40)",
        params: BlobParams,
        body: rawContent("the blob"),
        response: { 200: Empty, 201: Empty, ...problems },
      },
    },
    async (request, reply) => {
      const caller = requireCaller(request);
      const length = request.headers["content-length"];
      if (length === undefined) throw lengthRequired();
      const body = readPieces(request.raw);
      const outcome = await putBlob(instance, caller, parseId(request.params.id), Number(length), body);
      return reply.code(outcome === "created" ? 201 : 200).send(null);
    },
  );

  app.get(
    "/v1/blobs/:id",
    {
      config: { scopes: ["full"] },
      schema: {
        summary: "A blob, or a range of it (P-42)",
        params: BlobParams,
        response: { 200: rawContent("the blob"), 206: rawContent("a range of the blob"), ...problems },
      },
    },
    async (request, reply) => {
      const { vault } = requireCaller(request);
      const id = parseId(request.params.id);
      const { sizeBytes } = await readBlobSize(instance, vault, id);
      const range = parseRange(request.headers.range, sizeBytes);
      reply.headers({ etag: `"${id}"`, "accept-ranges": "bytes" });
      if (range.kind === "outside") {
        return reply.code(416).header("content-range", `bytes */${sizeBytes}`).send();
      }
      // Opened first: a problem bears none of the headers of a blob.
      const body = await openBlob(instance, vault, id, range.kind === "whole" ? null : range);
      reply.header("cache-control", IMMUTABLE).type("application/octet-stream");
      if (range.kind === "whole") return reply.header("content-length", sizeBytes).send(body);
      reply.header("content-range", `bytes ${range.first}-${range.last}/${sizeBytes}`);
      return reply
        .code(206)
        .header("content-length", range.last - range.first + 1)
        .send(body);
    },
  );

  app.head(
    "/v1/blobs/:id",
    {
      config: { scopes: ["full"] },
      schema: { summary: "Whether a blob is there (P-42)", params: BlobParams, response: { 200: Empty, ...problems } },
    },
    async (request, reply) => {
      const id = parseId(request.params.id);
      const { sizeBytes, isDamaged } = await readBlobSize(instance, requireCaller(request).vault, id);
      if (isDamaged) throw new Refusal("not-found");
      reply.headers({ etag: `"${id}"`, "accept-ranges": "bytes", "cache-control": IMMUTABLE });
      return reply.type("application/octet-stream").header("content-length", sizeBytes).send(null);
    },
  );
}

/** Registers bases; `app` parses bodies into buffers. */
export function registerBases(app: App, instance: Instance): void {
  app.put(
    "/v1/bases/:number",
    {
      bodyLimit: BASE_BYTES,
      config: { scopes: ["full"] },
      schema: {
        summary: "Store a base (P-60)",
        params: BaseParams,
        body: rawContent("statement and base"),
        response: { 200: Empty, 201: Empty, ...problems },
      },
    },
    async (request, reply) => {
      const number = readNumber(request.params.number);
      const outcome = await putBase(instance, requireCaller(request), number, readBody(request.body));
      return reply.code(outcome === "created" ? 201 : 200).send(null);
    },
  );

  app.get(
    "/v1/bases/:number",
    {
      config: { scopes: ["full"] },
      schema: {
        summary: "A base (P-60)",
        params: BaseParams,
        response: { 200: rawContent("statement and base"), ...problems },
      },
    },
    async (request, reply) => {
      const body = await readBase(instance, requireCaller(request).vault, readNumber(request.params.number));
      return reply.type("application/octet-stream").send(body);
    },
  );
}

/** One range of bytes (RFC 9110 §14.1.2); several ranges, or what cannot be read, mean the whole. */
function parseRange(header: string | undefined, sizeBytes: number): Range {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return { kind: "whole" };
  if (first === "") {
    const count = Math.min(Number(last), sizeBytes);
    return count === 0 ? { kind: "outside" } : { kind: "part", first: sizeBytes - count, last: sizeBytes - 1 };
  }
  const end = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (Number(first) >= sizeBytes) return { kind: "outside" };
  if (last !== "" && Number(last) < Number(first)) return { kind: "whole" };
  return { kind: "part", first: Number(first), last: end };
}
