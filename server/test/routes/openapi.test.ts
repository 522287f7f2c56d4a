import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { formatOpenapi } from "../openapi-document.ts";

describe("docs/openapi.json", () => {
  it("is what the routes' schemas give (otherwise: npm run openapi -w server)", async () => {
    const stored = await readFile(new URL("../../../docs/openapi.json", import.meta.url), "utf8");
    expect(JSON.parse(await formatOpenapi())).toEqual(JSON.parse(stored));
  });

  it("P-1 describes each request with a summary, and each answer with a schema or as empty", async () => {
    const { openapi, paths } = JSON.parse(await formatOpenapi());
    expect(openapi).toBe("3.1.0");
    expect(Object.keys(paths)).toHaveLength(20);
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(
        methods as Record<string, { summary?: string; responses: object }>,
      )) {
        expect(operation.summary, `${method} ${path}`).toBeTruthy();
        for (const [status, response] of Object.entries(operation.responses)) {
          const isEmpty = "content" in response ? Object.keys(response.content).length === 0 : true;
          const isSuccess = Number(status) < 300;
          if (!isSuccess) expect(isEmpty, `${method} ${path} ${status}`).toBe(false);
        }
      }
    }
  });
});
