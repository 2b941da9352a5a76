import type { RunToken } from "../../../src/core/job.ts";
import type { CancelOutcome, ReapOutcome, SettleOutcome } from "../../../src/storage/storage.ts";
import type { Answers, Call, CallOf, Ending, JobSpec, SettleSpec } from "./calls.ts";
import type { Entry } from "./journal.ts";

/** All that is known of one run from outside the store. */
export interface RunTrace {
  token: RunToken;
  /** What its log may hold, from the start. */
  output: string;
  /** So many bytes of it were acknowledged. */
  acknowledged: number;
  /** A settlement that was asked for; `told` is null while nobody was told what became of it. */
  end: { ending: Ending; told: SettleOutcome | null } | null;
  reaped: ReapOutcome | null;
}

/** All that is known of one job from outside the store. */
export interface JobTrace {
  spec: JobSpec;
  /** The caller was told that it is stored. */
  accepted: boolean;
  runs: RunTrace[];
  cancels: { abort: boolean; many: boolean; told: CancelOutcome["outcome"] | null }[];
  /** It was reported as cancelled together with others. */
  cancelledWithMany: boolean;
}

/** A call that was made and not answered yet. */
export interface Open {
  call: Call;
  /** Takes in its answer. */
  told(answer: never): void;
}

/** What callers asked and were told, put together by job. */
export class Traces {
  readonly jobs = new Map<string, JobTrace>();
  /** Batches whose acceptance nobody was told of: all of a batch is there, or nothing. */
  readonly doubtful = new Set<readonly string[]>();
  readonly contradictions: string[] = [];

  /** Takes in one caller's journal; returns its calls that were never answered. */
  take(entries: readonly Entry[]): Open[] {
    const open = new Map<number, Open>();
    for (const entry of entries) {
      if (entry.type === "asked") open.set(entry.n, { call: entry.call, told: this.asked(entry.call) });
      else {
        // Safe: the answer was written down under the number of its own call.
        open.get(entry.n)?.told(entry.answer as never);
        open.delete(entry.n);
      }
    }
    return [...open.values()];
  }

  /** A call was made; the function returned takes in its answer, when there is one. */
  asked(call: Call): (answer: never) => void {
    switch (call.kind) {
      case "enqueue":
        return this.#enqueue(call);
      case "claim":
        return this.#claim(call);
      case "append":
        return this.#append(call);
      case "settle":
        return this.#settle(call);
      case "cancel":
        return this.#cancel(call);
      case "cancelQueued":
        return this.#cancelQueued(call);
    }
  }

  job(id: string): JobTrace {
    const trace = this.jobs.get(id);
    if (!trace) throw new Error(`nobody ever asked to store ${id}`);
    return trace;
  }

  /** The run with this token, which becomes known by it if it was not. */
  run(token: RunToken): RunTrace {
    const { runs } = this.job(token.id);
    const known = runs.find((run) => run.token.run === token.run);
    if (known) {
      if (known.token.nonce !== token.nonce) this.#wrong(`two runs of one number: ${JSON.stringify(token)}`);
      return known;
    }
    const last = runs.at(-1);
    if (last && last.token.run > token.run)
      this.#wrong(`an older run after ${last.token.run}: ${JSON.stringify(token)}`);
    const run: RunTrace = { token, output: "", acknowledged: 0, end: null, reaped: null };
    runs.push(run);
    return run;
  }

  #enqueue({ jobs }: CallOf<"enqueue">): (answer: Answers["enqueue"]) => void {
    for (const spec of jobs) {
      if (this.jobs.has(spec.id)) continue;
      this.jobs.set(spec.id, { spec, accepted: false, runs: [], cancels: [], cancelledWithMany: false });
    }
    const ids = jobs.map(({ id }) => id);
    this.doubtful.add(ids);
    return (answer) => {
      this.doubtful.delete(ids);
      if (answer.map(({ id }) => id).join() !== ids.join())
        this.#wrong("a batch was answered with other jobs");
      for (const id of ids) this.job(id).accepted = true;
    };
  }

  #claim({ requests }: CallOf<"claim">): (answer: Answers["claim"]) => void {
    return (claims) => {
      for (const { token, worker } of claims) {
        const request = requests.find((each) => each.worker === worker);
        const { spec, runs } = this.job(token.id);
        if (request?.queue !== spec.queue) this.#wrong(`${token.id} of ${spec.queue} was given to ${worker}`);
        const before = runs.at(-1);
        if (before && before.token.run !== token.run && !mayRunAgain(before)) {
          this.#wrong(
            `${token.id} was started again while or after run ${before.token.run}: ${JSON.stringify(before.end)}`,
          );
        }
        this.run(token);
      }
    };
  }

  #append({ token, offset, text }: CallOf<"append">): (answer: Answers["append"]) => void {
    const run = this.run(token);
    run.output = run.output.slice(0, offset) + text;
    return (answer) => {
      if (answer === "lost") this.#wrong(`output of a healthy run was refused: ${JSON.stringify(token)}`);
      else run.acknowledged = Math.max(run.acknowledged, offset + text.length);
    };
  }

  #settle({ settlements }: CallOf<"settle">): (answer: Answers["settle"]) => void {
    for (const spec of settlements) this.#end(spec);
    return (answer) => {
      for (const [n, spec] of settlements.entries()) {
        const run = this.run(spec.token);
        const outcome = answer[n] ?? "lost";
        if (run.end) run.end.told = outcome;
        if (outcome === "lost")
          this.#wrong(`a healthy run's settlement was refused: ${JSON.stringify(spec)}`);
        run.acknowledged = run.output.length;
      }
    };
  }

  #end({ token, offset, tail, ending }: SettleSpec): void {
    const run = this.run(token);
    run.output = run.output.slice(0, offset) + tail;
    run.end ??= { ending, told: null };
  }

  #cancel({ id, abort }: CallOf<"cancel">): (answer: Answers["cancel"]) => void {
    const cancel: JobTrace["cancels"][number] = { abort, many: false, told: null };
    this.job(id).cancels.push(cancel);
    return ({ outcome }) => {
      cancel.told = outcome;
      if (outcome === "not_found" && this.job(id).accepted)
        this.#wrong(`${id} was accepted and is not found`);
    };
  }

  #cancelQueued({ batchId }: CallOf<"cancelQueued">): (answer: Answers["cancelQueued"]) => void {
    for (const { spec, cancels } of this.jobs.values()) {
      if (spec.batchId === batchId) cancels.push({ abort: false, many: true, told: null });
    }
    return (ids) => {
      for (const id of ids) this.job(id).cancelledWithMany = true;
    };
  }

  #wrong(what: string): void {
    this.contradictions.push(what);
  }
}

/** Whether a job may be started once more after this run: it was handed back, asked for a retry, or was reaped. */
function mayRunAgain({ end, reaped }: RunTrace): boolean {
  return reaped === "requeued" || end?.ending === "retry" || end?.ending === "release";
}
