import { expect } from "bun:test";
import { shardOfId } from "../../../../src/core/ids.ts";
import { isPinnedQueue, JOB_STATUSES, type Job } from "../../../../src/core/job.ts";
import { SEALED_KINDS, type SealedKind } from "../../../../src/storage/sealing-key.ts";
import type {
  Claim,
  Lease,
  NewJob,
  NodePulse,
  NodeReported,
  QueueDepth,
  Wait,
} from "../../../../src/storage/storage.ts";
import type { Store } from "../../../../src/storage/store.ts";
import { type Factory, MINUTE, T0 } from "../../../support/factory.ts";
import type { Fixture } from "../fixture.ts";
import { ApiKeys } from "./api-keys.ts";
import { Audit } from "./audit.ts";
import { Batches } from "./batches.ts";
import { KEY_ID } from "./commands/beside.ts";
import { everythingSealed, expectSealed } from "./commands/sealed.ts";
import { Deliveries, type Settling } from "./deliveries.ts";
import { Fleet, shown } from "./fleet.ts";
import { HostKeys } from "./host-keys.ts";
import { Jobs, type Known } from "./jobs.ts";
import { Keys, type Sealed, Secrets } from "./sealed.ts";
import { Tasks } from "./tasks.ts";

/** One incarnation of a node. */
export interface Incarnation {
  name: string;
  incarnation: string;
}

/** A claim that was made, also when it is over by now: zombies act as well. */
export interface PastClaim extends Claim {
  by: Incarnation;
}

/** So few that jobs and records meet. */
export const BATCH_IDS = ["batch_1", "batch_2", "batch_3"];

/** Answers that were given are kept for so long at least. */
export const KEPT = 10 * MINUTE;

/** A call that may be repeated, as after a lost reply. */
interface Repeatable {
  at: number;
  again(): Promise<void>;
}

/** A store beside the model of what the contract says about it. Every call is made to both and compared. */
export class World {
  readonly make: Factory;
  readonly deliveries = new Deliveries();
  readonly jobs = new Jobs(this.deliveries);
  readonly fleet = new Fleet();
  readonly batches = new Batches();
  readonly hostKeys = new HostKeys();
  readonly tasks = new Tasks();
  readonly secrets = new Secrets();
  readonly sealingKeys = new Keys(KEY_ID);
  readonly apiKeys = new ApiKeys();
  readonly audit = new Audit();
  /** Under each idempotency key: what was stored with it. */
  readonly keys = new Map<string, { fingerprint: string; ids: string[] }>();
  readonly enqueued: NewJob[][] = [];
  readonly claims: PastClaim[] = [];
  readonly deliveryClaims: { jobId: string; claim: number }[] = [];
  /** By nonce: the runs that were settled, when and of which job. */
  readonly settled = new Map<string, { at: number; of: Known }>();
  readonly incarnations: Incarnation[] = [];
  readonly leases: Lease[] = [];
  readonly repeatable: Repeatable[] = [];
  readonly stores: readonly Store[];
  readonly #seqs = new Set<number>();
  readonly #newest = new Map<number, number>();
  #via = 0;
  now = T0;

  constructor(make: Factory, stores: Store[]) {
    this.make = make;
    this.stores = stores;
  }

  static async create({ storage, connect, make }: Fixture): Promise<World> {
    return new World(make, [storage, await connect()]);
  }

  /** The connection through which the next calls go. */
  get store(): Store {
    const store = this.stores[this.#via];
    if (!store) throw new Error("no such connection");
    return store;
  }

  use(via: number): void {
    this.#via = via % this.stores.length;
  }

  get shards(): number {
    return this.store.info.shards;
  }

  /** Remembers a call under an operation id, to be repeated later. */
  repeatLater(again: () => Promise<void>): void {
    this.repeatable.push({ at: this.now, again });
  }

  /** Does in the model what `settleDelivery` does: the job of a dead letter is kept with it. */
  settleDelivery(settling: Settling): "ok" | "already" | "lost" {
    const { jobId, outcome } = settling;
    const answer = this.deliveries.settle(settling, this.now);
    if (answer === "ok" && outcome.kind === "dead") {
      const known = this.jobs.must(jobId);
      known.keptUntil = Math.max(known.keptUntil, this.now + outcome.keepMs);
    }
    return answer;
  }

  sealed(kind: SealedKind): Sealed[] {
    return this.#holders[kind].sealed();
  }

  reseal(kind: SealedKind, id: string, from: string, to: string): boolean {
    return this.#holders[kind].reseal(id, from, to);
  }

  get #holders() {
    return { jobs: this.jobs, webhooks: this.deliveries, tasks: this.tasks, secrets: this.secrets };
  }

