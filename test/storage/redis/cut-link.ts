import { StorageError } from "../../../src/core/errors.ts";
import type { RedisLink } from "../../../src/storage/redis/link.ts";

/** What a script is called with: `link.run`'s arguments. */
export type Call = Parameters<RedisLink["run"]>;

/** A link whose calls pass through `on` first, which may hold them back or fail. */
export function watched(link: RedisLink, on: (...call: Call) => void | Promise<void>): RedisLink {
  return {
    shards: link.shards,
    prefix: (shard) => link.prefix(shard),
    read: (shard, keys) => link.read(shard, keys),
    listen: (onMessage) => link.listen(onMessage),
    ping: () => link.ping(),
    usedBytes: () => link.usedBytes(),
    close: () => link.close(),
    async run(...call) {
      await on(...call);
      return link.run(...call);
    },
  };
}

/** A link that loses its calls to some shards, as for one who dies before it has made them. */
export function cutOff(link: RedisLink, shards: number[]): RedisLink {
  return watched(link, (_script, shard) => {
    if (shards.includes(shard)) throw new StorageError("unavailable", `shard ${shard} is out of reach`);
  });
}
