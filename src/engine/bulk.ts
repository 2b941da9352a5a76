import type { FieldError } from "../core/errors.ts";
import { shardOfId } from "../core/ids.ts";
import type { Job } from "../core/job.ts";
import type { Driver } from "../device/driver.ts";
import type { AuditEntry } from "../storage/audit.ts";
import type { Batch, BatchStore } from "../storage/batches.ts";
import { HELD, type NewJob } from "../storage/storage.ts";
import { jobEntry, refusedEntry } from "./audit.ts";
import { batchIdFor, batchJobId } from "./batch-ids.ts";
import { GOING_ON } from "./batches.ts";
import { checkRequest } from "./check-request.ts";
import { deviceOf } from "./device-of.ts";
import type { BulkAnswer, BulkRequest, Caller, ExecRequest, RefusedEntry } from "./engine.ts";
import { canonicalJson, denies, newJob, reusedKey, type SubmitDeps, shardFor } from "./submit.ts";
import { keepTaskOf } from "./tasks.ts";

export interface BulkDeps extends SubmitDeps {
  batches: BatchStore;
}

/** Entries checked, or jobs sealed and stored, before others have their turn. */
const SLICE = 200;

/** An entry that passed. */
export interface Accepted {
  place: number;
  driver: Driver;
  request: ExecRequest;
}

/** The entries of a bulk request, sorted out; what passed is kept by its place alone. */
export interface Sorted {
  accepted: number[];
  refused: RefusedEntry[];
}

/** What a batch is to be. */
export type NewBatch = Pick<Batch, "id" | "retryOf"> & {
  bulk: BulkRequest;
  sorted: Sorted;
  skipped: number;
  fingerprint: string | null;
};

/** Checks all entries, writes the batch down, then stores its jobs by slices. */
export async function submitBulk(deps: BulkDeps, bulk: BulkRequest, caller: Caller): Promise<BulkAnswer> {
  const sorted = await sortOut(deps, bulk, caller);
  const { idempotencyKey } = bulk;
  const keyed = idempotencyKey !== undefined;
  const id = keyed
    ? batchIdFor(deps.sealer.fingerprint(`bulk\0${caller.key}\0${idempotencyKey}`))
    : deps.ids.next("batch");
  const fingerprint = keyed ? await fingerprintOf(deps, bulk, sorted) : null;
  const answer = await submitBatch(
    deps,
    { id, retryOf: null, bulk, sorted, skipped: 0, fingerprint },
    caller,
  );
  if (answer === "another") throw reusedKey();
  return answer;
}

/** `another`: there is a batch with this id and another content. */
export async function submitBatch(
  deps: BulkDeps,
  wanted: NewBatch,
  caller: Caller,
): Promise<BulkAnswer | "another"> {
  const { bulk, sorted, skipped } = wanted;
  const { refused } = sorted;
  const first = sorted.accepted[0];
  if (first === undefined) return { batch: null, duplicate: false, jobs: [], refused, skipped };
  await enterQueues(deps, bulk, sorted.accepted);
  const { batch, added } = await deps.batches.addBatch({ batch: recordOf(deps, wanted, first) });
  if (!added && batch.fingerprint !== wanted.fingerprint) return "another";
  const jobs = await storeJobs(deps, { batch, bulk, places: sorted.accepted, caller });
  if (!batch.stored) await markStored(deps, batch);
  return { batch, duplicate: !added, jobs, refused, skipped };
}

/** All or nothing: a batch that were cut off by a full queue would have to be told which of its jobs there are. */
async function enterQueues(deps: BulkDeps, bulk: BulkRequest, places: number[]): Promise<void> {
  const queues: string[] = [];
  for (const some of slices(places)) {
    await breathe();
    for (const place of some) {
      const { driver, request } = accepted(deps, bulk, place);
      queues.push(deviceOf(driver, request).queue);
    }
  }
  await deps.gate.enter(queues);
}

const ALL = [...GOING_ON, "stopping", "stopped"] as const;

/** Where nodes had given it up before, they look after it no more: what was stored since is stopped or released here. */
async function markStored({ storage, batches, ids }: BulkDeps, { id, canary }: Batch): Promise<void> {
  const found = await batches.changeBatch({ id, from: ALL, change: { stored: true } });
  if (found?.phase === "stopped") {
    await storage.cancelQueued({ op: ids.next("op"), filter: { batchId: id } });
  } else if (found?.phase === "open" && canary.length > 0) {
    await storage.releaseHeld({ batchId: id });
  }
}

/** By place what is wrong with an entry; no job is stored before all are looked at. What a key was refused is noted. */
export async function sortOut(deps: BulkDeps, bulk: BulkRequest, caller: Caller): Promise<Sorted> {
  const sorted: Sorted = { accepted: [], refused: [] };
  const denials: AuditEntry[] = [];
  for (let place = 0; place < bulk.count; place++) {
    if (place % SLICE === SLICE - 1) await breathe();
    const { host, request, reason } = bulk.entry(place);
    const wrong = reason ?? (request && reasonOf(checkRequest(deps, request)));
    const denied = wrong === null && request !== null ? reasonOf(denies(deps, request, caller)) : null;
    if (denied !== null && request !== null) denials.push(refusedEntry(caller, request, denied));
    if (wrong === null && denied === null && request !== null) sorted.accepted.push(place);
    else sorted.refused.push({ place, host, reason: wrong ?? denied ?? "it is not complete" });
  }
  for (const entries of slices(denials)) await deps.audit.appendAudit({ entries });
  return sorted;
}

