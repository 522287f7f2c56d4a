// Vectors of an export (docs/format.md 12).

import { encodeTarHeader } from "../../engine/src/format/tar.ts";
import { type Area, hex, integer, text } from "./area.ts";

const ID = "0123456789abcdef".repeat(4);

const TAR_HEADER: Area = {
  area: "tar-header",
  comment: "the header of a member of an export, F-111",
  run: (input) => ({ header: hex(encodeTarHeader(text(input, "name"), integer(input, "sizeBytes"))) }),
  cases: [
    ...["README.txt", `blobs/${ID}`, `devices/${ID}/receipts/9007199254740991`].map((name) => ({
      comment: `a name of ${name.length} characters`,
      input: { name, sizeBytes: 16_384 },
    })),
    ...[0, 1, 7_868_416, 8_589_934_591].map((sizeBytes) => ({
      comment: `${sizeBytes} bytes`,
      input: { name: "SHA256SUMS", sizeBytes },
    })),
    { comment: "a name that is too long", input: { name: "n".repeat(101), sizeBytes: 0 }, refuse: true },
    { comment: "a size that no field holds", input: { name: "n", sizeBytes: 8_589_934_592 }, refuse: true },
  ],
};

export const EXPORT_AREAS: readonly Area[] = [TAR_HEADER];
