// `upload`: a body built by its plan and sent in one exchange (docs/host-api.md H-22). Rule: nothing is sent before the whole
// body is right; its memory is one pooled buffer.

import { createHash } from "node:crypto";
import type { Answers, AuditQuestion, EffectBody } from "coffre-engine";
import { type Lane, RefusedEffect, type Turn } from "../../../../host-loop/src/index.ts";
import { BODY_BYTES, type BodyBuffers } from "../body-buffers.ts";
import type { Connections } from "../connections.ts";
import { exchange } from "../exchange.ts";
import { FilePieces, type PieceFailure } from "../file-pieces.ts";
import type { HashedBytes } from "../hashed-bytes.ts";
import { TextReceiver } from "../response-text.ts";
import { beginTurn } from "../runtime.ts";
import { SEAL_BYTES, sealInto, sha256 } from "../sealing.ts";
import type { Slots } from "../slots.ts";

type UploadEffect = EffectBody & { kind: "upload" };
type FailedPart = { part: number; reason: PieceFailure };

const ANSWER_BYTES = 65_536;
/** Audits count a body in steps of this. */
const PIECE_BYTES = 65_536;

/** Carries out an `upload` effect. */
export async function uploadBody(
  {
    slots,
    hashed,
    lane,
    buffers,
    connections,
  }: { slots: Slots; hashed: HashedBytes; lane: Lane; buffers: BodyBuffers; connections: Connections },
  effect: UploadEffect,
  signal: AbortSignal,
): Promise<Answers["upload"]> {
  const sizeBytes = measureBody(effect);
  return await buffers.use(async (buffer) => {
    const body = buffer.subarray(0, sizeBytes);
    const built = await lane.run(() => new BodyBuilder(slots, hashed, effect, beginTurn(signal)).build(body));
    if (typeof built !== "string") return { kind: "part-failed", parts: built };
    const receiver = new TextReceiver(ANSWER_BYTES, "drop");
    const end = await exchange(
      connections,
      {
        server: effect.server,
        method: effect.method,
        path: effect.path.replaceAll("{sha256}", built),
        bearer: effect.bearer,
        headers: { accept: "application/json", "content-type": "application/octet-stream" },
        body,
        timeoutMs: effect.timeoutMs,
        rateBytesPerS: effect.rateBytesPerS,
      },
      receiver,
      signal,
    );
    if (end.kind === "no-answer") return end;
    const answers = effect.audits === undefined ? {} : { answers: answerAudits(body, effect.audits) };
    return { ...end, kind: "response", body: receiver.text(), sha256: built, sizeBytes, ...answers };
  });
}

/** What the server would answer to these questions about the body (H-39). */
function answerAudits(body: Buffer, audits: readonly AuditQuestion[]): string[] {
  return audits.map(({ piece, nonce }) => {
    const bytes = body.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
    return createHash("sha256").update(nonce, "base64").update(bytes).digest("base64");
  });
}

/** The size of the body that a plan makes. */
function measureBody(effect: UploadEffect): number {
  let size = 0;
  for (const part of effect.parts) {
    const length =
      "bytes" in part ? Buffer.byteLength(part.bytes, "base64") : "zeros" in part ? part.zeros : part.length;
    if (!(Number.isSafeInteger(length) && length >= 0)) throw new RefusedEffect("expected parts with lengths");
    size += length + (part.seal === undefined ? 0 : SEAL_BYTES);
  }
  if (size > BODY_BYTES) throw new RefusedEffect(`expected a body of at most ${BODY_BYTES} bytes, got ${size}`);
  return size;
}

class BodyBuilder {
  readonly #slots: Slots;
  readonly #effect: UploadEffect;
  readonly #pieces: FilePieces;
  readonly #turn: Turn;
  /** SHA-256 of the body as far as it stands: while it is in the processor's cache. */
  readonly #sha = createHash("sha256");

  constructor(slots: Slots, hashed: HashedBytes, effect: UploadEffect, turn: Turn) {
    this.#slots = slots;
    this.#effect = effect;
    this.#turn = turn;
    this.#pieces = new FilePieces(slots, hashed, effect.roots, effect.key);
  }

  /** Fills `body`; its SHA-256 in hex, or the parts whose files are not what the plan says, all of them. */
  async build(body: Buffer): Promise<string | FailedPart[]> {
    const failed: FailedPart[] = [];
    let at = 0;
    try {
      for (const [index, part] of this.#effect.parts.entries()) {
        const from = at;
        if ("digest" in part) {
          const piece = this.#pieces.read(part);
          if (typeof piece === "string") failed.push({ part: index, reason: piece });
          else if (failed.length === 0) at = this.#append(body, at, piece.bytes, piece.sha256, part.seal, part.digest);
        } else if (failed.length === 0) {
          const bytes = "bytes" in part ? Buffer.from(part.bytes, "base64") : Buffer.alloc(part.zeros);
          at = this.#append(body, at, bytes, null, part.seal, null);
        }
        this.#sha.update(body.subarray(from, at));
        if (this.#turn.isOver()) await this.#turn.pass();
      }
    } finally {
      this.#pieces.close();
    }
    return failed.length === 0 ? this.#sha.digest("hex") : failed;
  }

  #append(
    body: Buffer,
    at: number,
    bytes: Buffer,
    sha: Buffer | null,
    seal: number | undefined,
    digest: string | null,
  ): number {
    if (seal === undefined) {
      body.set(bytes, at);
      return at + bytes.length;
    }
    const under = this.#effect.seals[seal];
    const root = under === undefined ? null : this.#slots.find(under.slot);
    if (under === undefined || root === null) throw new RefusedEffect("expected a slot that is there to seal under");
    const context = digest === null ? under.context : under.context.replaceAll("{digest}", digest);
    return sealInto(body, at, root, context, bytes, sha ?? sha256(bytes));
  }
}
