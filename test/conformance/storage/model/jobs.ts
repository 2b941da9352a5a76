import { isFinal, isPinnedQueue, type Job, type JobError, type RunToken } from "../../../../src/core/job.ts";
import {
  ABORTED,
  HELD,
  type JobFilter,
  type NewJob,
  type RunOutcome,
  resultTypeOf,
} from "../../../../src/storage/storage.ts";
import { text } from "../../../support/factory.ts";
import type { Deliveries } from "./deliveries.ts";
import { Lanes } from "./lanes.ts";
import type { Sealed } from "./sealed.ts";
import { aheadOf, type Level } from "./waits.ts";

/** Everything the model knows of one job. */
export interface Known {
  given: NewJob;
  /** As `get` must show it. */
  job: Job;
  /** From when on it may start, in this stay in the queue. */
  startsAt: number;
  /** It was seen by its lane: its moment has come. */
  ready: boolean;
  /** The current run, while it is started. */
  token: RunToken | null;
  runs: number;
  /** When the last of them began. */
  ranFrom: number;
  /** Of its lease, as last seen; null before. */
  renewal: number | null;
  /** It was renewed since its lease was last seen. */
  renewed: boolean;
  abort: boolean;
  /** ASCII, so that bytes are characters. */
  log: string;
  /** Its operation as it is sealed now; null: erased. */
  sealed: string | null;
  keptUntil: number;
  /** A prune may have put it off until then, for its delivery's sake. */
  putOffUntil: number;
}

/** The jobs of a store and every change that the contract allows. */
export class Jobs {
  readonly all = new Map<string, Known>();
  readonly #levels = new Map<string, Lanes>();
  readonly #deliveries: Deliveries;

  constructor(deliveries: Deliveries) {
    this.#deliveries = deliveries;
  }

  get(id: string): Known | undefined {
    return this.all.get(id);
  }

  must(id: string): Known {
    const known = this.all.get(id);
    if (!known) throw new Error(`the model has no job ${id}`);
    return known;
  }

  /** In the order of their sequence. */
  list(filter: JobFilter = {}): Job[] {
    return [...this.all.values()]
      .map(({ job }) => job)
      .filter((job) => matches(job, filter))
      .toSorted((a, b) => a.seq - b.seq);
  }

  sealed(): Sealed[] {
    return [...this.all].flatMap(([id, { sealed }]) => (sealed === null ? [] : [{ id, sealed }]));
  }

  reseal(id: string, from: string, to: string): boolean {
    const known = this.all.get(id);
    if (known?.sealed !== from) return false;
    known.sealed = to;
    return true;
  }

  forget(id: string): void {
    this.all.delete(id);
    this.#deliveries.forget(id);
  }

  started(): Known[] {
    return [...this.all.values()].filter(({ job }) => job.status === "started");
  }

  /** The run of the token, if it goes on. */
  running(token: RunToken): Known | null {
    const known = this.all.get(token.id);
    const current = known?.token;
    return known && current?.nonce === token.nonce && current.run === token.run ? known : null;
  }

  add(given: NewJob, seq: number, now: number): Known {
    const startsAt = Math.max(now, given.runAt ?? now);
    const { id, queue, driver, host, site, batchId, command, retvalShape, priority, createdAt } = given;
    const known: Known = {
      given,
      job: {
        ...{ id, seq, queue, driver, host, site, batchId, command, retvalShape, priority, createdAt },
        status: "queued",
        node: null,
        worker: null,
        attempts: 0,
        enqueuedAt: now,
        startedAt: null,
        endedAt: null,
        expiresAt: given.ttlMs === null ? null : startsAt + given.ttlMs,
        result: null,
      },
      startsAt,
      ready: false,
      token: null,
      runs: 0,
      ranFrom: Number.NaN,
      renewal: null,
      renewed: false,
      abort: false,
      log: "",
      sealed: text(given.sealed),
      keptUntil: Number.POSITIVE_INFINITY,
      putOffUntil: Number.NEGATIVE_INFINITY,
    };
    this.all.set(id, known);
    if (given.webhook) this.#deliveries.add(id, given.webhook);
    this.#due(known, now);
    return known;
  }

