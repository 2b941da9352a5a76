import type { HostKeyStore } from "../../../src/storage/host-keys.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import type { Factory } from "../../support/factory.ts";

/** An empty store for one test. */
export interface Backend {
  /** Not migrated yet. */
  storage: Storage & HostKeyStore;
  /** The same store once more, as another process would open it. Closed by `dispose`. */
  connect(): Promise<Storage & HostKeyStore>;
  /** How many things of any kind are stored: rows, or keys. */
  footprint(): Promise<number>;
  /** Closes everything and removes the store. May throw when it finds it inconsistent. */
  dispose(): Promise<void>;
}

/** What a test of the suite works with. */
export interface Fixture extends Omit<Backend, "dispose"> {
  make: Factory;
}

export type Setup = () => Promise<Fixture>;
