// Real folders, real servers and quick ways to ask for effects. Rule: what a test makes goes away with it.

import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Answer, Effect, EffectBody } from "coffre-engine";
import { onTestFinished } from "vitest";
import { NO_PASSPHRASE, type PassphraseSource } from "../../src/host/passphrase-source.ts";
import { Workshop } from "../../src/host/workshop.ts";

/** A new folder, removed after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "coffre-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file, with the folders above it; its path. */
export function write(folder: string, path: string, content: string | Buffer): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** A workshop with a home of its own. */
export function makeWorkshop(passphrases: PassphraseSource = NO_PASSPHRASE): Workshop {
  const workshop = new Workshop(join(makeFolder(), "keys.json"), passphrases);
  onTestFinished(() => workshop.close());
  return workshop;
}

/** Puts 32 random bytes into a slot in memory; returns a copy. */
export function fillSlot(workshop: Workshop, slot: string, bytes: Buffer = randomBytes(32)): Buffer {
  workshop.slots.write(slot, "memory", Buffer.from(bytes));
  return Buffer.from(bytes);
}

/** Carries out an effect and gives its answer. */
export async function carryOut(
  workshop: Workshop,
  effect: EffectBody,
  signal: AbortSignal = new AbortController().signal,
): Promise<Answer> {
  return await workshop.carryOut({ ...effect, id: 1 } as Effect, signal);
}

/** Carries out an effect whose answer must be of kind `kind`, and gives it as that. */
export async function expectAnswer<K extends Answer["kind"]>(
  workshop: Workshop,
  effect: EffectBody,
  kind: K,
): Promise<Extract<Answer, { kind: K }>> {
  const answer = await carryOut(workshop, effect);
  if (answer.kind !== kind) throw new Error(`expected ${kind}, got ${JSON.stringify(answer)}`);
  return answer as Extract<Answer, { kind: K }>;
}

/** The address of a listening server. */
export function originOf(server: Server, scheme = "http"): string {
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts an HTTP server on loopback; its origin. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await listen(server);
  return originOf(server);
}

/** Starts a server that speaks raw TCP; its origin as if it were HTTP. */
export async function serveRaw(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Makes a server listen on a free port until the test ends. */
export async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}

/** The whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}
