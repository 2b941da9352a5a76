import type { BatchStore } from "../../src/storage/batches.ts";

/** There are none: for who submits none, and wants no call of their duties among his own. */
export const NO_BATCHES: BatchStore = {
  addBatch: () => Promise.reject(new Error("no batch is submitted here")),
  getBatch: async () => null,
  changeBatch: async () => null,
  listBatches: async () => ({ batches: [], next: null }),
  forgetBatch: async () => {},
};
