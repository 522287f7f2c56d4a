// The options of `coffre-server` and what they mean. Rule: a wrong value is refused with what was expected.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_TERMS, type Registration } from "../domain/instance.ts";
import { DEFAULT_LIMITS } from "../routes/gates.ts";
import { OperatorError } from "./drivers.ts";
import type { Address, ServeSettings } from "./serve.ts";
import { parseBytes } from "./sizes.ts";

export type ServeOptions = {
  readonly data: string;
  readonly listen: Address;
  readonly registration: Registration;
  readonly tls?: "self" | "self-new";
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly metrics?: Address;
  readonly quota?: number;
  readonly deviceShare: number;
  readonly requestsPerMinute: number;
  readonly loginsPerMinute: number;
  readonly behindProxy?: boolean;
  readonly insecureHttp?: boolean;
  readonly web: "on" | "off";
  readonly webFolder: string;
};

/** Where a checkout has the built client. */
const BUILT_WEB = fileURLToPath(new URL("../../../web/dist", import.meta.url));

/** `--data`, which every command takes. */
export function dataOption(): Option {
  return new Option("--data <folder>", "where everything is kept").env("COFFRE_DATA").default("./coffre-data");
}

/** Adds the options of serving to the command. */
export function addServeOptions(command: Command): Command {
  return command
    .addOption(dataOption())
    .addOption(
      new Option("--listen <host:port>", "where to listen; port 0 takes a free one")
        .env("COFFRE_LISTEN")
        .argParser(parseAddress)
        .default(parseAddress("127.0.0.1:8484"), "127.0.0.1:8484"),
    )
    .addOption(
      new Option("--registration <who>", "who may make an account")
        .env("COFFRE_REGISTRATION")
        .choices(["open", "invitation", "closed"])
        .default("invitation"),
    )
    .addOption(
      new Option(
        "--tls <kind>",
        "self: serve TLS with a certificate made and kept here; self-new: make another where it is lost",
      ).choices(["self", "self-new"]),
    )
    .option("--tls-cert <file>", "serve TLS with this certificate (PEM)")
    .option("--tls-key <file>", "the key of --tls-cert (PEM)")
    .option("--behind-proxy", "take client addresses from the proxy on this machine (X-Forwarded-For)")
    .option("--insecure-http", "serve plain HTTP to other machines too")
    .option("--quota <bytes>", "what one account may store, such as 500G (default: what the disk takes)", parseSize)
    .option("--device-share <fraction>", "the part of its account's quota that one device may fill", parseFraction, 1)
    .option("--requests-per-minute <n>", "for each address and each account", parseCount, DEFAULT_LIMITS.perAddress)
    .option(
      "--logins-per-minute <n>",
      "of logins, tokens and the like, for each address",
      parseCount,
      DEFAULT_LIMITS.strictPerAddress,
    )
    .addOption(
      new Option("--web <how>", "serve the web client beside the protocol, or not")
        .env("COFFRE_WEB")
        .choices(["on", "off"])
        .default("on"),
    )
    .addOption(
      new Option("--web-folder <folder>", "the built web client (npm run web)")
        .env("COFFRE_WEB_FOLDER")
        .default(BUILT_WEB, "web/dist of the checkout"),
    )
    .option("--metrics <host:port>", "serve /metrics for Prometheus there (default: nowhere)", parseAddress);
}

/** The settings that the options say; OperatorError when they contradict each other. */
export function readServeSettings(options: ServeOptions, software: string): ServeSettings {
  return {
    data: resolve(options.data),
    listen: options.listen,
    metrics: options.metrics ?? null,
    terms: {
      ...DEFAULT_TERMS,
      registration: options.registration,
      quotaBytes: options.quota ?? null,
      deviceShare: options.deviceShare,
    },
    limits: {
      ...DEFAULT_LIMITS,
      perAddress: options.requestsPerMinute,
      perAccount: options.requestsPerMinute,
      strictPerAddress: options.loginsPerMinute,
    },
    tls: readTls(options),
    isBehindProxy: options.behindProxy ?? false,
    mayInsecure: options.insecureHttp ?? false,
    webFolder: options.web === "off" ? null : resolve(options.webFolder),
    software,
  };
}

/** `HOST:PORT` or `[IPv6]:PORT`. */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, port = ""] = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError("Expected HOST:PORT, such as 127.0.0.1:8484.");
  return { host, port: Number(port) };
}

/** A number of bytes with K, M, G or T (powers of 1000) behind it. */
export function parseSize(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === null) throw new InvalidArgumentError("Expected bytes, such as 500G.");
  return bytes;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Expected a number from 1.");
  return Number(text);
}

function parseFraction(text: string): number {
  const fraction = Number(text);
  if (!(fraction > 0 && fraction <= 1)) throw new InvalidArgumentError("Expected a number above 0 and up to 1.");
  return fraction;
}

function readTls(options: ServeOptions): ServeSettings["tls"] {
  const { tls, tlsCert, tlsKey } = options;
  if (tls !== undefined) {
    if (tlsCert !== undefined || tlsKey !== undefined)
      throw new OperatorError("choose either --tls self or --tls-cert with --tls-key");
    return { kind: "self", mayMakeAnother: tls === "self-new" };
  }
  if (tlsCert === undefined && tlsKey === undefined) return { kind: "none" };
  if (tlsCert === undefined || tlsKey === undefined)
    throw new OperatorError("--tls-cert and --tls-key need each other");
  return { kind: "files", certFile: tlsCert, keyFile: tlsKey };
}
