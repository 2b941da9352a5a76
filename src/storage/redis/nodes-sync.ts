import type { RedisLink, Reply } from "./link.ts";
import tableSource from "./lua/node-table.lua" with { type: "text" };
import syncSource from "./lua/sync-nodes.lua" with { type: "text" };
import { bytes, list, nowArgument, text } from "./replies.ts";
import { script } from "./scripts.ts";

/**
 * Nodes are decided upon on shard 0, in one atom; the other shards follow. Until one has, a node that was declared
 * lost may still be given work there, as it might have been a moment before, and its leases are not renewed. Every
 * decision sends the whole table of nodes with a version that grows, so that tables may be lost or overtake each
 * other; what a crash keeps from a shard is made good by whoever comes across it: the next heartbeat, or the sweep.
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

/** Gives all other shards a table as a script of shard 0 answers it: version, rows. None: nothing to do. */
export async function spreadNodes(link: RedisLink, table: Reply[], now?: number): Promise<void> {
  if (table.length > 0) await syncAll(link, otherShards(link), table, now);
}

/**
 * Makes the given shards have the table of shard 0. `seen`: the newest version that one of them is known to have.
 * Returns the lost nodes that have workers left on one of them.
 */
export async function syncNodes(link: RedisLink, shards: number[], seen = 0): Promise<Set<string>> {
  if (shards.length === 0) return new Set();
  const table = list(await link.run(TABLE, NODES_SHARD, [seen]));
  const { left, newest } = await syncAll(link, shards, table);
  const outdated = newest > seen && newest > Number(text(table[0]));
  return outdated ? syncNodes(link, shards, newest) : left;
}

async function syncAll(link: RedisLink, shards: number[], table: Reply[], now?: number) {
  const args = [nowArgument(now), ...table.map(bytes)];
  const answers = await Promise.all(
    shards.map(async (shard) => list(await link.run(SYNC, shard, args)).map(text)),
  );
  return {
    left: new Set(answers.flatMap(([, ...names]) => names)),
    newest: Math.max(...answers.map(([before]) => Number(before))),
  };
}
