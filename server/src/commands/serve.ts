// `coffre-server`: from the command line to a server that listens, and to its end. Rule: nothing listens before every
// durable change has its rows.

import { readFile } from "node:fs/promises";
import type { Server } from "node:http";
import { isIP } from "node:net";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { type Instance, makeInstance, type Stores, type Terms } from "../domain/instance.ts";
import { makeFirstInvitation } from "../domain/invitations.ts";
import { listLost } from "../domain/lost-objects.ts";
import { type Recovery, recoverRows } from "../domain/rebuild.ts";
import { CERTIFICATE_NOTE, readSetting, TLS_NOTE, writeSetting } from "../domain/settings.ts";
import { StorageFull } from "../domain/storage.ts";
import type { App } from "../routes/app.ts";
import type { RequestLimits } from "../routes/gates.ts";
import { buildMetrics } from "../routes/metrics.ts";
import { buildServer, DEFAULT_OPTIONS } from "../routes/server.ts";
import { openWebClient, type WebAbsence, type WebClient } from "../routes/web.ts";
import { type Certificate, type Drivers, OperatorError } from "./drivers.ts";
import { startUpkeep } from "./upkeep.ts";

export type Address = { readonly host: string; readonly port: number };

export type ServeSettings = {
  readonly data: string;
  readonly listen: Address;
  readonly metrics: Address | null;
  readonly terms: Terms;
  readonly limits: RequestLimits;
  readonly tls:
    | { readonly kind: "none" }
    | { readonly kind: "self"; readonly mayMakeAnother: boolean }
    | { readonly kind: "files"; readonly keyFile: string; readonly certFile: string };
  readonly isBehindProxy: boolean;
  readonly mayInsecure: boolean;
  /** Where the web client lies; null serves none. */
  readonly webFolder: string | null;
  readonly software: string;
};

/** Lines of JSON without process id or host name; what stands in them is decided where they are written (P-8). */
const LOGGER = {
  level: "info",
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (label: string) => ({ level: label }) },
};

/** Starts the server and resolves when it has been stopped by a signal. */
export async function serve(drivers: Drivers, settings: ServeSettings): Promise<void> {
  const { listen, tls } = settings;
  if (tls.kind === "none" && !isLoopback(listen.host) && !settings.mayInsecure) {
    throw new OperatorError(
      `${listen.host} is not a loopback address, and without TLS everyone between could read tokens: ` +
        "add --tls self, or --tls-cert and --tls-key, or --insecure-http if a proxy encrypts",
    );
  }
  if (!(await drivers.hasData(settings.data))) await drivers.checkNewFolder(settings.data);
  await drivers.refuseOtherOwner(settings.data);
  const lock = await drivers.lockData(settings.data);
  if (lock === null) {
    throw new OperatorError(`another coffre-server is running on ${settings.data}: stop it, or choose another --data`);
  }
  try {
    await drivers.sweepTemporary(settings.data);
    const stores = await drivers.openStores(settings.data, "serve");
    try {
      await serveStores(drivers, settings, stores);
    } finally {
      await stores.database.close();
    }
  } finally {
    lock.release();
  }
}

async function serveStores(drivers: Drivers, settings: ServeSettings, stores: Stores): Promise<void> {
  const instance = makeInstance(stores, settings.terms);
  const tls = await readCertificate(drivers, settings, instance);
  await noteTls(settings, instance);
  const metrics = settings.metrics === null ? null : buildMetrics(instance);
  const web = settings.webFolder === null ? null : await openWebClient(settings.webFolder);
  const app = await buildServer(instance, {
    ...DEFAULT_OPTIONS,
    software: settings.software,
    limits: settings.limits,
    tls,
    isBehindProxy: settings.isBehindProxy,
    web: web !== null && "manifest" in web ? web : null,
    logger: { ...LOGGER, stream: drivers.log },
    onAnswered: (answer) => metrics?.observe(answer),
  });
  reportWeb(app, web);
  const recovery = await recoverRows(instance);
  await reportRecovery(app, instance, recovery);
  const stopped = waitForSignal();
  if (settings.metrics !== null && metrics !== null) await listenMetrics(app, metrics.server, settings.metrics);
  try {
    const url = await listenApp(app, settings.listen, tls !== null);
    app.log.info({ url, ...(tls === null ? {} : { pin: drivers.readPin(tls.cert) }) }, "listening");
    // After all that can fail: it is shown once.
    if (settings.terms.registration === "invitation") {
      const invitation = await makeFirstInvitation(instance.database, instance.now()).catch(unlessFull);
      if (invitation !== null) app.log.info({ invitation }, "first invitation");
    }
    const upkeep = startUpkeep(app, instance);
    const signal = await stopped;
    app.log.info({ signal }, "stopping");
    await upkeep.stop();
  } finally {
    await app.close();
    metrics?.server.close();
  }
  app.log.info("stopped");
}

