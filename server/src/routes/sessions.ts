// Routes that give and end tokens (P-22, P-23, P-30, P-31), and the second factor (P-25).

import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { makeChallenge, makeDeviceToken } from "../domain/devices.ts";
import { parseBase64, parseId, parseLogin } from "../domain/encodings.ts";
import type { Instance } from "../domain/instance.ts";
import { malformed, Refusal } from "../domain/refusal.ts";
import { beginEnrolment, confirmEnrolment, removeSecondFactor } from "../domain/second-factor.ts";
import { closeSession, openSession } from "../domain/sessions.ts";
import { type App, requireCaller } from "./app.ts";
import type { LoginGate } from "./gates.ts";
import { Base64, Counted, Empty, Head, IdText, Nullable, Positive, problems, RecordItem, Time } from "./schemas.ts";

const Code = Type.String({ maxLength: 64, description: "a TOTP code or a recovery code" });
const Token = Type.Object({ token: Type.String(), expiresAt: Time });

const StartBundle = Type.Object({
  token: Type.String(),
  expiresAt: Time,
  vault: IdText,
  vaultObject: Base64("vault object, signed bytes"),
  tag: IdText,
  roster: Base64("roster, signed bytes"),
  heads: Type.Array(
    Type.Object({ ...Head.properties, seenAt: Type.Optional(Time), storedBytes: Type.Optional(Counted) }),
  ),
  tail: Nullable(Type.Object({ device: IdText, records: Type.Array(RecordItem), next: Nullable(Counted) })),
  envelopes: Type.Array(Type.Object({ device: IdText, number: Positive, envelope: Base64("envelope, signed bytes") })),
});

export function registerSessions(app: App, instance: Instance, gate: LoginGate): void {
  app.post(
    "/v1/sessions",
    {
      config: { isStrict: true },
      schema: {
        summary: "Log in and begin reading (P-22)",
        body: Type.Object({
          login: Type.String(),
          loginKey: Base64("32 bytes"),
          code: Type.Optional(Code),
          device: Type.Optional(IdText),
        }),
        response: { 201: StartBundle, ...problems },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const login = parseLogin(body.login);
      const loginKey = parseBase64(body.loginKey, 32);
      const device = body.device === undefined ? null : parseId(body.device);
      request.limitKey = createHash("sha256").update(login).digest("base64");
      await gate.check(request, reply);
      const open = () => openSession(instance, { login, loginKey, code: body.code ?? null, device });
      return reply.code(201).send(await countRefusals(gate, request, open));
    },
  );

  app.delete(
    "/v1/sessions",
    { config: { scopes: ["full"] }, schema: { summary: "Log out (P-23)", response: { 204: Empty, ...problems } } },
    async (request, reply) => {
      await closeSession(instance, requireCaller(request));
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/v1/challenges",
    {
      config: { isStrict: true },
      schema: {
        summary: "A challenge for a device to sign (P-30)",
        body: Type.Object({ vault: IdText, device: IdText }),
        response: { 201: Type.Object({ challenge: Base64("32 bytes"), expiresAt: Time }), ...problems },
      },
    },
    async (request, reply) => {
      const { vault, device } = request.body;
      return reply.code(201).send(makeChallenge(instance, parseId(vault), parseId(device)));
    },
  );

  app.post(
    "/v1/tokens",
    {
      config: { isStrict: true },
      schema: {
        summary: "A device's token for a signed challenge (P-31)",
        body: Type.Object({ vault: IdText, device: IdText, answer: Base64("challenge answer, signed bytes") }),
        response: { 201: Token, ...problems },
      },
    },
    async (request, reply) => {
      const { vault, device, answer } = request.body;
      const token = await makeDeviceToken(instance, parseId(vault), parseId(device), parseBase64(answer));
      return reply.code(201).send(token);
    },
  );

  registerSecondFactor(app, instance, gate);
}

function registerSecondFactor(app: App, instance: Instance, gate: LoginGate): void {
  const Statement = Base64("second-factor statement, signed bytes");

  app.put(
    "/v1/second-factor",
    {
      config: { scopes: ["full"] },
      schema: {
        summary: "Enrol a second factor, then confirm it with a code (P-25)",
        body: Type.Object({ statement: Statement, code: Type.Optional(Code) }),
        response: {
          200: Type.Object({
            secret: Type.Optional(Type.String()),
            uri: Type.Optional(Type.String()),
            recoveryCodes: Type.Optional(Type.Array(Type.String())),
            active: Type.Optional(Type.Literal(true)),
          }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const caller = requireCaller(request);
      const statement = parseBase64(request.body.statement);
      const { code } = request.body;
      if (code === undefined) return beginEnrolment(instance, caller, statement);
      request.limitKey = caller.vault;
      await gate.check(request, reply);
      await countRefusals(gate, request, () => confirmEnrolment(instance, caller, statement, code));
      return { active: true as const };
    },
  );

  app.delete(
    "/v1/second-factor",
    {
      config: { scopes: ["full"] },
      schema: {
        summary: "Remove the second factor (P-25)",
        body: Type.Object({ statement: Statement }),
        response: { 204: Empty, ...problems },
      },
    },
    async (request, reply) => {
      if (request.body === undefined) throw malformed("expected a statement");
      await removeSecondFactor(instance, requireCaller(request), parseBase64(request.body.statement));
      return reply.code(204).send(null);
    },
  );
}

/** Runs a login and counts it when it is refused (P-80). */
async function countRefusals<Result>(
  gate: LoginGate,
  request: FastifyRequest,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && error.code === "login-refused") await gate.count(request);
    throw error;
  }
}
