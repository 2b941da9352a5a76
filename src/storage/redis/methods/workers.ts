import { shardOf } from "../../../core/shards.ts";
import type { Storage, Worker, WorkerFilter } from "../../storage.ts";
import { pack } from "../codec.ts";
import type { RedisLink, Reply, Script } from "../link.ts";
import listSource from "../lua/list-workers.lua" with { type: "text" };
import stopSource from "../lua/stop-workers.lua" with { type: "text" };
import suspendSource from "../lua/suspend-workers.lua" with { type: "text" };
import { merge, type Step } from "../merge.ts";
import { bytes, list, text } from "../replies.ts";
import { script } from "../scripts.ts";
import { toPulses, toWorkers } from "../worker-rows.ts";

const LIST = script("list-workers", listSource);
const STOP = script("stop-workers", stopSource);
const SUSPEND = script("suspend-workers", suspendSource);

export function listWorkers(link: RedisLink): Storage["listWorkers"] {
  return async ({ filter, limit, after }) => {
    const packed = pack(toArgument(filter));
    const source = (shard: number) => async (wanted: number, from: string | null) =>
      toStep(list(await link.run(LIST, shard, [from ?? "", wanted, packed])));
    const found = await merge<Worker, string>({
      sources: shardsOf(filter, link.shards).map(source),
      after: after ?? null,
      // One more than asked for tells whether there is a next page.
      wanted: limit + 1,
      placeOf: ({ name }) => name,
      isBefore,
    });
    const page = found.slice(0, limit);
    return { workers: page, next: found.length > limit ? (page.at(-1)?.name ?? null) : null };
  };
}

export function stopWorkers(link: RedisLink): Storage["stopWorkers"] {
  return async ({ op, filter }) => {
    const flat = await stepThrough(link, filter, STOP, op);
    const stopped: { worker: string; job: string | null }[] = [];
    for (let n = 0; n < flat.length; n += 2)
      stopped.push({ worker: flat[n] ?? "", job: flat[n + 1] || null });
    return stopped.sort((a, b) => (isBefore(a.worker, b.worker) ? -1 : 1));
  };
}

export function suspendWorkers(link: RedisLink): Storage["suspendWorkers"] {
  return async ({ filter, suspended }) => {
    const workers = await stepThrough(link, filter, SUSPEND, suspended ? 1 : 0);
    return { workers: workers.sort((a, b) => (isBefore(a, b) ? -1 : 1)) };
  };
}

/** What all steps of a script over the workers that match answer, on every shard that can have some. */
async function stepThrough(link: RedisLink, filter: WorkerFilter, each: Script, argument: string | number) {
  const packed = pack(toArgument(filter));
  const shards = await Promise.all(
    shardsOf(filter, link.shards).map(async (shard) => {
      const answers: string[] = [];
      let after = "";
      do {
        const step = list(await link.run(each, shard, [argument, after, packed])).map(text);
        after = step[0] ?? "";
        answers.push(...step.slice(1));
      } while (after !== "");
      return answers;
    }),
  );
  return shards.flat();
}

/** A worker is on the shard of its queue. */
function shardsOf({ queue }: WorkerFilter, shards: number): number[] {
  if (queue !== undefined) return [shardOf(queue, shards)];
  return Array.from({ length: shards }, (_, shard) => shard);
}

function toArgument({ name, queue, node, host, status }: WorkerFilter): (string | false)[] {
  return [name ?? false, queue ?? false, node ?? false, host ?? false, status ?? false];
}

/** As Redis orders names: by their bytes. */
function isBefore(name: string, other: string): boolean {
  return Buffer.compare(Buffer.from(name), Buffer.from(other)) < 0;
}

function toStep([next, rows, nodes]: Reply[]): Step<Worker, string> {
  const place = text(next);
  return { rows: toWorkers(bytes(rows), toPulses(list(nodes))), next: place === "" ? null : place };
}
