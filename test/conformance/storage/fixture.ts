import type { Clock } from "../../../src/core/clock.ts";
import type { OpenStorageOptions } from "../../../src/storage/open.ts";
import type { Store } from "../../../src/storage/store.ts";
import type { Factory } from "../../support/factory.ts";
import type { Child } from "../../support/process.ts";
import type { Role } from "./processes/child.ts";

/** How anybody opens the store: goes to other processes as JSON. */
export type StoreSpec = Omit<OpenStorageOptions, "clock" | "warn">;

/** An empty store for one test. */
export interface Backend {
  spec: StoreSpec;
  /** Not migrated yet. */
  storage: Store;
  /** The same store once more, as another host would open it whose clock this is. Closed by `dispose`. */
  connect(options?: { clock?: Clock }): Promise<Store>;
  /** How many things of any kind are stored: rows, or keys. */
  footprint(): Promise<number>;
  /** Closes everything and removes the store. May throw when it finds it inconsistent. Idempotent. */
  dispose(): Promise<void>;
}

/** What a test of the suite works with. */
export interface Fixture extends Backend {
  make: Factory;
  /** Another process on the same store, in one of the roles of `processes/child.ts`. Ends with the test. */
  other(role: Role, ...args: string[]): Child;
}

/** Opens an empty store, migrated unless told otherwise. It is disposed of after the test, or before by the test. */
export type Setup = (options?: { migrated?: boolean }) => Promise<Fixture>;