  /** A number that the store has given to a job: new, and above those given before on its shard. */
  expectNewSeq(id: string, seq: number): void {
    const shard = shardOfId(id);
    expect(this.#seqs.has(seq)).toBe(false);
    expect(seq).toBeGreaterThan(this.#newest.get(shard) ?? Number.NEGATIVE_INFINITY);
    this.#seqs.add(seq);
    this.#newest.set(shard, seq);
  }

  /** Compares all that the store shows with the model. */
  async check(): Promise<void> {
    const { store } = this;
    const ids = [...this.jobs.all.keys()];
    const [page, got, outputs, counts, queues, leases, nodes, { workers }] = await Promise.all([
      store.list({ filter: {}, order: "asc", limit: 1_000 }),
      store.get({ ids }),
      store.outputs({ ids }),
      store.counts(),
      store.queues({ now: this.now }),
      store.leases(),
      store.nodes(),
      store.listWorkers({ filter: {}, limit: 1_000 }),
    ]);
    const jobs = this.jobs.list();
    expect(page).toEqual({ jobs, next: null });
    expect(got).toEqual(ids.map((id) => this.jobs.must(id).job));
    expect(outputs).toEqual(ids.map((id) => this.jobs.must(id).log));
    expect(counts).toEqual(countsOf(jobs));
    this.#checkQueues(queues);
    await this.#checkWaits(ids);
    await this.#checkBatches();
    await this.#checkWhatNodesTell();
    await this.#checkDeliveries();
    expect(await store.sealingKeys()).toEqual(this.sealingKeys.shown);
    this.#checkLeases(leases);
    this.#checkNodes(nodes);
    expect(workers.map(shown)).toEqual(this.fleet.list({}).map(shown));
  }

  #checkQueues(queues: QueueDepth[]): void {
    const queued = Map.groupBy(
      [...this.jobs.all.values()].filter(({ job }) => job.status === "queued"),
      ({ job }) => job.queue,
    );
    expect(queues.map(({ queue }) => queue).toSorted()).toEqual([...queued.keys()].toSorted());
    for (const { queue, depth, oldestAt, dueInMs } of queues) {
      const all = queued.get(queue) ?? [];
      expect({ queue, depth }).toEqual({ queue, depth: all.length });
      expect(oldestAt).toBe(Math.min(...all.map(({ job }) => job.enqueuedAt)));
      expect(this.#dueIn(all).includes(dueInMs)).toBe(true);
    }
  }

  /** Whether a job whose moment has come still counts as one that waits for it is open until a claim meets it. */
  #dueIn(queued: Known[]): (number | null)[] {
    const ahead = queued.map(({ startsAt }) => startsAt - this.now).filter((ms) => ms > 0);
    const next = ahead.length > 0 ? Math.min(...ahead) : null;
    return ahead.length < queued.length ? [0, next] : [next];
  }

  async #checkWaits(ids: string[]): Promise<void> {
    const waits = await this.store.waits({ ids, now: this.now });
    expect(waits).toHaveLength(ids.length);
    for (const [n, id] of ids.entries()) {
      const [known, wait] = [this.jobs.must(id), waits[n] ?? null];
      if (known.job.status !== "queued") {
        expect(wait).toBeNull();
        continue;
      }
      const { least, most } = this.jobs.ahead(known, this.now);
      const ahead = wait?.ahead ?? Number.NaN;
      expect({ id, wait }).toEqual({ id, wait: { ahead, ...this.#waitOf(known) } });
      expect(ahead).toBeGreaterThanOrEqual(least);
      expect(ahead).toBeLessThanOrEqual(most);
    }
  }

  #waitOf({ job: { queue }, startsAt }: Known): Omit<Wait, "ahead"> {
    const [first] = this.jobs.started().filter(({ job }) => job.queue === queue);
    return {
      startsAt: startsAt > this.now ? startsAt : null,
      holder: isPinnedQueue(queue) ? (first?.job.id ?? null) : null,
      workers: this.fleet.workersOf(queue),
    };
  }

  /** Counts also of a batch that has jobs and no record: these are kept apart. */
  async #checkBatches(): Promise<void> {
    const batches = this.batches.list(false);
    expect(await this.store.listBatches({ watched: false, limit: 100 })).toEqual({ batches, next: null });
    for (const batchId of [...BATCH_IDS, "nobody's"]) {
      const counts = await this.store.batchCounts({ batchId });
      expect({ batchId, counts }).toEqual({ batchId, counts: countsOf(this.jobs.list({ batchId })) });
    }
  }

  async #checkDeliveries(): Promise<void> {
    const deliveries = this.deliveries.list();
    expect(await this.store.listDeliveries({ limit: 1_000 })).toEqual({ deliveries, next: null });
  }

