import type { Job, JobStatus } from "../../../src/core/job.ts";
import type { Batch, BatchPhase } from "../../../src/storage/batches.ts";
import type { Asked, Ending, Typed } from "./deliveries.ts";

/** A bulk request of a client, and what it was told. */
export interface AskedBatch {
  name: string;
  /** What it is made of, in the order of the request. Entries that cannot be taken are `refused`. */
  asked: Asked[];
  canary: number;
  stopAfter: number | null;
  /** Ids of batches that it was told. */
  ids: string[];
  /** It was told what became of each entry; a repeat tells only what there is. */
  answered: boolean;
  /** Some client has asked to cancel it. */
  cancelAsked: boolean;
  /** What it repeats, and whether that means what was cancelled as well. */
  retryOf: { batch: AskedBatch; cancelled: boolean } | null;
}

/** What counts of a job that may be of a batch, at the end. */
export type BatchJob = Pick<Job, "id" | "status" | "command" | "batchId">;

/** Everything about batches that shows from outside. Times are on one clock, ms. */
export interface BatchHistory {
  asked: AskedBatch[];
  typed: Typed[];
  /** All jobs of the store, at the end. */
  jobs: BatchJob[];
  endings: Ending[];
  /** Every start of a job, as subscribers heard of it. */
  starts: { id: string; at: number }[];
  /** All batches of the store at the end, each with what the store counts. */
  batches: { batch: Batch; counts: Record<JobStatus, number> }[];
  phases: { id: string; phase: BatchPhase; at: number }[];
}

/** One batch with all that belongs to it. */
interface Story {
  asked: AskedBatch;
  batch: Batch;
  counts: Record<JobStatus, number>;
  /** In the order of the request; null for an entry without one. */
  jobs: (BatchJob | null)[];
  history: BatchHistory;
}

const STOPPED: readonly BatchPhase[] = ["stopping", "stopped"];

/** What contradicts the promises about batches, judged from outside. Empty when nothing does. */
export function judgeBatches(history: BatchHistory): string[] {
  const jobs = new Map(history.jobs.map((job) => [job.command[0] ?? "", job]));
  const batches = new Map(history.batches.map((each) => [each.batch.id, each]));
  return history.asked.flatMap((asked) => {
    const own = asked.asked.map(({ commands }) => jobs.get(commands[0] ?? "") ?? null);
    const ids = new Set([...asked.ids, ...own.flatMap((job) => job?.batchId ?? [])]);
    const [id] = ids;
    const found = id === undefined ? undefined : batches.get(id);
    const named = (problems: string[]) => problems.map((what) => `${asked.name}: ${what}`);
    if (ids.size > 1) return named([`it is several batches: ${[...ids].join(", ")}`]);
    if (id !== undefined && !found) return named([`its batch ${id} is lost`]);
    const retried = retry(asked, own, jobs);
    if (!found) return named(retried);
    const story = { asked, ...found, jobs: own, history };
    return named([...retried, ...ofBatch(story), ...canary(story), ...stop(story)]);
  });
}

function ofBatch({ asked, batch, counts, jobs, history }: Story): string[] {
  const problems: string[] = [];
  const must = (right: boolean, what: string) => void (right || problems.push(what));
  const taken = jobs.filter((_, n) => asked.asked[n]?.answer !== "refused");
  if (asked.answered) {
    must(batch.jobs === taken.length, `it is of ${batch.jobs} jobs, and ${taken.length} were taken`);
    const first = asked.canary < taken.length ? taken.slice(0, asked.canary) : [];
    const same = first.length === batch.canary.length && first.every((job, n) => job?.id === batch.canary[n]);
    must(same, `its canary is ${batch.canary.join(", ")}`);
  }
  const strangers = history.jobs.filter((job) => job.batchId === batch.id && !jobs.includes(job));
  must(strangers.length === 0, `it has ${strangers.length} jobs of others`);
  for (const [status, counted] of Object.entries(counts)) {
    const there = jobs.filter((job) => job?.status === status).length;
    must(counted === there, `${counted} of its jobs are counted as ${status}, ${there} are`);
  }
  must(!(batch.stored && batch.watched), `it has not come to its end: ${batch.phase}`);
  return problems;
}

/** The rest waits until each of the first has finished well, and never runs when one has not. */
function canary({ batch, jobs, history }: Story): string[] {
  if (batch.canary.length === 0) return [];
  const ends = new Map(history.endings.map(({ id, status, at }) => [id, { status, at }]));
  const passedAt = batch.canary.reduce((latest, id) => {
    const end = ends.get(id);
    return end?.status === "finished" ? Math.max(latest, end.at) : Number.POSITIVE_INFINITY;
  }, 0);
  const held = jobs.filter((job) => job !== null && !batch.canary.includes(job.id));
  const commands = new Set(held.flatMap((job) => job?.command ?? []));
  return history.typed
    .filter(({ command, at }) => commands.has(command) && at < passedAt)
    .map(({ command }) => `a device saw ${command} before the canary had finished`);
}

/** It is stopped for a reason and for no other, and then nothing of it that had not started starts. */
function stop({ asked, batch, jobs, history }: Story): string[] {
  const problems: string[] = [];
  const isStopped = STOPPED.includes(batch.phase);
  const failed = jobs.filter((job) => job?.status === "failed").length;
  const over = asked.stopAfter !== null && failed >= asked.stopAfter;
  const ahead = batch.canary.map((id) => jobs.find((job) => job?.id === id)?.status ?? "absent");
  const bad = ahead.some((status) => status !== "finished");
  if (over && !isStopped) problems.push(`${failed} of its jobs have failed, and it is ${batch.phase}`);
  if (bad && !isStopped) problems.push(`of its canary came ${ahead.join(", ")}, and it is ${batch.phase}`);
  if (isStopped && !over && !bad && !asked.cancelAsked) problems.push(`it was stopped: ${batch.reason}`);
  const stoppedAt = history.phases.find(({ id, phase }) => id === batch.id && phase === "stopped")?.at;
  const ids = new Set(jobs.map((job) => job?.id));
  const firstStarts = new Map(history.starts.toReversed().map(({ id, at }) => [id, at]));
  const late = [...firstStarts].filter(([id, at]) => ids.has(id) && at > (stoppedAt ?? at));
  return [...problems, ...late.map(([id]) => `${id} started after it was stopped`)];
}

/** A retry has a job for each that has failed, and for no other. */
function retry(asked: AskedBatch, own: (BatchJob | null)[], jobs: Map<string, BatchJob>): string[] {
  if (asked.retryOf === null) return [];
  const { batch: old, cancelled } = asked.retryOf;
  return asked.asked.flatMap(({ name, answer }, n) => {
    const before = jobs.get(old.asked[n]?.commands[0] ?? "")?.status;
    const again = before === "failed" || (cancelled && before === "cancelled");
    if (own[n] && !again) return [`${name} was run again after it was ${before}`];
    return asked.answered && again && answer !== "accepted"
      ? [`${name} was ${before} and is not retried`]
      : [];
  });
}
