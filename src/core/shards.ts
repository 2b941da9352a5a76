/**
 * The shard that a queue's jobs, and its workers, live on: FNV-1a (32 bit) of the name, modulo `shards`. Part of
 * what is stored: another function would look for old jobs where they are not.
 */
export function shardOf(name: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % shards;
}