/** What is wrong, in one line; null when nothing is. */
export function reasonOf(fields: readonly FieldError[]): string | null {
  if (fields.length === 0) return null;
  return fields.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; ");
}

/** Of all that decides what is run; of thousands of entries by slices. */
export async function fingerprintOf(
  { sealer }: BulkDeps,
  bulk: BulkRequest,
  { accepted }: Sorted,
): Promise<string> {
  const { canary, stopAfterFailures } = bulk;
  let print = sealer.fingerprint(canonicalJson({ canary, stopAfterFailures, accepted: accepted.length }));
  for (const places of slices(accepted)) {
    await breathe();
    const requests = places.map((place) => [place, bulk.entry(place).request]);
    print = sealer.fingerprint(`${print}\0${canonicalJson(requests)}`);
  }
  return print;
}

function recordOf(deps: BulkDeps, { bulk, sorted, ...wanted }: NewBatch, first: number): Batch {
  const { canary = 0, stopAfterFailures } = bulk;
  const createdAt = deps.clock.now();
  const { id, fingerprint, retryOf } = wanted;
  const { request } = accepted(deps, bulk, first);
  const ahead = canary < sorted.accepted.length ? sorted.accepted.slice(0, canary) : [];
  return {
    id,
    createdAt,
    fingerprint,
    jobs: sorted.accepted.length,
    canary: ahead.map((place) => jobIdOf(deps, { id, createdAt }, accepted(deps, bulk, place))),
    stopAfter: stopAfterFailures ?? null,
    resultTtlMs: (request.resultTtl ?? deps.limits.resultTtl) * 1000,
    retryOf,
    phase: ahead.length > 0 ? "canary" : "open",
    reason: null,
    stored: false,
    watched: true,
  };
}

/** An entry that was found to be right before. */
export function accepted({ drivers }: BulkDeps, bulk: BulkRequest, place: number): Accepted {
  const { request } = bulk.entry(place);
  const driver = request && drivers.find(request.driver);
  if (!request || !driver) throw new Error("an entry has changed since it was checked");
  return { place, driver, request };
}

export function jobIdOf(
  deps: BulkDeps,
  batch: Pick<Batch, "id" | "createdAt">,
  { place, driver, request }: Accepted,
): string {
  return batchJobId(batch, place, shardFor(deps, driver, request));
}

interface Storing {
  batch: Batch;
  bulk: BulkRequest;
  places: number[];
  caller: Caller;
}

async function storeJobs(deps: BulkDeps, storing: Storing): Promise<Job[]> {
  const store = mayStore(deps, storing.batch) ? enqueue : look;
  const jobs: Job[] = [];
  for (const places of slices(storing.places)) {
    await breathe();
    jobs.push(
      ...(await store(
        deps,
        places.map((place) => accepted(deps, storing.bulk, place)),
        storing,
      )),
    );
  }
  return jobs;
}

/**
 * A repeat completes what the first submission has left, as jobs that are there are not stored again; but not when the
 * first of them may be forgotten, for it would run twice.
 */
function mayStore({ clock }: BulkDeps, { stored, createdAt, resultTtlMs }: Batch): boolean {
  return !stored && Math.abs(clock.now() - createdAt) < resultTtlMs / 2;
}

async function look(deps: BulkDeps, entries: Accepted[], { batch }: Storing): Promise<Job[]> {
  const found = await deps.storage.get({ ids: entries.map((entry) => jobIdOf(deps, batch, entry)) });
  return found.filter((job) => job !== null);
}

/** A call for each shard: on one shard it is one step, over several it would be written down first. */
async function enqueue(deps: BulkDeps, entries: Accepted[], { batch, caller }: Storing): Promise<Job[]> {
  const { storage, audit } = deps;
  const ahead = new Set(batch.canary);
  const jobs = entries.map((entry): NewJob => {
    const id = jobIdOf(deps, batch, entry);
    const runAt = ahead.size > 0 && !ahead.has(id) ? HELD : null;
    return newJob(deps, entry.driver, entry.request, caller, { id, batchId: batch.id, runAt });
  });
  const shards = Map.groupBy(jobs, ({ id }) => shardOfId(id) % storage.info.shards);
  const kindOf = new Map(entries.map((entry, n) => [jobs[n], entry.request.operation.kind]));
  const notes = jobs.map((job) => jobEntry(caller, kindOf.get(job) ?? "command", job));
  const [stored] = await Promise.all([
    Promise.all([...shards.values()].map((some) => storage.enqueue({ jobs: some }))),
    audit.appendAudit({ entries: notes }),
  ]);
  const byId = new Map<string, Job>();
  for (const result of stored) {
    if (result.outcome === "mismatch") throw new Error("jobs without a key were refused for theirs");
    for (const job of result.jobs) byId.set(job.id, job);
  }
  const found = jobs.flatMap(({ id }) => byId.get(id) ?? []);
  const requests = new Map(jobs.map(({ id }, index) => [id, entries[index]?.request]));
  for (const job of found) {
    const request = requests.get(job.id);
    if (request !== undefined) await keepTaskOf(deps, request, job);
  }
  return found;
}

export function* slices<T>(list: readonly T[]): Generator<T[]> {
  for (let from = 0; from < list.length; from += SLICE) yield list.slice(from, from + SLICE);
}

/** Lets everything else that is ready run first. */
export function breathe(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}
