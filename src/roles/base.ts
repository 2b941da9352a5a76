import type { Environment } from "../config/environment.ts";
import type { Config } from "../config/schema.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { type IdSource, idSource } from "../core/ids.ts";
import type { Driver } from "../device/driver.ts";
import type { KeyRing } from "../engine/key-ring.ts";
import type { Logger } from "../observe/log.ts";
import { openStorage } from "../storage/open.ts";
import type { Store } from "../storage/store.ts";
import { driversOf } from "./drivers.ts";
import { sealerOf } from "./sealing.ts";
import { storageOptions } from "./storage-options.ts";

/** What the API and a node are both built on. */
export interface Base {
  config: Config;
  env: Environment;
  log: Logger;
  clock: Clock;
  ids: IdSource;
  /** Migrated, and sealed with our key. */
  storage: Store;
  sealer: KeyRing;
  drivers: readonly Driver[];
}

/** Throws `StartupError` when a driver cannot be loaded, the store cannot be opened, or it is sealed with another key. */
export async function openBase({ config, env, log }: Pick<Base, "config" | "env" | "log">): Promise<Base> {
  const drivers = await driversOf(config.driversDir);
  const clock = systemClock;
  const storage = await openStorage({ ...storageOptions(config), warn: (message) => log.warn(message) });
  await storage.migrate();
  const sealer = await sealerOf(config, storage);
  return { config, env, log, clock, ids: idSource(clock), storage, sealer, drivers };
}
