// The OpenAPI document as text. Rule: made from a server with default terms, so that it is the same everywhere.

import { RunningServer, withFolder } from "./running-server.ts";

/** The JSON of docs/openapi.json. */
export async function formatOpenapi(): Promise<string> {
  let text = "";
  await withFolder(async (folder) => {
    const server = new RunningServer(folder, { terms: { registration: "invitation" } });
    await server.start();
    const document = (server.app as unknown as { swagger(): object }).swagger();
    text = `${JSON.stringify(document, null, 2)}\n`;
    await server.stop();
  });
  return text;
}
