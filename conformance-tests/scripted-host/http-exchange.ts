// One HTTP exchange as the virtual link carries it. Rule: only what the protocol uses: one method, one path, one body
// each way, no streaming.

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly bearer: string | null;
  readonly range: readonly [from: number, toExclusive: number] | null;
  readonly body: Uint8Array | null;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: { readonly "content-type"?: string; readonly "retry-after"?: string; readonly etag?: string };
  readonly body: Uint8Array;
}

/** Something that answers requests, at once. */
export interface VirtualServer {
  handle(request: HttpRequest): HttpResponse;
}

/** An answer of JSON. */
export function jsonResponse(status: number, value: unknown): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(value), "utf8"),
  };
}

/** What a portal or a proxy says instead of the server. */
export function htmlResponse(status: number, headers: { readonly "retry-after"?: string } = {}): HttpResponse {
  return {
    status,
    headers: { "content-type": "text/html", ...headers },
    body: Buffer.from("<!doctype html><title>Please sign in</title>", "utf8"),
  };
}
