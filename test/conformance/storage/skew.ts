import { describe, expect, test } from "bun:test";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { Job } from "../../../src/core/job.ts";
import { type Claim, type NewJob, type NewWorker, succeeded } from "../../../src/storage/storage.ts";
import type { Store } from "../../../src/storage/store.ts";
import { bytes, EXPIRED, type Factory, HOUR, LOST, MINUTE } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

/** A machine whose wall clock is wrong by so much. */
const clockOff = (ms: number): Clock => ({ ...systemClock, now: () => Date.now() + ms });
const OFF = 12 * HOUR;

export function skewConformance(setup: Setup): void {
  describe("hosts whose clocks are a day apart", () => {
    test("judge leases by their counters, whatever time it is anywhere", async () => {
      const { ahead, behind } = await hosts(setup);
      const { token } = await ahead.started();
      const worker = ahead.workers[0];
      const stale = await behind.store.leases();
      expect(await ahead.beat([token])).toMatchObject({ known: true, lost: [] });
      expect(await behind.store.reap({ leases: stale, error: LOST })).toEqual(["alive"]);
      const fresh = await behind.store.leases();
      expect(fresh).toMatchObject([{ token, worker: worker?.name ?? "" }]);
      expect(await behind.store.reap({ leases: fresh, error: LOST })).toEqual(["failed"]);
      expect(await ahead.beat([token])).toMatchObject({ known: true, lost: [token.id] });
      expect(await ahead.settle(token)).toEqual(["lost"]);
      expect(await ahead.store.appendOutput({ token, offset: 0, bytes: bytes("late") })).toBe("lost");
    });

    test("judge nodes by their beats", async () => {
      const { ahead, behind } = await hosts(setup);
      const [pulse] = (await ahead.store.nodes()).filter(({ name }) => name === behind.node);
      if (!pulse) throw new Error("the node is not listed");
      await behind.beat([]);
      expect(await ahead.store.loseNode(pulse)).toBe("alive");
      expect((await ahead.store.nodes()).map(({ lost }) => lost)).toEqual([false, false]);
    });

    test("queue and claim in the order in which jobs came", async () => {
      const { ahead, behind, storage } = await hosts(setup);
      const jobs: Job[] = [];
      for (let n = 0; n < 10; n++) jobs.push(await (n % 2 === 0 ? ahead : behind).queued());
      const seqs = jobs.map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      const { jobs: listed } = await storage.list({ filter: {}, order: "asc", limit: 20 });
      expect(listed).toEqual(jobs);
      const started: string[] = [];
      for (let n = 0; n < 10; n++) {
        const host = n % 2 === 0 ? behind : ahead;
        const { token } = await host.mustClaim();
        started.push(token.id);
        await host.settle(token);
      }
      expect(started).toEqual(jobs.map(({ id }) => id));
    });

    test("list by the moment each says it created a job, page by page", async () => {
      const { ahead, behind, storage } = await hosts(setup);
      const jobs: Job[] = [];
      for (let n = 0; n < 40; n++) {
        const host = n % 3 === 0 ? ahead : behind;
        jobs.push(await host.queued({ createdAt: host.clock.now() + ((n * 7) % 40) * MINUTE }));
      }
      const now = Date.now();
      for (const since of [now - OFF, now - OFF + 20 * MINUTE, now, now + OFF + 20 * MINUTE]) {
        const filter = { since, until: since + OFF + 10 * MINUTE };
        const expected = jobs.filter(({ createdAt }) => createdAt >= since && createdAt < filter.until);
        for (const order of ["asc", "desc"] as const) {
          const found: Job[] = [];
          for (let after: number | null | undefined; after !== null; ) {
            const at = after === undefined ? {} : { after };
            const page = await storage.list({ filter, order, limit: 7, ...at });
            found.push(...page.jobs);
            after = page.next;
          }
          expect(found).toEqual(order === "asc" ? expected : expected.toReversed());
        }
      }
    });

    test("repeat each other's calls and get the first answers", async () => {
      const { ahead, behind, make } = await hosts(setup);
      await ahead.queued();
      const claim = ahead.claimCall();
      const first = await ahead.store.claim(claim);
      expect(first).toHaveLength(1);
      expect(await behind.store.claim(claim)).toEqual(first);
      const { id } = await behind.queued();
      const cancel = { op: make.op(), id, abort: false };
      expect(await behind.store.cancel(cancel)).toEqual({ outcome: "cancelled" });
      expect(await ahead.store.cancel(cancel)).toEqual({ outcome: "cancelled" });
    });

    test("take the store's time for all that it stamps: of one machine where that is all it serves", async () => {
      const { ahead, behind, storage } = await hosts(setup);
      const late = await ahead.queued({ ttlMs: HOUR });
      const early = await behind.queued({ ttlMs: HOUR });
      if (!storage.info.multiHost) {
        // There is no clock but that of the process, and all processes are on one machine.
        expect(Math.abs(late.enqueuedAt - ahead.clock.now())).toBeLessThan(MINUTE);
        expect(Math.abs(early.enqueuedAt - behind.clock.now())).toBeLessThan(MINUTE);
        return;
      }
      expect(Math.abs(late.enqueuedAt - early.enqueuedAt)).toBeLessThan(MINUTE);
      expect(await ahead.store.expire({ max: 10, error: EXPIRED })).toEqual({ ids: [] });
      expect(await behind.store.expire({ max: 10, error: EXPIRED })).toEqual({ ids: [] });
      for (const host of [behind, ahead]) await host.settle((await host.mustClaim()).token);
      expect(await ahead.store.prune({ max: 10 })).toEqual({ pruned: 0 });
      expect(await storage.counts()).toMatchObject({ finished: 2 });
    });
  });
}

