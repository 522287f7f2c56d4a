// Exchanges for people: blanked, and as a command to repeat. Rule: no token, login key, code, secret or invitation leaves here.

import type { Answer, Exchange, SentRequest } from "./exchange.ts";

const SECRET_FIELDS =
  /("(?:token|loginKey|code|secret|uri|invitation|answer|statement)"\s*:\s*)"(?:[^"\\]|\\.)*"|("recoveryCodes"\s*:\s*)\[[^\]]*\]/g;
const SHOWN_CHARS = 2_000;

/** A header as it may be shown. */
function blankHeader(name: string, value: string): string {
  return /^(?:authorization|cookie|set-cookie)$/i.test(name) ? "(blanked)" : value;
}

/** The body for people: JSON with blanked secrets, the size of anything else. */
export function blankBody(body: Uint8Array | null, type: string): string {
  if (body === null || body.length === 0) return "";
  if (!/json|text/.test(type)) return `(${body.length} bytes)`;
  const text = Buffer.from(body)
    .toString("utf8")
    .replaceAll(SECRET_FIELDS, (_whole, field: string | undefined, list: string | undefined) =>
      field === undefined ? `${list}"(blanked)"` : `${field}"(blanked)"`,
    );
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}… (${text.length} characters)` : text;
}

/** The exchange as text: request line, headers, body, an empty line, and the same of the answer. */
export function formatExchange({ request, answer, trouble }: Exchange): string {
  return [
    `${request.method} ${request.path}`,
    ...formatHeaders(request.headers),
    ...body(blankBody(request.body, request.headers["content-type"] ?? "")),
    "",
    ...(answer === null ? [`(no answer: ${trouble})`] : formatAnswer(answer)),
  ].join("\n");
}

/** A `curl` command that sends the request again; bytes come from a file that the reader makes. */
export function formatCurl(origin: URL, request: SentRequest): string {
  const type = request.headers["content-type"] ?? "";
  const headers = Object.entries(request.headers).map(([name, value]) =>
    name === "authorization" ? `-H "authorization: Bearer $TOKEN"` : `-H ${quote(`${name}: ${value}`)}`,
  );
  const data =
    request.body === null
      ? []
      : type.includes("json")
        ? [`--data-raw ${quote(blankBody(request.body, type))}`]
        : [`--data-binary @body-of-${request.body.length}-bytes`];
  const method = request.method === "HEAD" ? "-I" : `-X ${request.method}`;
  return ["curl -i", method, ...headers, ...data, quote(origin.href.replace(/\/$/, "") + request.path)].join(" ");
}

function formatAnswer(answer: Answer): string[] {
  return [
    String(answer.status),
    ...formatHeaders(answer.headers),
    ...body(blankBody(answer.body, answer.header("content-type"))),
  ];
}

function formatHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${blankHeader(name, value)}`);
}

function body(text: string): string[] {
  return text === "" ? [] : ["", text];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
