import { shardOfId } from "../../../core/ids.ts";
import type { RunToken } from "../../../core/job.ts";
import type { HeartbeatParams, HeartbeatResult, Storage, WorkerState } from "../../storage.ts";
import { pack } from "../codec.ts";
import type { Argument, RedisLink, Reply } from "../link.ts";
import heartbeatSource from "../lua/heartbeat.lua" with { type: "text" };
import renewSource from "../lua/renew.lua" with { type: "text" };
import { NODES_SHARD, syncNodes } from "../nodes-sync.ts";
import { everyShard, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const HEARTBEAT = script("heartbeat", heartbeatSource);
const RENEW = script("renew", renewSource);
/** Leases renewed by one script: about 2 ms of Redis. */
const SLICE = 1_000;

/** What a shard says to a beat. */
interface Answer extends Omit<HeartbeatResult, "known"> {
  /** The shard knows that this incarnation may act, as shard 0 has just said. */
  current: boolean;
}

/** Shard 0 decides whether the node is alive; only then is anything renewed on the others. */
export function heartbeat(link: RedisLink): Storage["heartbeat"] {
  /** Goes on with the slices that follow `done`, which was sent already. */
  async function renew(shard: number, beats: Argument[][], done: Reply[] | null): Promise<Answer> {
    const answers = done ? [toAnswer(done)] : [];
    for (const beat of beats.slice(answers.length)) {
      answers.push(toAnswer(list(await link.run(RENEW, shard, beat))));
    }
    const answer = combined(answers);
    if (!answer.current) await syncNodes(link, [shard]);
    return answer;
  }

  return async (params) => {
    const runs = Map.groupBy(params.runs, ({ id }) => shardOfId(id) % link.shards);
    const beats = (shard: number) => toBeats(params, runs.get(shard) ?? []);
    const [first = [], ...more] = beats(NODES_SHARD);
    const answer = list(await link.run(HEARTBEAT, NODES_SHARD, first));
    if (answer.length === 0) {
      return { known: false, lost: params.runs.map(({ id }) => id), abort: [], stop: [] };
    }
    const shards = await everyShard(link.shards, (shard) =>
      shard === NODES_SHARD ? renew(shard, [first, ...more], answer) : renew(shard, beats(shard), null),
    );
    const { lost, abort, stop } = combined(shards);
    return { known: true, lost, abort, stop };
  };
}

/** The arguments of the scripts for one shard: one at least, and worker states with the first only. */
function toBeats(params: HeartbeatParams, runs: RunToken[]): Argument[][] {
  const beats = [toBeat(params, runs.slice(0, SLICE), params.workers)];
  for (let from = SLICE; from < runs.length; from += SLICE) {
    beats.push(toBeat(params, runs.slice(from, from + SLICE), []));
  }
  return beats;
}

function toBeat(params: HeartbeatParams, runs: RunToken[], workers: WorkerState[]): Argument[] {
  const { node, incarnation, hostMemory, now } = params;
  const beat = [
    node,
    incarnation,
    JSON.stringify(hostMemory),
    runs.map(({ id }) => id),
    runs.map(({ run }) => run),
    runs.map(({ nonce }) => nonce),
    workers.map(({ name, pid, session, sessionsOpened }) => [name, pid, session, sessionsOpened]),
  ];
  return [nowArgument(now), pack(beat)];
}

function toAnswer([current, lost, abort, stop]: Reply[]): Answer {
  const names = (reply: Reply | undefined) => list(reply).map(text);
  return { current: int(current) === 1, lost: names(lost), abort: names(abort), stop: names(stop) };
}

function combined(answers: Answer[]): Answer {
  const stop = new Set(answers.flatMap((answer) => answer.stop));
  return {
    current: answers.every(({ current }) => current),
    lost: answers.flatMap(({ lost }) => lost),
    abort: answers.flatMap(({ abort }) => abort),
    stop: [...stop].sort(),
  };
}