  /** What a worker of the queue must be given now; more than one where the contract leaves it open. */
  next(queue: string, now: number): Known[] {
    const queued = this.#queued(queue);
    const asTheyFellDue = (a: Known, b: Known) => a.startsAt - b.startsAt || a.job.seq - b.job.seq;
    for (const known of queued.toSorted(asTheyFellDue)) this.#due(known, now);
    const pinnedAndBusy = isPinnedQueue(queue) && this.started().some(({ job }) => job.queue === queue);
    const fresh = queued.filter((known) => known.ready && !isStale(known, now));
    if (pinnedAndBusy || fresh.length === 0) return [];
    const priority = Math.max(...fresh.map(({ job }) => job.priority));
    const level = fresh.filter(({ job }) => job.priority === priority).map(waiting);
    const lanes = Map.groupBy(level, ({ lane }) => lane).values();
    const heads = [...lanes].flatMap((jobs) => jobs.toSorted((a, b) => a.seq - b.seq).slice(0, 1));
    return this.#lanes(queue, priority)
      .next(heads)
      .map(({ known }) => known);
  }

  start(known: Known, token: RunToken, by: { node: string; worker: string }, now: number): void {
    this.#lanes(known.job.queue, known.job.priority).serve(waiting(known));
    this.#leave(known);
    known.token = token;
    known.runs += 1;
    known.ranFrom = now;
    known.renewal = null;
    known.renewed = false;
    known.log = "";
    Object.assign(known.job, { ...by, status: "started", startedAt: now, attempts: known.job.attempts + 1 });
  }

  /** Ends the run, or hands the job back. */
  settle(known: Known, outcome: RunOutcome, now: number): void {
    switch (outcome.kind) {
      case "succeeded":
        return this.#end(known, "finished", outcome.result, now);
      case "failed":
        return this.#end(known, "failed", outcome.result, now);
      case "retry":
        return this.#again(known, outcome.error, outcome.delayMs, now);
      case "released":
        if (known.abort) return this.fail(known, ABORTED, now);
        known.job.attempts -= 1;
        this.#back(known, known.startsAt, now);
    }
  }

  /** Its lease lapsed. */
  lose(known: Known, error: JobError, now: number): "failed" | "requeued" {
    this.#again(known, error, 0, now);
    return known.job.status === "failed" ? "failed" : "requeued";
  }

  cancel(known: Known, now: number): void {
    this.#leave(known);
    this.#end(known, "cancelled", null, now);
  }

  /** Lets those that are held of a batch start, in the order of their sequence, and says how many they are. */
  release(batchId: string, now: number): number {
    const held = this.list({ batchId })
      .map(({ id }) => this.must(id))
      .filter(isHeld);
    for (const known of held) {
      known.startsAt = now;
      known.job.expiresAt = known.given.ttlMs === null ? null : now + known.given.ttlMs;
      this.#due(known, now);
    }
    return held.length;
  }

  /** How many jobs of its queue come before it; a range where the contract leaves it open. */
  ahead(known: Known, now: number): { least: number; most: number } {
    const ready = this.#queued(known.job.queue).filter((each) => each.ready);
    const byTies = (["came with", "first"] as const).map((tie) => this.#inTurn(ready, tie));
    const levels = byTies.filter((all) => all !== null);
    // Whether a job that is past its TTL still counts depends on when it is put aside.
    if (levels.length === 0 || ready.some((each) => isStale(each, now))) {
      return { least: 0, most: ready.length };
    }
    const ahead = levels.map((all) => aheadOf(known, all));
    return { least: Math.min(...ahead), most: Math.max(...ahead) };
  }

  #inTurn(ready: Known[], tie: "came with" | "first"): Level[] | null {
    const levels = Map.groupBy(ready, ({ job }) => job.priority);
    const inTurn = [...levels].map(([priority, jobs]) => {
      const lanes = this.#lanes(jobs[0]?.job.queue ?? "", priority).inTurn(jobs.map(waiting), tie);
      return lanes && { priority, lanes: lanes.map((lane) => lane.map(({ known }) => known)) };
    });
    const certain = inTurn.filter((level) => level !== null);
    return certain.length === inTurn.length ? certain : null;
  }