/** A server without pages serves the protocol all the same, and says so. */
function reportWeb(app: App, web: WebClient | WebAbsence | null): void {
  if (web === null || "manifest" in web) return;
  if (web.kind === "absent") app.log.info("no web client is built: npm run web builds it, --web off leaves it out");
  else app.log.error({ file: web.what }, "the web client is not what its assets.json says, and is not served");
}

/** On a full disk the next start makes it: nobody could make an account now. */
function unlessFull(error: unknown): null {
  if (error instanceof StorageFull) return null;
  throw error;
}

/** Counts alone: which accounts they are, `coffre-server rebuild` and `accounts` say to the operator. */
async function reportRecovery(app: App, instance: Instance, recovery: Recovery): Promise<void> {
  const { blobs, changes, removed, mended, unreadable, unsettled } = recovery;
  if (blobs + changes > 0) app.log.info({ blobs, changes, removed }, "rows recovered from the stores");
  const lost = (await listLost(instance.database)).length;
  if (mended.length + lost + unreadable.length + unsettled.length === 0) return;
  app.log.error(
    { lost, mended: mended.length, unreadable: unreadable.length, unsettled: unsettled.length },
    "objects of accounts are damaged",
  );
}

async function readCertificate(
  drivers: Drivers,
  settings: ServeSettings,
  { database, now }: Instance,
): Promise<Certificate | null> {
  switch (settings.tls.kind) {
    case "none":
      return null;
    case "self": {
      const noted = await readSetting(database, CERTIFICATE_NOTE);
      const mayMake = settings.tls.mayMakeAnother || noted === null;
      const certificate = await drivers.openSelfCertificate(settings.data, now(), mayMake);
      const pin = drivers.readPin(certificate.cert);
      // A start on a full disk writes nothing that stands there already.
      if (pin !== noted) await writeSetting(database, CERTIFICATE_NOTE, pin);
      return certificate;
    }
    case "files": {
      const { keyFile, certFile } = settings.tls;
      const [key, cert] = await Promise.all([readPem(keyFile), readPem(certFile)]);
      requireContext({ cert }, `--tls-cert: ${certFile} holds no certificate in PEM`);
      requireContext({ key }, `--tls-key: ${keyFile} holds no private key in PEM without a passphrase`);
      requireContext({ key, cert }, `--tls-key: ${keyFile} is not the key of the certificate in ${certFile}`);
      return { key, cert };
    }
  }
}

/** For `invite --qr`. It is no reason not to serve: a full disk keeps what stood there. */
async function noteTls({ tls }: ServeSettings, { database }: Instance): Promise<void> {
  if (tls.kind === (await readSetting(database, TLS_NOTE))) return;
  await writeSetting(database, TLS_NOTE, tls.kind).catch(unlessFull);
}

function requireContext(options: SecureContextOptions, otherwise: string): void {
  try {
    createSecureContext(options);
  } catch {
    throw new OperatorError(otherwise);
  }
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new OperatorError(`${path} cannot be read: ${error instanceof Error ? error.message : "unknown error"}`);
  }
}

async function listenApp(app: App, listen: Address, isTls: boolean): Promise<string> {
  try {
    await app.listen({ ...listen, listenTextResolver: () => "accepting connections" });
  } catch (error) {
    throw describeListenError(error, listen);
  }
  const address = app.server.address();
  const port = address !== null && typeof address === "object" ? address.port : listen.port;
  return `${isTls ? "https" : "http"}://${formatHost(listen.host)}:${port}`;
}

async function listenMetrics(app: App, server: Server, listen: Address): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(describeListenError(error, listen)));
    server.listen(listen, resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : listen.port;
  app.log.info({ url: `http://${formatHost(listen.host)}:${port}/metrics` }, "metrics");
}

function describeListenError(error: unknown, listen: Address): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const place = `${formatHost(listen.host)}:${listen.port}`;
  if (code === "EADDRINUSE")
    return new OperatorError(`${place} is in use: stop what listens there, or choose another --listen`);
  if (code === "EACCES") return new OperatorError(`${place} may not be used by this user: choose a port from 1024 up`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new OperatorError(`${place} is not an address of this machine`);
  return error;
}

/** The first signal ends gently; a second one ends at once. */
function waitForSignal(): Promise<string> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (!isFirst) process.exit(1);
        isFirst = false;
        resolve(signal);
      });
    }
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function formatHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
