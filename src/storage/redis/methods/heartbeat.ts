import { StorageError } from "../../../core/errors.ts";
import { shardOfId } from "../../../core/ids.ts";
import type { RunToken } from "../../../core/job.ts";
import { encodeNodeWords } from "../../node-words.ts";
import type { HeartbeatParams, HeartbeatResult, Storage, WorkerState } from "../../storage.ts";
import { pack } from "../codec.ts";
import type { Argument, RedisLink, Reply } from "../link.ts";
import heartbeatSource from "../lua/heartbeat.lua" with { type: "text" };
import renewSource from "../lua/renew.lua" with { type: "text" };
import { NODES_SHARD, syncNodes } from "../nodes-sync.ts";
import { everyShard, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const HEARTBEAT = script("heartbeat", heartbeatSource);
const RENEW = script("renew", renewSource);
/** Leases renewed by one script: about 2 ms of Redis. */
const SLICE = 1_000;

/** A lease that only a master left alone knows of is none: another may run the job by what the replicas know. */
const DURABLE = { durable: true };

/** What a shard says to a beat. */
interface Answer extends Omit<HeartbeatResult, "known" | "unanswered"> {
  /** Of its table of nodes. */
  version: number;
}

/**
 * Shard 0 decides whether the node is alive; only then is anything renewed on the others. One of those that is out of
 * reach keeps the others from nothing.
 */
export function heartbeat(link: RedisLink): Storage["heartbeat"] {
  /** Sends the beats that follow those which `done` are the answers to. */
  async function renew(shard: number, beats: Argument[][], done: Answer[] = []): Promise<Answer> {
    const answers = [...done];
    for (const beat of beats.slice(done.length)) {
      answers.push(toAnswer(list(await link.run(RENEW, shard, beat, DURABLE))));
    }
    return combined(answers);
  }

  return async (params) => {
    const runs = Map.groupBy(params.runs, ({ id }) => shardOfId(id) % link.shards);
    // The report is read on shard 0 only.
    const { report: _, ...bare } = params;
    const beats = (shard: number) => toBeats(shard === NODES_SHARD ? params : bare, runs.get(shard) ?? []);
    const own = beats(NODES_SHARD);
    const reply = list(await link.run(HEARTBEAT, NODES_SHARD, own[0] ?? [], DURABLE));
    if (reply.length === 0) {
      return { known: false, lost: params.runs.map(({ id }) => id), abort: [], stop: [] };
    }
    const told = await everyShard(link.shards, (shard) =>
      orError(shard === NODES_SHARD ? renew(shard, own, [toAnswer(reply)]) : renew(shard, beats(shard))),
    );
    const answers = new Map(
      [...told.entries()].flatMap(([shard, it]) => ("error" in it ? [] : [[shard, it]])),
    );
    await syncDiffering(link, answers);
    const { lost, abort, stop } = combined([...answers.values()]);
    const errors = told.flatMap((it) => ("error" in it ? [it.error] : []));
    if (errors[0] === undefined) return { known: true, lost, abort, stop };
    const missed = [...told.keys()].filter((shard) => !answers.has(shard));
    const unrenewed = missed.flatMap((shard) => (runs.get(shard) ?? []).map(({ id }) => id));
    return { known: true, lost, abort, stop, unanswered: { runs: unrenewed, error: errors[0] } };
  };
}

async function orError(answer: Promise<Answer>): Promise<Answer | { error: StorageError }> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StorageError && error.kind === "unavailable") return { error };
    throw error;
  }
}

/** A shard with another table of nodes than shard 0 has missed something, or knows of what shard 0 has lost. */
async function syncDiffering(link: RedisLink, answers: Map<number, Answer>): Promise<void> {
  const versions = new Map([...answers].map(([shard, { version }]) => [shard, version]));
  const differing = [...versions.keys()].filter((shard) => versions.get(shard) !== versions.get(NODES_SHARD));
  await syncNodes(link, differing, Math.max(...versions.values()));
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
  const { node, incarnation, hostMemory, report, now } = params;
  const beat = [
    node,
    incarnation,
    encodeNodeWords(hostMemory, report),
    runs.map(({ id }) => id),
    runs.map(({ run }) => run),
    runs.map(({ nonce }) => nonce),
    workers.map(({ name, pid, session, sessionsOpened }) => [name, pid, session, sessionsOpened]),
  ];
  return [nowArgument(now), pack(beat)];
}

function toAnswer([version, lost, abort, stop]: Reply[]): Answer {
  const names = (reply: Reply | undefined) => list(reply).map(text);
  return { version: Number(text(version)), lost: names(lost), abort: names(abort), stop: names(stop) };
}

/** Of several parts, or several shards. */
function combined(answers: Answer[]): Answer {
  const stop = new Set(answers.flatMap((answer) => answer.stop));
  return {
    version: Math.max(...answers.map(({ version }) => version)),
    lost: answers.flatMap(({ lost }) => lost),
    abort: answers.flatMap(({ abort }) => abort),
    stop: [...stop].sort(),
  };
}
