import { shardOf } from "../../../core/shards.ts";
import type { AddWorkerOutcome, NewWorker, Storage } from "../../storage.ts";
import { pack } from "../codec.ts";
import type { Argument, RedisLink, Reply } from "../link.ts";
import addSource from "../lua/add-worker.lua" with { type: "text" };
import endSource from "../lua/end-worker.lua" with { type: "text" };
import pruneNodesSource from "../lua/prune-nodes.lua" with { type: "text" };
import pruneSource from "../lua/prune-workers.lua" with { type: "text" };
import { NODES_SHARD, otherShards, syncNodes } from "../nodes-sync.ts";
import { everyShard, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const ADD = script("add-worker", addSource);
const END = script("end-worker", endSource);
const PRUNE = script("prune-workers", pruneSource);
const PRUNE_NODES = script("prune-nodes", pruneNodesSource);
/** Dead workers forgotten by one script. */
const SLICE = 250;

export function addWorker(link: RedisLink): Storage["addWorker"] {
  return async ({ worker, now }) => {
    const args = [nowArgument(now), ...toArguments(worker)];
    return toOutcome(list(await link.run(ADD, shardOf(worker.queue, link.shards), args)));
  };
}

function toArguments({ hostname, pid, host, site, ...worker }: NewWorker): Argument[] {
  const { name, node, incarnation, kind, queue } = worker;
  const fields = ["hostname", hostname, "pid", pid, ...(site === null ? [] : ["site", site])];
  return [name, node, incarnation, kind, queue, host ?? "", ...fields];
}

function toOutcome([outcome, worker, node]: Reply[]): AddWorkerOutcome {
  const answer = text(outcome);
  if (answer === "taken") return { outcome: answer, worker: text(worker), node: text(node) };
  return { outcome: answer === "added" ? answer : "unknown_node" };
}

/** By its name alone nobody knows the worker's shard; there are few, so all are asked. */
export function endWorker(link: RedisLink): Storage["endWorker"] {
  return async ({ name, as, now }) => {
    await everyShard(link.shards, (shard) => link.run(END, shard, [nowArgument(now), name, as]));
  };
}

/** Also the sweep that brings every shard up to what shard 0 has decided about nodes. */
export function pruneWorkers(link: RedisLink): Storage["pruneWorkers"] {
  async function pruneShard(shard: number, diedBefore: number): Promise<number> {
    let pruned = 0;
    for (let got = SLICE; got === SLICE; pruned += got) {
      got = int(await link.run(PRUNE, shard, [diedBefore, SLICE]));
    }
    return pruned;
  }

  return async ({ diedBefore }) => {
    const pruned = await everyShard(link.shards, (shard) => pruneShard(shard, diedBefore));
    const kept = await syncNodes(link, otherShards(link));
    await link.run(PRUNE_NODES, NODES_SHARD, [diedBefore, pack([...kept])]);
    return { pruned: pruned.reduce((sum, n) => sum + n, 0) };
  };
}
