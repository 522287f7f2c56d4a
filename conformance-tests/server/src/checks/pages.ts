// Checks of how a log is read back (P-53). Rule: every byte of every page is compared with what was appended.

import type { Check } from "../check.ts";
import { expectBytes, expectEqual, expectStatus, expectThat } from "../expectations.ts";

export const PAGE_CHECKS: readonly Check[] = [
  {
    id: "records/pages",
    requirement: "P-53",
    keyword: "MUST",
    quote: "→ 200 `{records: [{number, record, receipt}], next: number|null}`",
    says: "the log is read back in order with its receipts, from any number on, by the device and by the owner",
    run: async (stage) => {
      const vault = await stage.freshVault();
      const records = [await vault.needRecord(), await vault.needRecord(), await vault.needRecord()];
      for (const token of [vault.state.token, vault.state.fullToken]) {
        for (const after of [0, 1, 3]) {
          const path = `${vault.logPath()}/records?after=${after}`;
          const page = expectStatus(await vault.client.send("GET", path, { token }), 200);
          expectEqual("how many records", page.list("records").length, records.length - after);
          for (const [index, record] of records.slice(after).entries()) {
            expectEqual("number", page.integer(`records.${index}.number`), record.number);
            expectBytes("the record", page.bytes(`records.${index}.record`), record.bytes);
            expectBytes("the receipt", page.bytes(`records.${index}.receipt`), record.receipt);
          }
          expectEqual("next", page.find("next"), null);
        }
      }
    },
  },
  {
    id: "records/page-size",
    requirement: "P-53",
    keyword: "MUST",
    quote: "at least one record when there is one, at most 368,640 bytes unless one record is larger",
    says: "pages of large records stay below the limit, a larger record comes alone, and `next` leads to the end",
    run: async (stage) => {
      const vault = await stage.freshVault();
      for (const sealedBytes of [150_000, 150_000, 400_000, 1_000]) await vault.needRecord([], sealedBytes);
      const numbers: number[] = [];
      for (let after: number | null = 0; after !== null && numbers.length <= 4; ) {
        const path = `${vault.logPath()}/records?after=${after}`;
        const page = expectStatus(await vault.send("GET", path), 200);
        const got = page.list("records").map((_, index) => page.integer(`records.${index}.number`));
        expectThat("at least one record", got.length > 0, "an empty page");
        const isSmall = page.body.length <= 368_640 || got.length === 1;
        expectThat("at most 368,640 bytes, or one record", isSmall, `${page.body.length} bytes, ${got.length} records`);
        numbers.push(...got);
        after = page.find("next") === null ? null : page.integer("next");
      }
      expectEqual("numbers over all pages", numbers, [1, 2, 3, 4]);
    },
  },
];