async function hosts(setup: Setup) {
  const fixture = await setup();
  const ahead = await Host.start(fixture, "ahead", clockOff(OFF));
  const behind = await Host.start(fixture, "behind", clockOff(-OFF));
  return { ...fixture, ahead, behind };
}

/** A node with its own connection and clock. It never says what time it is, but in `createdAt`. */
class Host {
  readonly workers: NewWorker[] = [];
  readonly #make: Factory;
  readonly #incarnation: string;
  readonly node: string;
  readonly clock: Clock;
  readonly store: Store;

  constructor(store: Store, make: Factory, node: string, clock: Clock) {
    this.store = store;
    this.#make = make;
    this.node = node;
    this.clock = clock;
    this.#incarnation = make.name("incarnation");
  }

  static async start({ connect, make }: Fixture, name: string, clock: Clock): Promise<Host> {
    const host = new Host(await connect({ clock }), make, name, clock);
    await host.#announce();
    return host;
  }

  async #announce(): Promise<void> {
    const at = { hostname: this.node, pid: 1 };
    const of = { name: this.node, incarnation: this.#incarnation };
    await this.store.registerNode({ node: { ...of, ...at, capacity: 10, sites: [null] } });
    const on = { node: this.node, incarnation: this.#incarnation, ...at };
    const worker: NewWorker = {
      name: `worker of ${this.node}`,
      ...on,
      kind: "fifo",
      queue: "FifoQ",
      host: null,
      site: null,
    };
    expect(await this.store.addWorker({ worker })).toEqual({ outcome: "added" });
    this.workers.push(worker);
  }

  async queued(given: Partial<NewJob> = {}): Promise<Job> {
    const job = this.#make.newJob({ createdAt: this.clock.now(), ...given });
    const result = await this.store.enqueue({ jobs: [job] });
    if (result.outcome !== "stored" || !result.jobs[0]) throw new Error(result.outcome);
    return result.jobs[0];
  }

  claimCall() {
    const requests = this.workers.map(({ name, queue }) => ({ worker: name, queue }));
    return { op: this.#make.op(), node: this.node, incarnation: this.#incarnation, requests };
  }

  async mustClaim(): Promise<Claim> {
    const [claim] = await this.store.claim(this.claimCall());
    if (!claim) throw new Error(`${this.node} was given nothing`);
    return claim;
  }

  async started(): Promise<Claim> {
    await this.queued();
    return this.mustClaim();
  }

  settle(token: Claim["token"]) {
    return this.store.settle({
      settlements: [{ token, tail: bytes(""), tailOffset: 0, outcome: succeeded() }],
    });
  }

  beat(runs: Claim["token"][]) {
    const of = { node: this.node, incarnation: this.#incarnation };
    return this.store.heartbeat({ ...of, runs, workers: [], hostMemory: {} });
  }
}
