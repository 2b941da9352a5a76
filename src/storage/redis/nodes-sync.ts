import type { RedisLink, Reply } from "./link.ts";
import tableSource from "./lua/node-table.lua" with { type: "text" };
import syncSource from "./lua/sync-nodes.lua" with { type: "text" };
import { bytes, list, nowArgument, text } from "./replies.ts";
import { script } from "./scripts.ts";

/**
 * Nodes are decided upon on shard 0, in one atom; the other shards follow. Until they have, a node that was declared
 * lost may still be given work there, as it might have been a moment before, and its leases are not renewed. What a
 * crash keeps from a shard, the next table brings: every decision sends the whole of it, and so does the sweep.
 */
export const NODES_SHARD = 0;

const TABLE = script("node-table", tableSource);
const SYNC = script("sync-nodes", syncSource);

/** The argument for `spread`: whether shard 0 has to give its table of nodes for others. */
export function spreadArgument(link: RedisLink): 0 | 1 {
  return link.shards > 1 ? 1 : 0;
}

export function otherShards(link: RedisLink): number[] {
  return Array.from({ length: link.shards - 1 }, (_, n) => n + 1);
}

/** Brings all other shards up to a table as a script of shard 0 answers it: version, rows. None: nothing to do. */
export async function spreadNodes(link: RedisLink, table: Reply[], now?: number): Promise<void> {
  if (table.length > 0) await Promise.all(otherShards(link).map((shard) => sync(link, shard, table, now)));
}

/** Brings the given shards up to date. Returns the lost nodes that have workers left on one of them. */
export async function syncNodes(link: RedisLink, shards: number[]): Promise<Set<string>> {
  if (shards.length === 0) return new Set();
  const table = list(await link.run(TABLE, NODES_SHARD, []));
  const left = await Promise.all(shards.map((shard) => sync(link, shard, table)));
  return new Set(left.flat());
}

async function sync(link: RedisLink, shard: number, table: Reply[], now?: number): Promise<string[]> {
  const [version, rows] = table;
  const left = await link.run(SYNC, shard, [nowArgument(now), bytes(version), bytes(rows)]);
  return list(left).map(text);
}