  /** Goes through every shard one after another: too much for each step. */
  async checkSealed(kinds: readonly SealedKind[] = SEALED_KINDS): Promise<void> {
    for (const kind of kinds) expectSealed(this, kind, await everythingSealed(this.store, kind, 1_000));
  }

  async #checkWhatNodesTell(): Promise<void> {
    const { now } = this;
    const pinned = this.jobs.started().filter(({ job }) => isPinnedQueue(job.queue));
    const runsOf = (node: string) => pinned.filter(({ job }) => job.node === node).length;
    expect(await this.store.nodeLoads({ now })).toEqual(this.fleet.loads(runsOf, now));
    const byName = (a: NodeReported, b: NodeReported) => (a.name < b.name ? -1 : 1);
    expect((await this.store.nodeReports({ now })).toSorted(byName)).toEqual(this.fleet.reports(now));
  }

  #checkLeases(leases: Lease[]): void {
    const started = this.jobs.started();
    expect(leases.map(({ token }) => token.id).toSorted()).toEqual(
      started.map(({ job }) => job.id).toSorted(),
    );
    for (const lease of leases) {
      const known = this.jobs.must(lease.token.id);
      const { node, worker } = known.job;
      expect(lease).toEqual({ token: known.token, node, worker, renewal: lease.renewal } as Lease);
      if (known.renewed) expect(lease.renewal).toBeGreaterThan(known.renewal ?? Number.NEGATIVE_INFINITY);
      else if (known.renewal !== null) expect(lease.renewal).toBe(known.renewal);
      if (known.renewal !== lease.renewal) this.leases.push(lease);
      known.renewal = lease.renewal;
      known.renewed = false;
    }
  }

  #checkNodes(nodes: NodePulse[]): void {
    const listed = new Set(nodes.map(({ name }) => name));
    for (const { name, forgettable } of [...this.fleet.nodes.values()]) {
      if (forgettable && !listed.has(name)) this.fleet.nodes.delete(name);
    }
    expect([...listed].toSorted()).toEqual([...this.fleet.nodes.keys()].toSorted());
    for (const pulse of nodes) {
      const known = this.fleet.nodes.get(pulse.name);
      if (!known) throw new Error("not listed");
      const { beat, beaten, forgettable: _, report: __, ...record } = known;
      expect(pulse).toEqual({ ...record, beat: pulse.beat });
      if (beaten) expect(pulse.beat).toBeGreaterThan(beat ?? Number.NEGATIVE_INFINITY);
      else if (beat !== null) expect(pulse.beat).toBe(beat);
      known.beat = pulse.beat;
      known.beaten = false;
      known.forgettable = false;
    }
  }
}

function countsOf(jobs: Job[]): Record<Job["status"], number> {
  const count = (status: Job["status"]) => jobs.filter((job) => job.status === status).length;
  return Object.fromEntries(JOB_STATUSES.map((status) => [status, count(status)])) as Record<
    Job["status"],
    number
  >;
}
