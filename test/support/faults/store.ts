import { systemClock } from "../../../src/core/clock.ts";
import { openStorage } from "../../../src/storage/open.ts";
import type { Store } from "../../../src/storage/store.ts";

/**
 * The store that the URL names, as the product opens it, its schema up to date. SQLite does not wait for the disk:
 * here processes die, not machines.
 */
export async function openStore(url: string): Promise<Store> {
  const storage = (await openStorage({ url, clock: systemClock, synchronous: "normal" })) as Store;
  await storage.migrate();
  return storage;
}
