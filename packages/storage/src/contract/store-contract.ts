/**
 * What every store does, whatever holds the data. An implementation passes when
 * `storeContract("name", makeStore)` is green in a test file of its own; nothing here knows which one it is.
 */
import { afterEach, beforeEach, describe } from "vitest";
import type { Store } from "../store.ts";
import { commitContract } from "./commits.ts";
import { installContract } from "./install.ts";
import { readContract } from "./reads.ts";
import { retentionContract } from "./retention.ts";

export interface Harness {
  readonly store: Store;
  /** Closes the store and opens the same data again. */
  reopen(): Promise<Store>;
  /** Closes what is open and removes the data. */
  destroy(): Promise<void>;
}

/** The store of the running test. */
export interface Subject {
  store: Store;
  reopen(): Promise<Store>;
}

export function storeContract(name: string, makeStore: () => Promise<Harness>): void {
  describe(`${name} as a store`, () => {
    let harness: Harness;
    const subject: Subject = {
      get store() {
        return harness.store;
      },
      reopen: () => harness.reopen(),
    };

    beforeEach(async () => {
      harness = await makeStore();
    });

    afterEach(() => harness.destroy());

    describe("commits", () => {
      commitContract(subject);
    });
    describe("reads", () => {
      readContract(subject);
    });
    describe("retention", () => {
      retentionContract(subject);
    });
    describe("the installation", () => {
      installContract(subject);
    });
  });
}
