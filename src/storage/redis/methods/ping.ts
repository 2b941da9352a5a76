import type { Clock } from "../../../core/clock.ts";
import type { Storage } from "../../storage.ts";
import type { RedisLink } from "../link.ts";

export function ping(link: RedisLink, clock: Clock): Storage["ping"] {
  return async () => {
    const since = clock.monotonic();
    await link.ping();
    const latencyMs = clock.monotonic() - since;
    return { latencyMs, sizeBytes: await link.usedBytes() };
  };
}
