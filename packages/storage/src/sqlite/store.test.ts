import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeContract } from "../contract/store-contract.ts";
import { openSqliteStore } from "./open.ts";

storeContract("SQLite", () => {
  const directory = mkdtempSync(join(tmpdir(), "corral-store-"));
  const path = join(directory, "corral.db");
  let store = openSqliteStore({ path });
  return Promise.resolve({
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = openSqliteStore({ path });
      return store;
    },
    async destroy() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  });
});
