// Writes docs/openapi.json from the routes' schemas: `npm run openapi -w server`. Rule: the document is never edited by
// hand; a test compares it.

import { writeFile } from "node:fs/promises";
import { formatOpenapi } from "./test/openapi-document.ts";

await writeFile(new URL("../docs/openapi.json", import.meta.url), await formatOpenapi());
