import { systemClock } from "../../../src/core/clock.ts";
import { idSource } from "../../../src/core/ids.ts";
import { isFinal, isPinnedQueue, type RunToken } from "../../../src/core/job.ts";
import type { Lease, NewWorker, Storage } from "../../../src/storage/storage.ts";
import type { Store } from "../../../src/storage/store.ts";
import { HOUR, LOST } from "../factory.ts";
import { type Call, type CallOf, make, type SettleSpec } from "./calls.ts";
import { readJournal } from "./journal.ts";
import type { Random } from "./random.ts";
import { QUEUES } from "./scribe.ts";
import { type Open, Traces } from "./trace.ts";
import { type Stored, verdict } from "./verdict.ts";

const SLICE = 500;

/**
 * Compares a store with the journals of those who used it: what was accepted is there, what was acknowledged
 * holds, nothing ran that should not, nothing is half done, nothing hangs. One judge follows one store through
 * any number of deaths of its callers.
 */
export class Judge {
  readonly traces = new Traces();
  readonly #random: Random;
  readonly #ids = idSource(systemClock);
  /** Final jobs, as they were first seen final. */
  readonly #final = new Map<string, string>();
  readonly #problems: string[] = [];
  /** Calls of all journals. */
  answered = 0;
  unanswered = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Everything found so far; empty when all is well. */
  get problems(): string[] {
    return [...this.traces.contradictions, ...this.#problems];
  }

  /**
   * A caller died, and its node with it: looks at what it left, makes half of its unanswered calls again, ends its
   * runs as a reaper would and looks again.
   */
  async afterDeath(storage: Store, journal: string): Promise<void> {
    const open = this.#read(journal);
    await this.#examine(storage);
    await this.#adoptRuns(
      storage,
      open.map(({ call }) => call),
    );
    await this.#look(storage, this.#unfinished());
    for (const unanswered of open) if (this.#random.chance(0.5)) await repeat(storage, unanswered);
    await this.#adoptRuns(
      storage,
      open.map(({ call }) => call),
    );
    await this.#settleDoubts(storage);
    await this.#reap(storage);
    if (this.#random.chance(0.5)) await loseNodes(storage);
    await this.#look(storage, this.#unfinished());
    await this.#examine(storage);
  }

  /** Everything was answered: takes the journal in and looks at all of it. */
  async afterwards(storage: Store, journal: string): Promise<void> {
    const open = this.#read(journal);
    if (open.length > 0) this.#wrong(`${open.length} calls were never answered`);
    await this.#look(storage, this.#unfinished());
    await this.#examine(storage);
  }

  /** Runs every job that is left, then looks at all that ever were. */
  async atTheEnd(storage: Store): Promise<void> {
    await loseNodes(storage);
    await this.#drain(storage);
    await this.#look(storage, [...this.traces.jobs.keys()]);
    const { queued, started, finished, failed, cancelled } = await storage.counts();
    if (queued + started > 0) this.#wrong(`${queued} jobs are stuck in the queue and ${started} started`);
    const accepted = [...this.traces.jobs.values()].filter((trace) => trace.accepted).length;
    const ended = finished + failed + cancelled;
    if (ended !== accepted) this.#wrong(`${accepted} jobs were accepted, ${ended} are there`);
    await this.#examine(storage);
  }

  #read(journal: string): Open[] {
    const entries = readJournal(journal);
    const open = this.traces.take(entries);
    this.unanswered += open.length;
    this.answered += entries.filter(({ type }) => type === "told").length;
    return open;
  }

