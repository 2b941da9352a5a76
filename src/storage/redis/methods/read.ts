import { JOB_STATUSES, type JobStatus } from "../../../core/job.ts";
import type { QueueDepth, Storage } from "../../storage.ts";
import { toJob } from "../codec.ts";
import type { RedisLink, Reply } from "../link.ts";
import countsSource from "../lua/counts.lua" with { type: "text" };
import queuesSource from "../lua/queues.lua" with { type: "text" };
import { readsById } from "../reads-by-id.ts";
import { everyShard, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const COUNTS = script("counts", countsSource);
const QUEUES = script("queues", queuesSource);
/** Jobs asked for at once. */
const SLICE = 500;
/** Queues looked at by one script. */
const QUEUES_SLICE = 500;

export function get(link: RedisLink): Storage["get"] {
  const read = readsById({
    shards: link.shards,
    most: SLICE,
    ask: (shard, asked: { id: string }[]) =>
      link.read(
        shard,
        asked.map(({ id }) => `job:${id}`),
      ),
  });
  return async ({ ids }) => {
    const stored = await read(ids.map((id) => ({ id })));
    return ids.map((id, n) => {
      const job = stored[n];
      return job ? toJob(id, job) : null;
    });
  };
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
