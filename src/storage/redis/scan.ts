import { shardOf } from "../../core/shards.ts";
import type { JobFilter, ListJobsParams } from "../storage.ts";
import { pack } from "./codec.ts";
import type { RedisLink, Reply } from "./link.ts";
import listSource from "./lua/list.lua" with { type: "text" };
import { list, text } from "./replies.ts";
import { script } from "./scripts.ts";

const LIST = script("list", listSource);
/** Jobs in one answer of Redis: more would hold it up. */
const MOST = 250;

export interface Scan {
  filter: JobFilter;
  order: ListJobsParams["order"];
  limit: number;
  /** Exclusive: where the step before stopped. */
  after: number | null;
  /** What of each job: its id, or id and record. */
  give: "ids" | "jobs";
}

/** One short step through the jobs of a shard that match, in the order of `seq`. */
export interface ScanStep {
  /** By turns what was asked for. Few, or nothing, where more may follow. */
  flat: Reply[];
  /** Where to go on; null when nothing is left. */
  next: number | null;
}

/** The shards that can have jobs that match. */
export function shardsOf(filter: JobFilter, shards: number): number[] {
  if (filter.queue !== undefined) return [shardOf(filter.queue, shards)];
  return Array.from({ length: shards }, (_, shard) => shard);
}

export async function scan(link: RedisLink, shard: number, params: Scan): Promise<ScanStep> {
  const { filter, order, limit, after, give } = params;
  const { since = "", until = "" } = filter;
  const where = [order, after ?? "", Math.min(limit, MOST), since, until];
  const what = [give === "ids" ? 1 : 0, pack(indexesOf(filter))];
  const [next, ...flat] = list(await link.run(LIST, shard, [...where, ...what]));
  const place = text(next);
  return { flat, next: place === "" ? null : Number(place) };
}

/** The indexes that a matching job is in, all of them, those that have few jobs first; see `include/marks.lua`. */
function indexesOf({ status, batchId, queue, host, driver, node, worker }: JobFilter): string[] {
  const kinds = Object.entries({ batch: batchId, worker, queue, host, node, driver });
  const narrowing = kinds.flatMap(([kind, value]) => (value === undefined ? [] : [`${kind}:${value}`]));
  if (status === undefined) return narrowing.length > 0 ? narrowing : ["all"];
  const isRare = status === "failed" || status === "cancelled";
  if (!isRare || narrowing.length === 0) return [...narrowing, `status:${status}`];
  return narrowing.map((index) => `${status}:${index}`);
}
