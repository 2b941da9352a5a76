import { systemClock } from "../../../src/core/clock.ts";
import type { Job } from "../../../src/core/job.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { ended, type LiveWorld, order, submitted } from "./live-world.ts";

/** A job that its caller was told is accepted, and the command that only it sends. */
export interface Accepted {
  id: string;
  command: string;
}

export interface StreamOptions {
  /** Tells its commands from those of other streams. */
  name?: string;
  callers?: number;
  hosts?: number;
}

/**
 * Callers who never stop: each submits a job, waits until it is accepted, however long the store is away, and submits
 * the next. Every job sends one command that no other sends.
 */
export class Stream {
  readonly accepted: Accepted[] = [];
  readonly #engine: Engine;
  readonly #name: string;
  readonly #callers: Promise<void>[];
  #stopped = false;
  #waiting: { at: number; resolve: () => void }[] = [];

  constructor(engine: Engine, { name = "one", callers = 8, hosts = 12 }: StreamOptions = {}) {
    this.#engine = engine;
    this.#name = name;
    this.#callers = Array.from({ length: callers }, (_, caller) => this.#submit(caller, hosts));
  }

  /** How many there are: so many jobs may be on their way at once. */
  get callers(): number {
    return this.#callers.length;
  }

  /** Resolves when so many more jobs were accepted. */
  more(jobs: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ at: this.accepted.length + jobs, resolve }));
  }

  /** Resolves when every caller has its last answer. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#callers);
  }

  async #submit(caller: number, hosts: number): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const command = `command ${n} of caller ${this.#name}-${caller}`;
      const host = `10.0.1.${((caller * 7 + n) % hosts) + 1}`;
      const queueStrategy = n % 3 === 0 ? "fifo" : "pinned";
      const { id } = await submitted(
        this.#engine,
        order(command, { host, queueStrategy, idempotencyKey: command, ttl: LONG, resultTtl: LONG }),
      );
      this.accepted.push({ id, command });
      this.#tell();
      await pause(PAUSE_MS);
    }
  }

  #tell(): void {
    const due = this.#waiting.filter(({ at }) => this.accepted.length >= at);
    this.#waiting = this.#waiting.filter(({ at }) => this.accepted.length < at);
    for (const { resolve } of due) resolve();
  }
}

/** A caller's own, so that some dozens of jobs a second arrive and not thousands. */
const PAUSE_MS = 20;

/** Seconds: no clock that is set shall end a job. */
const LONG = 30 * 24 * 3_600;

/** How long devices take to answer, ms. */
const ANSWER_MS = 15;

/** As devices do that are neither fast nor slow. */
export const soon = (): Promise<void> => pause(ANSWER_MS);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

/** What became of accepted jobs, and what the devices saw of them. */
export interface StreamReport {
  ended: Job[];
  /** Commands that a device got more than once. */
  doubled: string[];
  /** Jobs that ended well without their command, or whose command no accepted job sent. */
  unexplained: string[];
}

/** Waits for the end of all accepted jobs and holds what they say against what the devices saw. */
export async function reckon(
  world: LiveWorld,
  engine: Engine,
  accepted: readonly Accepted[],
): Promise<StreamReport> {
  const jobs = await Promise.all(accepted.map(({ id }) => ended(engine, id)));
  const seen = new Map<string, number>();
  for (const { command } of world.seen) seen.set(command, (seen.get(command) ?? 0) + 1);
  const known = new Set(accepted.map(({ command }) => command));
  const missed = accepted.filter(({ command }, n) => jobs[n]?.status === "finished" && !seen.has(command));
  return {
    ended: jobs,
    doubled: [...seen].filter(([, times]) => times > 1).map(([command]) => command),
    unexplained: [
      ...missed.map(({ command }) => command),
      ...[...seen.keys()].filter((command) => !known.has(command)),
    ],
  };
}
