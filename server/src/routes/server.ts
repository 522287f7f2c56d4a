// The HTTP server over a domain: parsers, gates, routes. Rule: everything that a request can meet is installed here, in
// the order in which it is met.

import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, {
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
  type RouteOptions,
} from "fastify";
import type { Instance } from "../domain/instance.ts";
import { malformed } from "../domain/refusal.ts";
import { registerAccounts } from "./accounts.ts";
import type { App } from "./app.ts";
import { registerAudits, registerBases, registerBlobs, registerMissing } from "./blobs.ts";
import { type BodyTimes, DEFAULT_BODY_TIMES, installBodies } from "./bodies.ts";
import { registerDiscovery } from "./discovery.ts";
import { DEFAULT_LIMITS, installGates, type RequestLimits } from "./gates.ts";
import { registerLogs, registerRawLogs } from "./logs.ts";
import type { Answer } from "./metrics.ts";
import { endUnreadable, installProblems, sendUnreadable } from "./problem-answers.ts";
import { JSON_LIMIT_BYTES } from "./schemas.ts";
import { registerSessions } from "./sessions.ts";
import { installStopping } from "./stopping.ts";
import { registerWeb, type WebClient } from "./web.ts";

export type ServerOptions = {
  readonly software: string;
  readonly limits: RequestLimits;
  /** Key and certificate in PEM; null serves plain HTTP. */
  readonly tls: { readonly key: string; readonly cert: string } | null;
  /** Takes the client's address from what a proxy on loopback says. */
  readonly isBehindProxy: boolean;
  /** Fastify's logger option; false logs nothing. */
  readonly logger: FastifyServerOptions["logger"];
  readonly bodyTimes: BodyTimes;
  /** The pages that are served beside the protocol; null serves none. */
  readonly web: WebClient | null;
  /** Told of every answered request. */
  readonly onAnswered: (answer: Answer) => void;
};

export const DEFAULT_OPTIONS: ServerOptions = {
  software: "coffre-server",
  limits: DEFAULT_LIMITS,
  tls: null,
  isBehindProxy: false,
  logger: false,
  bodyTimes: DEFAULT_BODY_TIMES,
  web: null,
  onAnswered: () => undefined,
};

/** A blob may take half an hour; a connection on which nothing comes for two minutes is ended. */
const REQUEST_MS = 30 * 60_000;
const IDLE_MS = 2 * 60_000;

/** Builds the server; it does not listen yet. */
export async function buildServer(instance: Instance, options: ServerOptions): Promise<App> {
  const app = makeApp(options);
  const isReady = installStopping(app);
  await app.register(swagger, { openapi: describe(), exposeHeadRoutes: true, transform: describeRoute });
  installProblems(app);
  installJson(app);
  const gate = await installGates(app, instance, options.limits, options.tls !== null, options.onAnswered);
  installBodies(app, options.bodyTimes);
  await app.register(async (scope) => {
    registerDiscovery(scope as App, instance, options.software, isReady);
    registerAccounts(scope as App, instance);
    registerSessions(scope as App, instance, gate);
    registerLogs(scope as App, instance);
    registerMissing(scope as App, instance);
    registerAudits(scope as App, instance);
  });
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, async (_request: FastifyRequest, body: Buffer) => body);
    registerRawLogs(scope as App, instance);
    registerBases(scope as App, instance);
  });
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", async () => null);
    registerBlobs(scope as App, instance);
  });
  const { web } = options;
  if (web !== null) await app.register((scope) => registerWeb(scope as App, web));
  await app.ready();
  return app;
}

function makeApp(options: ServerOptions): App {
  const settings: FastifyServerOptions = {
    logger: options.logger ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.isBehindProxy ? "loopback" : false,
    bodyLimit: JSON_LIMIT_BYTES,
    requestTimeout: REQUEST_MS,
    connectionTimeout: IDLE_MS,
    routerOptions: { maxParamLength: 100 },
    exposeHeadRoutes: false,
    // `malformed` is for what differs from the schema, not for what could be bent to it; unknown fields are ignored (P-3).
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    clientErrorHandler: (error, socket) => endUnreadable(error, socket),
    frameworkErrors: (_error, _request, reply: FastifyReply) => sendUnreadable(reply),
  };
  const made =
    options.tls === null ? fastify(settings) : fastify({ ...settings, https: options.tls } as FastifyServerOptions);
  return made.withTypeProvider<TypeBoxTypeProvider>() as unknown as App;
}

/** JSON of valid UTF-8 (P-3); `__proto__` and `constructor` in a body are dropped. */
function installJson(app: App): void {
  const parse = app.getDefaultJsonParser("remove", "remove");
  const decoder = new TextDecoder("utf-8", { fatal: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    let text: string;
    try {
      text = decoder.decode(body);
    } catch {
      return done(malformed("the body is not valid UTF-8"));
    }
    parse(request, text, (error, value) =>
      error === null ? done(null, value) : done(malformed("the body is not JSON")),
    );
  });
}

/** Says of each route in the OpenAPI document which scopes may ask. */
function describeRoute({ schema, url, route }: { schema: object; url: string; route: RouteOptions }) {
  const scopes = route.config?.scopes;
  if (scopes === undefined) return { schema, url };
  return { schema: { ...schema, description: `Scope: ${scopes.join(", ")}.`, security: [{ token: [] }] }, url };
}

function describe() {
  return {
    openapi: "3.1.0",
    info: {
      title: "Coffre",
      version: "1",
      description: "Zero-knowledge backup: what a server takes and answers. The normative page is docs/protocol.md.",
      license: { name: "AGPL-3.0-or-later", identifier: "AGPL-3.0-or-later" },
    },
    components: { securitySchemes: { token: { type: "http" as const, scheme: "bearer", bearerFormat: "JWT" } } },
  };
}
