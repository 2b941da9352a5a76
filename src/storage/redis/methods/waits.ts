import { jobsAhead, LANES_AHEAD, type LaneInTurn } from "../../ahead.ts";
import { decodeSites } from "../../node-sites.ts";
import type { NodeLoad, Storage, Wait } from "../../storage.ts";
import { Gather } from "../gather.ts";
import type { RedisLink, Reply } from "../link.ts";
import nodeLoadsSource from "../lua/node-loads.lua" with { type: "text" };
import pinnedRunsSource from "../lua/pinned-runs.lua" with { type: "text" };
import waitsSource from "../lua/waits.lua" with { type: "text" };
import { NODES_SHARD } from "../nodes-sync.ts";
import { readsById } from "../reads-by-id.ts";
import { everyShard, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const WAITS = script("waits", waitsSource);
const NODE_LOADS = script("node-loads", nodeLoadsSource);
const PINNED_RUNS = script("pinned-runs", pinnedRunsSource);
/** Jobs looked at by one script: with a queue and lanes of its own each, a few milliseconds of Redis. */
const SLICE = 100;

interface QueueState {
  lanes: LaneInTurn[];
  holder: string | null;
  workers: Wait["workers"];
}

export function waits(link: RedisLink): Storage["waits"] {
  const at = (now?: number) =>
    readsById({
      shards: link.shards,
      most: SLICE,
      ask: async (shard, asked: { id: string }[]) => {
        const args = [nowArgument(now), LANES_AHEAD, ...asked.map(({ id }) => id)];
        return toWaits(list(await link.run(WAITS, shard, args)));
      },
    });
  const atOnce = at();
  return ({ ids, now }) => (now === undefined ? atOnce : at(now))(ids.map((id) => ({ id })));
}

function toWaits([waits, queues]: Reply[]): (Wait | null)[] {
  const states = new Map(list(queues).map(toState));
  return list(waits).map((wait) => {
    if (wait === null) return null;
    const [name, priority, lane, before, startsAt] = list(wait);
    const state = states.get(text(name));
    if (!state) throw new TypeError("a script answered a job without its queue");
    const { lanes, holder, workers } = state;
    const place = { priority: int(priority), lane: text(lane), before: int(before) };
    const starts = text(startsAt);
    return {
      ahead: jobsAhead(lanes, place),
      startsAt: starts === "" ? null : Number(starts),
      holder,
      workers,
    };
  });
}

function toState(reply: Reply): [string, QueueState] {
  const [queue, holder, workers, ...flat] = list(reply);
  const lanes: LaneInTurn[] = [];
  for (let n = 0; n < flat.length; n += 3) {
    lanes.push({ priority: int(flat[n]), lane: text(flat[n + 1]), ready: int(flat[n + 2]) });
  }
  // Safe: the script answers one of these three.
  const state = { lanes, holder: text(holder) || null, workers: text(workers) as Wait["workers"] };
  return [text(queue), state];
}

/** Those who ask side by side get one answer. */
export function nodeLoads(link: RedisLink): Storage["nodeLoads"] {
  const shared = new Gather<undefined, NodeLoad[]>({
    most: Number.POSITIVE_INFINITY,
    async send(calls) {
      const loads = await readLoads(link);
      return calls.map(() => loads);
    },
  });
  return ({ now } = {}) => (now === undefined ? shared.call(now) : readLoads(link, now));
}

async function readLoads(link: RedisLink, now?: number): Promise<NodeLoad[]> {
  const [living, runs] = await Promise.all([
    link.run(NODE_LOADS, NODES_SHARD, [nowArgument(now)]),
    everyShard(link.shards, async (shard) => list(await link.run(PINNED_RUNS, shard, [])).map(text)),
  ]);
  const running = Map.groupBy(runs.flat(), (node) => node);
  const toLoad = (reply: Reply): NodeLoad => {
    const [node, capacity, silentMs, sites] = list(reply);
    const name = text(node);
    const pinnedRuns = running.get(name)?.length ?? 0;
    return {
      name,
      capacity: int(capacity),
      sites: decodeSites(text(sites) || null),
      pinnedRuns,
      silentMs: int(silentMs),
    };
  };
  return list(living)
    .map(toLoad)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
