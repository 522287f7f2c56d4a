// Prometheus metrics on a listener of their own (docs/protocol.md 10). Rule: numbers of the whole server, never of one
// account.

import { createServer, type Server } from "node:http";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Instance } from "../domain/instance.ts";

/** Seconds: from a small question to a blob on a slow link. */
const BUCKETS_S = [0.002, 0.01, 0.05, 0.2, 1, 5, 30, 120];

/** One answered request. */
export type Answer = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly elapsedMs: number;
};

/** A server for the numbers, which does not listen yet, and what counts an answer. */
export function buildMetrics(instance: Instance): { readonly server: Server; observe(answer: Answer): void } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const answers = new Histogram({
    name: "coffre_request_seconds",
    help: "Time from a request's first byte to its answer's last one",
    labelNames: ["method", "route", "status"],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  new Gauge({
    name: "coffre_reserved_bytes",
    help: "Quota reserved for bodies that are being read",
    registers: [registry],
    collect() {
      this.set(instance.quotas.reservedBytes);
    },
  });
  const total = new Gauge({
    name: "coffre_disk_bytes",
    help: "The size of the disk of the data",
    registers: [registry],
  });
  new Gauge({
    name: "coffre_disk_free_bytes",
    help: "What is free of it for the server",
    registers: [registry],
    async collect() {
      const space = await instance.room.readSpace();
      if (space === null) return;
      this.set(space.freeBytes);
      total.set(space.totalBytes);
    },
  });
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  return {
    server,
    observe: ({ method, route, status, elapsedMs }) => answers.observe({ method, route, status }, elapsedMs / 1_000),
  };
}