  expire(known: Known, error: JobError, now: number): void {
    this.#leave(known);
    this.fail(known, error, now);
  }

  fail(known: Known, error: JobError, now: number): void {
    this.#end(known, "failed", { type: resultTypeOf(error), error }, now);
  }

  #again(known: Known, error: JobError, delayMs: number, now: number): void {
    if (known.abort) return this.fail(known, ABORTED, now);
    if (known.job.attempts > known.given.retries) return this.fail(known, error, now);
    const { ttlMs } = known.given;
    known.job.enqueuedAt = now;
    known.job.expiresAt = ttlMs === null ? null : now + delayMs + ttlMs;
    this.#back(known, now + delayMs, now);
  }

  #back(known: Known, startsAt: number, now: number): void {
    known.token = null;
    known.startsAt = startsAt;
    known.job.status = "queued";
    known.job.startedAt = null;
    this.#due(known, now);
  }

  #end(known: Known, status: "finished" | "failed" | "cancelled", result: Job["result"], now: number): void {
    known.token = null;
    known.keptUntil = now + known.given.resultTtlMs;
    known.sealed = null;
    Object.assign(known.job, { status, result, endedAt: now });
    this.#deliveries.owe(known.job.id, status, now);
  }

  /** The job joins its lane when its moment has come. */
  #due(known: Known, now: number): void {
    if (known.ready || known.startsAt > now) return;
    const others = this.#mates(known);
    const stale = others.filter((each) => isStale(each, now)).length;
    this.#lanes(known.job.queue, known.job.priority).arrive(waiting(known), {
      fresh: others.length - stale,
      stale,
    });
    known.ready = true;
  }

  #leave(known: Known): void {
    known.ready = false;
    if (this.#mates(known).length > 0) return;
    this.#lanes(known.job.queue, known.job.priority).empty(known.given.lane);
  }

  /** The other jobs of its lane that are ready. */
  #mates(known: Known): Known[] {
    return this.#queued(known.job.queue).filter(
      (each) =>
        each !== known &&
        each.ready &&
        each.job.priority === known.job.priority &&
        each.given.lane === known.given.lane,
    );
  }

  #queued(queue: string): Known[] {
    return [...this.all.values()].filter(({ job }) => job.queue === queue && job.status === "queued");
  }

  #lanes(queue: string, priority: number): Lanes {
    const key = `${priority} ${queue}`;
    const lanes = this.#levels.get(key) ?? new Lanes();
    this.#levels.set(key, lanes);
    return lanes;
  }
}

function waiting(known: Known) {
  return { seq: known.job.seq, lane: known.given.lane, known };
}

/** Its TTL has run out. */
export function isStale({ job }: Known, now: number): boolean {
  return job.expiresAt !== null && job.expiresAt <= now;
}

/** It does not start before its batch is released. */
export function isHeld({ job, startsAt }: Known): boolean {
  return job.status === "queued" && startsAt === HELD;
}

export function isForgettable(known: Known, now: number): boolean {
  return isFinal(known.job.status) && known.keptUntil <= now;
}

export function matches(job: Job, { since, until, ...equal }: JobFilter): boolean {
  if (since !== undefined && job.createdAt < since) return false;
  if (until !== undefined && job.createdAt >= until) return false;
  return Object.entries(equal).every(([name, value]) => job[name as keyof typeof equal] === value);
}
