import { shardOfId } from "../../../core/ids.ts";
import { JOB_STATUSES, type JobStatus } from "../../../core/job.ts";
import type { QueueDepth, Storage } from "../../storage.ts";
import { toJob } from "../codec.ts";
import type { RedisLink, Reply } from "../link.ts";
import countsSource from "../lua/counts.lua" with { type: "text" };
import queuesSource from "../lua/queues.lua" with { type: "text" };
import { everyShard, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const COUNTS = script("counts", countsSource);
const QUEUES = script("queues", queuesSource);
/** Jobs asked for at once. */
const SLICE = 500;
/** Queues looked at by one script. */
const QUEUES_SLICE = 500;

export function get(link: RedisLink): Storage["get"] {
  return async ({ ids }) => {
    const found = await readMany(link, ids, SLICE, (shard, part) =>
      link.read(
        shard,
        part.map((id) => `job:${id}`),
      ),
    );
    return ids.map((id) => {
      const stored = found.get(id);
      return stored ? toJob(id, stored) : null;
    });
  };
}

/** What is stored for each id on the shard that the id names, `slice` ids at a time. */
export async function readMany(
  link: RedisLink,
  ids: string[],
  slice: number,
  readPart: (shard: number, ids: string[]) => Promise<(Buffer | null)[]>,
): Promise<Map<string, Buffer | null>> {
  const found = new Map<string, Buffer | null>();
  const byShard = Map.groupBy(new Set(ids), (id) => shardOfId(id) % link.shards);
  const readShard = async ([shard, all]: [number, string[]]) => {
    for (let from = 0; from < all.length; from += slice) {
      const part = all.slice(from, from + slice);
      const values = await readPart(shard, part);
      for (const [n, id] of part.entries()) found.set(id, values[n] ?? null);
    }
  };
  await Promise.all([...byShard].map(readShard));
  return found;
}

export function counts(link: RedisLink): Storage["counts"] {
  return async () => {
    const shards = await everyShard(link.shards, async (shard) =>
      list(await link.run(COUNTS, shard, [...JOB_STATUSES])).map(int),
    );
    const total = (n: number) => shards.reduce((sum, counted) => sum + (counted[n] ?? 0), 0);
    // Safe: one entry for each status.
    return Object.fromEntries(JOB_STATUSES.map((status, n) => [status, total(n)])) as Record<
      JobStatus,
      number
    >;
  };
}

export function queues(link: RedisLink): Storage["queues"] {
  async function queuesOf(shard: number, now: string): Promise<QueueDepth[]> {
    const found: QueueDepth[] = [];
    for (let got = QUEUES_SLICE; got === QUEUES_SLICE; ) {
      const args = [now, found.at(-1)?.queue ?? "", QUEUES_SLICE];
      const slice = toQueues(list(await link.run(QUEUES, shard, args)));
      found.push(...slice);
      got = slice.length;
    }
    return found;
  }

  return async ({ now } = {}) => {
    const shards = await everyShard(link.shards, (shard) => queuesOf(shard, nowArgument(now)));
    return shards.flat();
  };
}

function toQueues(flat: Reply[]): QueueDepth[] {
  const found: QueueDepth[] = [];
  for (let n = 0; n < flat.length; n += 4) {
    const [queue, depth, oldestAt, dueInMs] = flat.slice(n, n + 4);
    const due = int(dueInMs);
    found.push({
      queue: text(queue),
      depth: int(depth),
      oldestAt: int(oldestAt),
      dueInMs: due < 0 ? null : due,
    });
  }
  return found;
}
