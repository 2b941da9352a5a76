import { afterAll, describe } from "bun:test";
import type { Backend, Setup } from "../conformance/storage/fixture.ts";
import { setupOf } from "../conformance/storage/setup.ts";
import { CLUSTER, PLAIN, SECURE, SENTINEL } from "../storage/redis/backend.ts";
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
  PLAIN,
  SECURE,
  CLUSTER,
  SENTINEL,
];

/** Declares the tests of a topic for each kind of store. */
export function onEveryBackend(topic: (setup: Setup) => void): void {
  for (const { name, open, stop } of BACKENDS) {
    describe(`storage on ${name}`, () => {
      topic(setupOf(open));
      afterAll(stop);
    });
  }
}
