// A stop lets every running request finish and then leaves no connection behind. Rule: whoever has the whole answer does
// not hold the server up.

import type { Socket } from "node:net";
import type { App } from "./app.ts";

/** Installs the hooks; the result says whether the server listens and is not being stopped. */
export function installStopping(app: App): () => boolean {
  let state: "starting" | "listening" | "stopping" = "starting";
  /** Connections whose request was answered early, such as with 413, and whose body is still thrown away. */
  const draining = new Set<Socket>();

  app.addHook("onListen", async () => {
    state = "listening";
  });
  app.addHook("preClose", async () => {
    state = "stopping";
    for (const socket of draining) socket.destroy();
  });
  app.addHook("onResponse", async (request) => {
    const { raw } = request;
    if (state === "stopping") {
      if (raw.complete) setImmediate(() => app.server.closeIdleConnections());
      else raw.socket?.destroy();
      return;
    }
    if (raw.complete || raw.closed || (raw.socket?.destroyed ?? true)) return;
    const { socket } = raw;
    draining.add(socket);
    socket.once("close", () => draining.delete(socket));
    raw.once("close", () => draining.delete(socket));
  });
  return () => state === "listening";
}
