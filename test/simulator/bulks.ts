import { RequestError, StorageError } from "../../src/core/errors.ts";
import type { BulkAnswer, BulkEntry, BulkRequest, Engine } from "../../src/engine/engine.ts";
import { aCaller } from "../support/callers.ts";
import type { AskedBatch } from "../support/faults/batches.ts";
import type { Asked } from "../support/faults/deliveries.ts";
import { BAD } from "./devices.ts";
import type { SimProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

const RETRY_MS = 200;
const MOST_TRIES = 5;
const LOOK_MS = 400;

export interface BulkClientsDeps {
  timeline: Timeline;
  process: SimProcess;
  engine: Engine;
  /** Where it is noted what each job is asked for. */
  asked: Asked[];
  ask(what: string, question: () => Promise<void>): void;
}

/** Clients that run one request on many devices. */
export class BulkClients {
  readonly asked: AskedBatch[] = [];
  readonly #deps: BulkClientsDeps;

  constructor(deps: BulkClientsDeps) {
    this.#deps = deps;
  }

  /** Jobs for some of the devices, often with a canary and a limit; what fails may be retried once, until `retryUntil`. */
  submit(hosts: string[], retryUntil: number): void {
    const { timeline, ask } = this.#deps;
    const { random } = timeline;
    const places = Array.from({ length: random.whole(2, 8) }, () => random.pick(hosts));
    const batch = this.#newBatch(`bulk-${this.asked.length + 1}`, places.length, null);
    const bulk = this.#requestOf(batch, places);
    const keyed = random.chance(0.6) ? { ...bulk, idempotencyKey: batch.name } : bulk;
    const key = `client-${random.whole(1, 4)}`;
    const retried = random.chance(0.6);
    ask(`submit ${batch.name}`, async () => {
      const submit = () => this.#deps.engine.submitBulk(keyed, aCaller(key));
      const id = await this.#send(batch, submit, keyed.idempotencyKey !== undefined);
      if (id !== null && retried) await this.#retryFailed({ id, batch, places, key, until: retryUntil });
    });
  }

  cancel(): void {
    const { timeline, ask, engine } = this.#deps;
    const told = this.asked.filter(({ ids }) => ids.length > 0);
    if (told.length === 0) return;
    const batch = timeline.random.pick(told);
    ask(`cancel ${batch.name}`, async () => {
      batch.cancelAsked = true;
      const { cancelled } = await engine.cancelBatch(batch.ids[0] ?? "");
      for (const asked of batch.asked)
        asked.cancelled.push(...asked.ids.filter((id) => cancelled.includes(id)));
    });
  }

  #newBatch(name: string, count: number, retryOf: AskedBatch["retryOf"]): AskedBatch {
    const { random } = this.#deps.timeline;
    const refusable = retryOf === null;
    const asked = Array.from({ length: count }, (_, n) => this.#newAsked(`${name}.${n + 1}`, refusable));
    this.#deps.asked.push(...asked);
    const canary = random.chance(0.6) ? random.whole(1, 4) : 0;
    const stopAfter = random.chance(0.6) ? random.whole(1, 4) : null;
    const told = { ids: [], answered: false, cancelAsked: false };
    const batch = { name, asked, canary, stopAfter, ...told, retryOf };
    this.asked.push(batch);
    return batch;
  }

  #newAsked(name: string, refusable: boolean): Asked {
    const { random } = this.#deps.timeline;
    const words = random.chance(0.15) ? `${BAD}-${name}` : name;
    const commands = Array.from({ length: random.whole(1, 4) }, (_, n) => `${words} step ${n + 1}`);
    const retries = random.chance(0.15) ? 1 : 0;
    const answer = refusable && random.chance(0.03) ? "refused" : "unknown";
    return { name, commands, retries, answer, ids: [], cancelled: [] };
  }

  #requestOf({ asked, canary, stopAfter }: AskedBatch, hosts: string[]): BulkRequest {
    const { random } = this.#deps.timeline;
    const entries = asked.map(({ commands, retries, answer }, n): BulkEntry => {
      const host = hosts[n] ?? "";
      if (answer === "refused") return { host, request: null, reason: "refused by the simulator" };
      const request: BulkEntry["request"] = {
        driver: "simulated",
        connectionArgs: { host },
        driverArgs: {},
        operation: { kind: "command", text: commands },
        queueStrategy: "pinned",
        retries,
        ...(random.chance(0.1) ? { ttl: random.whole(1, 5) } : {}),
      };
      return { host, request, reason: null };
    });
    return {
      count: entries.length,
      entry: (place) => entries[place] ?? { host: null, request: null, reason: "there is none" },
      ...(canary > 0 && { canary }),
      ...(stopAfter !== null && { stopAfterFailures: stopAfter }),
    };
  }

  /** As often as it takes where that is safe, and at times once more; the batch's id when there was an answer. */
  async #send(batch: AskedBatch, call: () => Promise<BulkAnswer>, repeat: boolean): Promise<string | null> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await call();
        this.#told(batch, answer);
        if (!repeat || this.#deps.timeline.random.chance(0.7)) return answer.batch?.id ?? null;
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        if (!repeat) return null;
      }
      if (tries === MOST_TRIES) return batch.ids[0] ?? null;
      await this.#passed(RETRY_MS);
    }
  }

  #told(batch: AskedBatch, { batch: made, duplicate, jobs, refused, skipped }: BulkAnswer): void {
    if (made) batch.ids.push(made.id);
    const byCommand = new Map(jobs.map((job) => [job.command[0], job]));
    for (const asked of batch.asked) {
      const job = byCommand.get(asked.commands[0]);
      if (job) Object.assign(asked, { answer: "accepted", ids: [...asked.ids, job.id] });
      else if (!duplicate) asked.answer = "refused";
    }
    if (duplicate) return;
    batch.answered = true;
    const all = jobs.length + refused.length + skipped;
    if (all !== batch.asked.length) this.#deps.timeline.wrong(`${batch.name}: told of ${all} entries`);
  }

  /** Once all has ended, with other commands for the same devices. */
  async #retryFailed(of: {
    id: string;
    batch: AskedBatch;
    places: string[];
    key: string;
    until: number;
  }): Promise<void> {
    const { timeline, engine } = this.#deps;
    const { id, batch: old, places, key } = of;
    if (!(await this.#isOver(id, of.until))) return;
    const cancelled = timeline.random.chance(0.3);
    const batch = this.#newBatch(`${old.name}-again`, places.length, { batch: old, cancelled });
    const bulk = this.#requestOf(batch, places);
    try {
      await this.#send(batch, () => engine.retryBatch({ id, bulk, cancelled }, aCaller(key)), true);
    } catch (error) {
      if (error instanceof RequestError) timeline.wrong(`${id} is over and could not be retried: ${error}`);
      else throw error;
    }
  }

  async #isOver(id: string, until: number): Promise<boolean> {
    const { timeline, engine } = this.#deps;
    while (timeline.now < until) {
      await this.#passed(LOOK_MS);
      try {
        const { batch, counts } = await engine.batch(id);
        if (batch.stored && counts.queued + counts.started === 0) return true;
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
      }
    }
    return false;
  }

  #passed(ms: number): Promise<void> {
    return new Promise<void>((resume) => this.#deps.process.clock.after(ms, resume));
  }
}
