// A database on a disk that a test fills and frees. Rule: reading goes on, every transaction that writes is refused.

import type { Database } from "../src/domain/database.ts";
import { StorageFull } from "../src/domain/storage.ts";

export class FullDatabase {
  isFull = false;

  wrap(database: Database): Database {
    return {
      read: (sql, values) => database.read(sql, values),
      transaction: async (work) => {
        if (this.isFull) throw new StorageFull();
        return database.transaction(work);
      },
      close: () => database.close(),
    };
  }
}