  async #examine(storage: Store): Promise<void> {
    const { findings } = await storage.examine({ limit: 5 });
    this.#problems.push(...findings.map((finding) => `examine: ${JSON.stringify(finding)}`));
  }

  /** A claim whose answer nobody got may have started runs; no one else may. */
  async #adoptRuns(storage: Storage, unanswered: Call[]): Promise<void> {
    const claims = unanswered.filter((call) => call.kind === "claim");
    const workers = new Set(claims.flatMap(({ requests }) => requests.map(({ worker }) => worker)));
    for (const { token, worker } of await storage.leases()) {
      const known = this.traces.job(token.id).runs.some((run) => same(run.token, token));
      if (!known && !workers.has(worker)) this.#wrong(`started by nobody: ${JSON.stringify(token)}`);
      this.traces.run(token);
    }
  }

  /** Jobs that may still change. */
  #unfinished(): string[] {
    return [...this.traces.jobs.keys()].filter((id) => !this.#final.has(id));
  }

  async #look(storage: Storage, ids: string[]): Promise<void> {
    const leases = new Map((await storage.leases()).map((lease) => [lease.token.id, lease]));
    for (let at = 0; at < ids.length; at += SLICE) {
      await this.#lookAt(storage, ids.slice(at, at + SLICE), leases);
    }
  }

  async #lookAt(storage: Storage, ids: string[], leases: Map<string, Lease>): Promise<void> {
    const jobs = await storage.get({ ids });
    const outputs = await storage.outputs({ ids });
    for (const [n, id] of ids.entries()) {
      const job = jobs[n] ?? null;
      const stored = job && { job, output: outputs[n] ?? "", lease: leases.get(id) ?? null };
      this.#problems.push(...verdict(this.traces.job(id), stored));
      if (stored && isFinal(stored.job.status)) this.#mustStay(stored);
    }
  }

  /** A job that has ended never changes again. */
  #mustStay({ job, output }: Stored): void {
    const now = JSON.stringify([job, output]);
    const before = this.#final.get(job.id);
    if (before !== undefined && before !== now) this.#wrong(`an ended job changed: ${before} → ${now}`);
    this.#final.set(job.id, now);
  }

  /** A batch is there as a whole or not at all; from now on it is known which. */
  async #settleDoubts(storage: Storage): Promise<void> {
    for (const ids of this.traces.doubtful) {
      const there = (await storage.get({ ids: [...ids] })).filter((job) => job !== null).length;
      if (there !== 0 && there !== ids.length) this.#wrong(`${there} of a batch of ${ids.length} are there`);
      for (const id of ids) {
        if (there > 0) this.traces.job(id).accepted = true;
        else this.traces.jobs.delete(id);
      }
    }
    this.traces.doubtful.clear();
  }

  async #reap(storage: Storage): Promise<void> {
    const leases = await storage.leases();
    const outcomes = await storage.reap({ leases, error: LOST });
    for (const [n, { token }] of leases.entries()) {
      const outcome = outcomes[n] ?? "gone";
      if (outcome !== "failed" && outcome !== "requeued")
        this.#wrong(`not reaped but ${outcome}: ${token.id}`);
      this.traces.run(token).reaped = outcome;
    }
    const left = await storage.leases();
    if (left.length > 0) this.#wrong(`${left.length} jobs are started after all were reaped`);
  }

  async #drain(storage: Storage): Promise<void> {
    const node = { name: "drain", incarnation: this.#ids.next("inc") };
    await storage.registerNode({
      node: { ...node, hostname: "machine", pid: 1, capacity: 100, sites: [null] },
    });
    const requests = await addWorkers(storage, node, () => this.#ids.worker());
    // Whatever was delayed is due by then.
    const now = Date.now() + HOUR;
    for (;;) {
      const op = this.#ids.next("op");
      const call = {
        kind: "claim",
        op,
        node: node.name,
        incarnation: node.incarnation,
        requests,
        now,
      } as const;
      const claims = await this.#make<"claim">(storage, call);
      if (claims.length === 0) return;
      const settlements = claims.map(({ token }) => success(token));
      await this.#make<"settle">(storage, { kind: "settle", settlements });
    }
  }

  async #make<K extends Call["kind"]>(storage: Storage, call: CallOf<K>) {
    const told = this.traces.asked(call);
    const answer = await make<K>(storage, call);
    told(answer as never);
    return answer;
  }

  #wrong(what: string): void {
    this.#problems.push(what);
  }
}

async function repeat(storage: Storage, { call, told }: Open): Promise<void> {
  told((await make(storage, call)) as never);
}

/** As watchers do with nodes whose beat has stopped. */
async function loseNodes(storage: Storage): Promise<void> {
  for (const { name, incarnation, beat, lost } of await storage.nodes()) {
    if (!lost) await storage.loseNode({ name, incarnation, beat });
  }
}

async function addWorkers(
  storage: Storage,
  place: { name: string; incarnation: string },
  name: () => string,
) {
  const requests: { worker: string; queue: string }[] = [];
  for (const queue of QUEUES) {
    const many = isPinnedQueue(queue) ? 1 : 20;
    for (let n = 0; n < many; n++) {
      const worker: NewWorker = {
        name: name(),
        node: place.name,
        incarnation: place.incarnation,
        kind: isPinnedQueue(queue) ? "pinned" : "fifo",
        queue,
        hostname: "machine",
        pid: 1,
        host: null,
        site: null,
      };
      const { outcome } = await storage.addWorker({ worker });
      if (outcome !== "added") throw new Error(`addWorker for ${queue}: ${outcome}`);
      requests.push({ worker: worker.name, queue });
    }
  }
  return requests;
}

function success(token: RunToken): SettleSpec {
  return { token, offset: 0, tail: "", ending: "succeed" };
}

function same(a: RunToken, b: RunToken): boolean {
  return a.run === b.run && a.nonce === b.nonce;
}
