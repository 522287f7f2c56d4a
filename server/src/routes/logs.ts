// Routes of a device's log: head, epochs, records (P-32, P-33, P-50 to P-54). Rule: an id in a path is checked against the
// caller before anything is read.

import { Type } from "typebox";
import { requireDevice } from "../domain/callers.ts";
import { formatTime, parseId } from "../domain/encodings.ts";
import type { Instance } from "../domain/instance.ts";
import { readDeviceState, readEnvelope, readEnvelopes, readRecords } from "../domain/logs.ts";
import { putEnvelope, putRecord } from "../domain/records.ts";
import { malformed } from "../domain/refusal.ts";
import { type App, requireCaller, requireDeviceCaller } from "./app.ts";
import {
  AfterQuery,
  Base64,
  Counted,
  DeviceParams,
  damagedNumbers,
  Empty,
  IdText,
  Nullable,
  NumberedDeviceParams,
  Positive,
  problems,
  RecordItem,
  rawContent,
  Time,
} from "./schemas.ts";

const Receipt = Type.Object({ receipt: Base64("receipt") });
const ENVELOPE_LIMIT_BYTES = 4_096;

/** Registers what is read as JSON. */
export function registerLogs(app: App, instance: Instance): void {
  app.get(
    "/v1/devices/:device/head",
    {
      config: { scopes: ["append", "full"] },
      schema: {
        summary: "The newest record of a device (P-32)",
        params: DeviceParams,
        response: {
          200: Type.Object({
            number: Counted,
            hash: IdText,
            receipt: Nullable(Base64("receipt")),
            epoch: Counted,
            drop: Type.Literal(0),
            damaged: Type.Array(IdText),
            ...damagedNumbers,
            time: Time,
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const caller = requireCaller(request);
      const device = parseId(request.params.device);
      await requireDevice(instance, caller, device, true);
      const state = await readDeviceState(instance, caller.vault, device);
      return { ...state, drop: 0 as const, time: formatTime(instance.now()) };
    },
  );

  app.get(
    "/v1/devices/:device/records",
    {
      config: { scopes: ["append", "full"] },
      schema: {
        summary: "A page of a device's log (P-53)",
        params: DeviceParams,
        querystring: AfterQuery,
        response: { 200: Type.Object({ records: Type.Array(RecordItem), next: Nullable(Counted) }), ...problems },
      },
    },
    async (request) => {
      const caller = requireCaller(request);
      const device = parseId(request.params.device);
      await requireDevice(instance, caller, device, true);
      return readRecords(instance, caller.vault, device, readNumber(request.query.after ?? "0"));
    },
  );

  app.get(
    "/v1/devices/:device/epochs",
    {
      config: { scopes: ["append", "full"] },
      schema: {
        summary: "A page of a device's envelopes (P-33)",
        params: DeviceParams,
        querystring: AfterQuery,
        response: {
          200: Type.Object({
            envelopes: Type.Array(Type.Object({ number: Positive, envelope: Base64("envelope, signed bytes") })),
            next: Nullable(Counted),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const caller = requireCaller(request);
      const device = parseId(request.params.device);
      await requireDevice(instance, caller, device, true);
      return readEnvelopes(instance, caller.vault, device, readNumber(request.query.after ?? "0"));
    },
  );
}

/** Registers what travels as raw bytes; `app` parses bodies into buffers. */
export function registerRawLogs(app: App, instance: Instance): void {
  app.put(
    "/v1/devices/:device/epochs/:number",
    {
      bodyLimit: ENVELOPE_LIMIT_BYTES,
      config: { scopes: ["append"] },
      schema: {
        summary: "Store an epoch's envelope (P-33)",
        params: NumberedDeviceParams,
        body: rawContent("envelope, signed bytes"),
        response: { 200: Empty, 201: Empty, ...problems },
      },
    },
    async (request, reply) => {
      await requireDevice(instance, requireCaller(request), parseId(request.params.device), false);
      const caller = requireDeviceCaller(request);
      const number = readNumber(request.params.number);
      const outcome = await putEnvelope(instance, caller, number, readBody(request.body));
      return reply.code(outcome === "created" ? 201 : 200).send(null);
    },
  );

  app.get(
    "/v1/devices/:device/epochs/:number",
    {
      config: { scopes: ["append", "full"] },
      schema: {
        summary: "An epoch's envelope (P-33)",
        params: NumberedDeviceParams,
        response: { 200: rawContent("envelope, signed bytes"), ...problems },
      },
    },
    async (request, reply) => {
      const caller = requireCaller(request);
      const device = parseId(request.params.device);
      await requireDevice(instance, caller, device, true);
      const bytes = await readEnvelope(instance, caller.vault, device, readNumber(request.params.number));
      return reply.type("application/octet-stream").send(bytes);
    },
  );

  app.put(
    "/v1/devices/:device/records/:number",
    {
      bodyLimit: instance.terms.limits.recordBytes,
      config: { scopes: ["append"] },
      schema: {
        summary: "Append a record (P-50)",
        params: NumberedDeviceParams,
        body: rawContent("header and sealed body"),
        response: { 200: Receipt, 201: Receipt, ...problems },
      },
    },
    async (request, reply) => {
      await requireDevice(instance, requireCaller(request), parseId(request.params.device), false);
      const caller = requireDeviceCaller(request);
      const number = readNumber(request.params.number);
      const { outcome, receipt } = await putRecord(instance, caller, number, readBody(request.body));
      return reply.code(outcome === "created" ? 201 : 200).send({ receipt });
    },
  );
}

/** The number that a path or query spells; Refusal `malformed` above 2^53 − 1. */
export function readNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw malformed("the number is above 2^53 - 1");
  return number;
}

/** The bytes that the raw parser gathered. */
export function readBody(body: unknown): Uint8Array {
  if (!(body instanceof Uint8Array)) throw malformed("expected a body of raw bytes");
  return body;
}
