import { shardOfId } from "../../../core/ids.ts";
import type { SealedItem, SealingKeyStore } from "../../sealing-key.ts";
import { parseStored } from "../codec.ts";
import type { Argument, RedisLink } from "../link.ts";
import readSource from "../lua/read-entry.lua" with { type: "text" };
import entriesSource from "../lua/reseal-entries.lua" with { type: "text" };
import jobsSource from "../lua/reseal-jobs.lua" with { type: "text" };
import scanHashSource from "../lua/scan-hash.lua" with { type: "text" };
import { readsById } from "../reads-by-id.ts";
import { bytes, int, list, text } from "../replies.ts";
import { scan } from "../scan.ts";
import { script } from "../scripts.ts";
import { listSecrets } from "./secrets.ts";
import { listTasks } from "./tasks.ts";

type List = SealingKeyStore["listSealed"];
type Reseal = SealingKeyStore["reseal"];

const JOBS = script("reseal-jobs", jobsSource);
const ENTRIES = script("reseal-entries", entriesSource);
const READ = script("read-entry", readSource);
const SCAN_HASH = script("scan-hash", scanHashSource);
const DURABLE = { durable: true };
/** What it takes to send webhooks. */
const WEBHOOKS = "deliveries-sealed";
const SHARD = 0;
/** The statuses of jobs that have something sealed. One that goes from the second back to the first is found anew. */
const STATUSES = ["queued", "started"] as const;
const MOST = 250;

export function listSealed(link: RedisLink): List {
  return async ({ kind, limit, after }) => {
    if (kind === "jobs") return await listJobs(link, limit, after);
    if (kind === "webhooks") return await listWebhooks(link, limit, after);
    const place = { limit, ...(after !== undefined && { after }) };
    if (kind === "tasks") {
      const { tasks, next } = await listTasks(link)(place);
      return { items: tasks.map(({ id, sealed }) => ({ id, sealed })), next };
    }
    const { secrets, next } = await listSecrets(link)(place);
    return { items: secrets.map(({ name, sealed }) => ({ id: name, sealed })), next };
  };
}

/** Goes through each status of each shard in turn; a place is `shard:status:seq`. */
async function listJobs(link: RedisLink, limit: number, after = "0:0:"): ReturnType<List> {
  const [shard = 0, status = 0] = after.split(":").map(Number);
  const seq = after.slice(after.lastIndexOf(":") + 1);
  const { flat, next } = await scan(link, shard, {
    filter: { status: STATUSES[status] ?? "queued" },
    order: "asc",
    limit: Math.min(limit, MOST),
    after: seq === "" ? null : Number(seq),
    give: "ids",
  });
  const items = await sealedOf(link, flat.map(text));
  if (next !== null) return { items, next: `${shard}:${status}:${next}` };
  if (status + 1 < STATUSES.length) return { items, next: `${shard}:${status + 1}:` };
  return { items, next: shard + 1 < link.shards ? `${shard + 1}:0:` : null };
}

/** Through each shard in turn; a place is `shard:cursor`. */
async function listWebhooks(link: RedisLink, limit: number, after = "0:0"): ReturnType<List> {
  const [shard = 0] = after.split(":").map(Number);
  const cursor = after.slice(after.indexOf(":") + 1);
  const [place, ...entries] = list(await link.run(SCAN_HASH, shard, [WEBHOOKS, cursor, limit]));
  const items: SealedItem[] = [];
  for (let n = 0; n + 1 < entries.length; n += 2)
    items.push({ id: text(entries[n]), sealed: bytes(entries[n + 1]) });
  if (text(place) !== "0") return { items, next: `${shard}:${text(place)}` };
  return { items, next: shard + 1 < link.shards ? `${shard + 1}:0` : null };
}

async function sealedOf(link: RedisLink, ids: string[]): Promise<SealedItem[]> {
  const read = (head: string) =>
    readsById<{ id: string }, Buffer | null>({
      shards: link.shards,
      most: MOST,
      ask: (shard, asked) =>
        link.read(
          shard,
          asked.map(({ id }) => `${head}:${id}`),
        ),
    })(ids.map((id) => ({ id })));
  const [stored, apart] = await Promise.all([read("job"), read("sealed")]);
  return ids.flatMap((id, n) => {
    const job = stored[n];
    const sealed = apart[n] ?? (job ? parseStored(job).sealed : null);
    return sealed && sealed.length > 0 ? [{ id, sealed }] : [];
  });
}

export function reseal(link: RedisLink): Reseal {
  return async ({ kind, items }) => {
    if (kind === "tasks" || kind === "secrets") return { count: await resealEntries(link, kind, items) };
    const shards = Map.groupBy(items, ({ id }) => shardOfId(id) % link.shards);
    const counts = [...shards].map(async ([shard, some]) => {
      const args = some.flatMap(({ id, sealed, resealed }): Argument[] => [id, sealed, resealed]);
      const call =
        kind === "jobs"
          ? link.run(JOBS, shard, args, DURABLE)
          : link.run(ENTRIES, shard, [WEBHOOKS, ...args], DURABLE);
      return int(await call);
    });
    return { count: (await Promise.all(counts)).reduce((sum, count) => sum + count, 0) };
  };
}

/** What is sealed is a part of a JSON record here: the record as it is now must be there still when it is replaced. */
async function resealEntries(
  link: RedisLink,
  kind: "tasks" | "secrets",
  items: Parameters<Reseal>[0]["items"],
): Promise<number> {
  const args: Argument[] = [kind];
  for (const { id, sealed, resealed } of items) {
    const record = text(await link.run(READ, SHARD, [kind, id]));
    if (record === "") continue;
    const fields = JSON.parse(record);
    if (fields.sealed !== base64(sealed)) continue;
    args.push(id, record, JSON.stringify({ ...fields, sealed: base64(resealed) }));
  }
  return args.length > 1 ? int(await link.run(ENTRIES, SHARD, args, { durable: true })) : 0;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
