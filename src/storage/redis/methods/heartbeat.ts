import { shardOfId } from "../../../core/ids.ts";
import type { RunToken } from "../../../core/job.ts";
import type { HeartbeatParams, HeartbeatResult, Storage } from "../../storage.ts";
import { pack } from "../codec.ts";
import type { Argument, RedisLink, Reply } from "../link.ts";
import heartbeatSource from "../lua/heartbeat.lua" with { type: "text" };
import renewSource from "../lua/renew.lua" with { type: "text" };
import { NODES_SHARD, otherShards, syncNodes } from "../nodes-sync.ts";
import { int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const HEARTBEAT = script("heartbeat", heartbeatSource);
const RENEW = script("renew", renewSource);

/** What one shard says to a beat. */
interface Answer extends Omit<HeartbeatResult, "known"> {
  shard: number;
  /** The shard knows that this incarnation may act; shard 0 has just said so. */
  current: boolean;
}

/** Shard 0 decides whether the node is alive. Only then are leases renewed elsewhere. */
export function heartbeat(link: RedisLink): Storage["heartbeat"] {
  return async (params) => {
    const runs = Map.groupBy(params.runs, ({ id }) => shardOfId(id) % link.shards);
    const args = (shard: number) => toArguments(params, runs.get(shard) ?? []);
    const first = list(await link.run(HEARTBEAT, NODES_SHARD, args(NODES_SHARD)));
    if (first.length === 0) return unknown(params);
    const rest = await Promise.all(
      otherShards(link).map(async (shard) =>
        toAnswer(shard, list(await link.run(RENEW, shard, args(shard)))),
      ),
    );
    await syncNodes(
      link,
      rest.filter(({ current }) => !current).map(({ shard }) => shard),
    );
    return combined([toAnswer(NODES_SHARD, first), ...rest]);
  };
}

function toArguments({ node, incarnation, workers, hostMemory, now }: HeartbeatParams, runs: RunToken[]) {
  const tokens = runs.map(({ id, run, nonce }) => [id, run, nonce]);
  const states = workers.map(({ name, pid, session, sessionsOpened }) => [
    name,
    pid,
    session,
    sessionsOpened,
  ]);
  const beat = pack([node, incarnation, JSON.stringify(hostMemory), tokens, states]);
  return [nowArgument(now), beat] satisfies Argument[];
}

function unknown({ runs }: HeartbeatParams): HeartbeatResult {
  return { known: false, lost: runs.map(({ id }) => id), abort: [], stop: [] };
}

function toAnswer(shard: number, [current, lost, abort, stop]: Reply[]): Answer {
  const names = (reply: Reply | undefined) => list(reply).map(text);
  return {
    shard,
    current: int(current) === 1,
    lost: names(lost),
    abort: names(abort),
    stop: names(stop),
  };
}

function combined(answers: Answer[]): HeartbeatResult {
  return {
    known: true,
    lost: answers.flatMap(({ lost }) => lost),
    abort: answers.flatMap(({ abort }) => abort),
    stop: answers.flatMap(({ stop }) => stop).sort(),
  };
}
