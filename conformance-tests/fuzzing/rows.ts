// All rows. Rule: whoever writes a decoder adds its row; `exports.test.ts` finds those without one.

import { CLI_ROWS } from "./cli-rows.ts";
import type { DecoderRow } from "./decoder-row.ts";
import { ENGINE_BYTE_ROWS } from "./engine-byte-rows.ts";
import { ENGINE_TEXT_ROWS } from "./engine-text-rows.ts";
import { SERVER_ROWS } from "./server-rows.ts";
import { SUITE_ROWS } from "./suite-rows.ts";

export const ROWS: readonly DecoderRow[] = [
  ...ENGINE_BYTE_ROWS,
  ...ENGINE_TEXT_ROWS,
  ...SERVER_ROWS,
  ...SUITE_ROWS,
  ...CLI_ROWS,
];
