// `npm run border-tables`: writes the tables of docs/host-api.md from the types of engine/src/border.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fillTables, readBorder } from "./border-tables.ts";

const sources = new URL("../../engine/src/border/", import.meta.url);
const page = new URL("../../docs/host-api.md", import.meta.url);
const border = readBorder(readdirSync(sources).map((name) => readFileSync(new URL(name, sources), "utf8")));
writeFileSync(page, fillTables(readFileSync(page, "utf8"), border));
