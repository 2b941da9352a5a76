import type { Backend } from "../conformance/storage/fixture.ts";
import { sqliteBackend } from "../storage/sqlite/backend.ts";

/** A kind of store that the long tests run on, as the conformance suite does. */
export interface TestedBackend {
  name: string;
  /** An empty store for one test. Starts the servers it needs when they do not run yet. */
  open(): Promise<Backend>;
  /** Stops what `open` started. Called once, after the last test of a file. */
  stop(): Promise<void>;
}

export const BACKENDS: readonly TestedBackend[] = [
  { name: "SQLite", open: sqliteBackend, stop: async () => {} },
];
