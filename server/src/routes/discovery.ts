// What a client finds out first (P-10, P-11), and whether the process lives (docs/protocol.md 10).

import { Type } from "typebox";
import { formatBase64, formatTime } from "../domain/encodings.ts";
import type { Instance } from "../domain/instance.ts";
import { Readiness } from "../domain/readiness.ts";
import { Refusal } from "../domain/refusal.ts";
import { readServerKey } from "../domain/server-keys.ts";
import type { App } from "./app.ts";
import { Base64, Positive, problems, Time } from "./schemas.ts";

/** P-11. */
const FEATURES = ["second-factor", "bases", "audits"];
const PROTOCOLS = ["1"];

const Discovery = Type.Object({
  protocols: Type.Array(Type.String()),
  software: Type.String(),
  features: Type.Array(Type.String()),
  registration: Type.Union([Type.Literal("open"), Type.Literal("invitation"), Type.Literal("closed")]),
  serverKey: Base64("the Ed25519 key that signs receipts, 32 bytes"),
  limits: Type.Object({ blobBytes: Positive, recordBytes: Positive, idsPerQuery: Positive, idsPerRecord: Positive }),
  time: Time,
});

const Health = Type.Object({ status: Type.Literal("ok") });

/** Registers discovery and health; `isReady` says whether requests are served. */
export function registerDiscovery(app: App, instance: Instance, software: string, isReady: () => boolean): void {
  const serverKey = formatBase64(readServerKey(instance.keys));
  const { registration, limits } = instance.terms;
  const readiness = new Readiness(instance, () => performance.now());

  app.get(
    "/.well-known/coffre",
    { schema: { summary: "What this server speaks and takes", response: { 200: Discovery, ...problems } } },
    async () => ({
      protocols: PROTOCOLS,
      software,
      features: FEATURES,
      registration,
      serverKey,
      limits,
      time: formatTime(instance.now()),
    }),
  );

  app.get(
    "/health/live",
    { schema: { summary: "The process runs", response: { 200: Health, ...problems } } },
    async () => ({ status: "ok" as const }),
  );

  app.get(
    "/health/ready",
    {
      schema: {
        summary: "Requests are served, and what they bring can be stored",
        response: { 200: Health, ...problems },
      },
    },
    async () => {
      if (!isReady()) throw new Refusal("starting");
      await readiness.require();
      return { status: "ok" as const };
    },
  );
}
