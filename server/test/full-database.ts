// A database on a disk that a test fills and frees, and the disk's ballast. Rule: reading goes on; every transaction that
// writes is refused, until the ballast is given up.

import type { Database } from "../src/domain/database.ts";
import { type Room, StorageFull } from "../src/domain/storage.ts";

export class FullDatabase implements Room {
  isFull = false;
  hasBallast = true;

  wrap(database: Database): Database {
    return {
      read: (sql, values) => database.read(sql, values),
      transaction: async (work) => {
        if (this.isFull && this.hasBallast) throw new StorageFull();
        return database.transaction(work);
      },
      close: () => database.close(),
    };
  }

  async tryWrite(): Promise<void> {
    if (this.isFull) throw new StorageFull();
  }

  async makeBallast(): Promise<boolean> {
    if (!this.isFull) this.hasBallast = true;
    return this.hasBallast;
  }

  async giveBallast(): Promise<void> {
    this.hasBallast = false;
  }

  async readSpace(): Promise<null> {
    return null;
  }
}
