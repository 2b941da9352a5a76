import type { Clock } from "../core/clock.ts";
import type { SealingKeyStore } from "../storage/sealing-key.ts";
import type { KeyRing } from "./key-ring.ts";
import { Repeat } from "./repeat.ts";

/** How often who seals looks which key that is to be, ms. */
export const KEY_LOOK_MS = 2_000;

/** Lets a process that runs seal with the store's key when that is changed. */
export function keyWatch(deps: {
  ring: KeyRing;
  storage: Pick<SealingKeyStore, "sealingKeys">;
  clock: Clock;
  onError(error: unknown): void;
}): Repeat {
  const { ring, storage, clock, onError } = deps;
  return new Repeat({
    clock,
    everyMs: KEY_LOOK_MS,
    onError,
    async round() {
      const { current } = await storage.sealingKeys();
      if (current === null || current === ring.keyId || ring.use(current)) return;
      throw new Error(
        "the store is sealed with a key that this process does not have; restart it with that key",
      );
    },
  });
}
