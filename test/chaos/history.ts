import { type Asked, type Ending, judgeDeliveries, type Typed } from "../support/faults/deliveries.ts";
import type { PlainJob } from "./api-client.ts";

/** All that an outsider saw of a run: the clients' requests and answers, and every state of a job they were shown. */
export class History {
  readonly asked: Asked[] = [];
  /** What contradicts itself at first sight. */
  readonly problems: string[] = [];
  readonly #commands = new Set<string>();
  /** As they were seen last. */
  readonly #jobs = new Map<string, PlainJob>();
  /** Ends by job, then by what they were: more than one is one too many. */
  readonly #endings = new Map<string, Map<string, Ending>>();
  /** Jobs that somebody was told are cancelled before they began. */
  readonly #cancelled = new Set<string>();
  readonly #notes: { at: number; what: string }[] = [];

  ask(request: Asked): void {
    this.asked.push(request);
    for (const command of request.commands) this.#commands.add(command);
  }

  isCommand(text: string): boolean {
    return this.#commands.has(text);
  }

  wrong(what: string): void {
    this.problems.push(what);
  }

  cancelled(id: string): void {
    this.#cancelled.add(id);
  }

  saw(job: PlainJob): void {
    this.#jobs.set(job.id, job);
    if (job.ended_at === null) return;
    const ends = this.#endings.get(job.id) ?? new Map<string, Ending>();
    const what = `${job.status} at ${job.ended_at} in attempt ${job.attempts}`;
    if (!ends.has(what)) ends.set(what, { id: job.id, status: job.status, at: Date.parse(job.ended_at) });
    this.#endings.set(job.id, ends);
  }

  /** What was done to the world. */
  note(what: string): void {
    this.#notes.push({ at: Date.now(), what });
  }

  get jobs(): PlainJob[] {
    return [...this.#jobs.values()];
  }

  /** For whoever looks for the cause of a violation. */
  written() {
    return { notes: this.#notes, asked: this.asked, jobs: this.jobs };
  }

  /** Violations in all that was seen so far, once all jobs have ended. */
  judge(typed: readonly Typed[]): string[] {
    const asked = this.asked.map((request) => ({ ...request, cancelled: [...request.cancelled] }));
    const byCommand = new Map(asked.map((request) => [request.commands[0], request]));
    for (const id of this.#cancelled) byCommand.get(this.#jobs.get(id)?.command[0])?.cancelled.push(id);
    const given = {
      asked,
      typed: typed.toSorted((a, b) => a.at - b.at),
      jobs: this.jobs.map((job) => ({ ...job, status: job.status as Status })),
      endings: [...this.#endings.values()].flatMap((ends) => [...ends.values()]),
    };
    return [...this.problems, ...judgeDeliveries(given)];
  }
}

type Status = Parameters<typeof judgeDeliveries>[0]["jobs"][number]["status"];
