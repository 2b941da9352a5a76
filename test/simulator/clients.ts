import { RequestError, StorageError } from "../../src/core/errors.ts";
import { idSource } from "../../src/core/ids.ts";
import { createEngine } from "../../src/engine/create.ts";
import type { Engine, ExecRequest } from "../../src/engine/engine.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { aCaller, UNNOTED } from "../support/callers.ts";
import type { Asked } from "../support/faults/deliveries.ts";
import { NO_TASKS } from "../support/no-tasks.ts";
import { NO_DELIVERIES, WEBHOOKS } from "../support/no-webhooks.ts";
import { BulkClients } from "./bulks.ts";
import { SLOW } from "./devices.ts";
import type { Surroundings } from "./nodes.ts";
import { EPOCH, SimProcess } from "./process.ts";

const RETRY_MS = 200;
const MOST_TRIES = 5;

/** Clients of one API process: what they ask for and what they are told. */
export class Clients {
  readonly asked: Asked[] = [];
  readonly process: SimProcess;
  readonly bulks: BulkClients;
  readonly #around: Surroundings;
  readonly #engine: Engine;
  readonly #delays = new Map<string, number>();
  /** Questions without an answer yet. */
  waiting = 0;

  constructor(around: Surroundings) {
    const { timeline, sealer, devices } = around;
    this.#around = around;
    this.process = new SimProcess(timeline, "api");
    const driver = devices.driverFor(this.process);
    const store = around.reach(this.process);
    this.#engine = createEngine({
      storage: this.#delaying(store),
      batches: store,
      tasks: NO_TASKS,
      ...UNNOTED,
      deliveries: NO_DELIVERIES,
      webhooks: WEBHOOKS,
      sealer,
      clock: this.process.clock,
      ids: idSource(this.process.clock, timeline.bytes),
      stopWaitMs: 2_000,
      healthLimitMs: 2_000,
      nodeSilenceMs: 10_000,
      inlineOutput: 1024 * 1024,
      drivers: { find: () => driver, names: () => ["simulated"] },
      files: { id: "folder" },
      limits: {
        ttl: 300,
        executionTimeout: 6,
        resultTtl: 3_600,
        maxCommands: 100,
        testTimeout: 30,
        taskTtl: 3600,
      },
    });
    const { process, asked } = this;
    const ask = (what: string, question: () => Promise<void>) => this.#ask(what, question);
    this.bulks = new BulkClients({ timeline, process, engine: this.#engine, asked, ask });
  }

  /** One job, with whatever a client may ask for. A slow one lasts longer than a lease. */
  submit(host: string, { slow = false, pinned }: { slow?: boolean; pinned?: boolean } = {}): void {
    const { random } = this.#around.timeline;
    const name = `${slow ? SLOW : "job"}-${this.asked.length + 1}`;
    const commands = Array.from(
      { length: slow ? random.whole(8, 12) : random.whole(1, 5) },
      (_, n) => `${name} step ${n + 1}`,
    );
    const retries = random.chance(slow ? 0.5 : 0.3) ? random.whole(1, slow ? 2 : 4) : 0;
    const asked: Asked = { name, commands, retries, answer: "unknown", ids: [], cancelled: [] };
    this.asked.push(asked);
    if (random.chance(0.15)) this.#delays.set(name, random.whole(100, 3_000));
    const keyed = random.chance(0.4) ? { idempotencyKey: name } : {};
    const request: ExecRequest = {
      driver: "simulated",
      connectionArgs: { host },
      driverArgs: {},
      operation: { kind: "command", text: commands },
      queueStrategy: (pinned ?? random.chance(0.75)) ? "pinned" : "fifo",
      priority: random.whole(0, 3),
      retries,
      ...(random.chance(0.15) ? { ttl: random.whole(1, 5) } : {}),
      ...keyed,
    };
    this.#ask(`submit ${name}`, () => this.#submit(asked, request, `client-${random.whole(1, 4)}`));
  }

  cancel(abort: boolean): void {
    const told = this.asked.filter(({ ids }) => ids.length > 0);
    if (told.length === 0) return;
    const asked = this.#around.timeline.random.pick(told);
    const id = asked.ids[0] ?? "";
    this.#ask(`${abort ? "abort" : "cancel"} ${asked.name}`, async () => {
      await this.#engine.cancelJob({ id, abort });
      if (!abort) asked.cancelled.push(id);
    });
  }

  /** Stops, suspends or resumes the workers of one device. */
  workers(what: "stop" | "suspend" | "resume", filter: { host?: string }): void {
    this.#ask(`${what} workers`, async () => {
      if (what === "stop") await this.#engine.stopWorkers(filter);
      else await this.#engine.suspendWorkers(filter, what === "suspend");
    });
  }

  /** With a key, as often as it takes: whatever became of the tries before, there is one job. */
  async #submit(asked: Asked, request: ExecRequest, key: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const { job } = await this.#engine.submit(request, aCaller(key));
        asked.answer = "accepted";
        asked.ids.push(job.id);
        if (request.idempotencyKey === undefined || this.#around.timeline.random.chance(0.7)) return;
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        if (request.idempotencyKey === undefined) return;
      }
      if (tries === MOST_TRIES) return;
      await new Promise<void>((resume) => this.process.clock.after(RETRY_MS, resume));
    }
  }

  #ask(what: string, question: () => Promise<void>): void {
    const { timeline } = this.#around;
    this.waiting += 1;
    const over = (answer: string) => {
      this.waiting -= 1;
      timeline.note(`client: ${what}: ${answer}`);
    };
    this.process.deliver(() =>
      question().then(
        () => over("done"),
        (error) => {
          over(String(error));
          const expected = error instanceof StorageError || error instanceof RequestError;
          if (!expected) timeline.wrong(`${what}: ${String(error)}`);
        },
      ),
    );
  }

  /** The store can delay a job, the API cannot yet. By the store's clock: that of a client may be anything. */
  #delaying(storage: Storage): Storage {
    const enqueue: Storage["enqueue"] = (params) => {
      const jobs = params.jobs.map((job) => {
        const delay = this.#delays.get(job.command[0]?.split(" ")[0] ?? "");
        return delay === undefined ? job : { ...job, runAt: EPOCH + this.#around.timeline.now + delay };
      });
      return storage.enqueue({ ...params, jobs });
    };
    return new Proxy(storage, {
      get: (target, name) => (name === "enqueue" ? enqueue : Reflect.get(target, name)),
    });
  }
}
