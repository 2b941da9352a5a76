import { systemClock } from "../../../../src/core/clock.ts";
import { openStorage } from "../../../../src/storage/open.ts";
import { type NewWorker, succeeded } from "../../../../src/storage/storage.ts";
import type { Store } from "../../../../src/storage/store.ts";
import { Factory } from "../../../support/factory.ts";
import type { StoreSpec } from "../fixture.ts";

/**
 * Another process on the same store: `bun child.ts ROLE SPEC …`. A role with a start prints `ready`
 * and waits for a line; one that ends prints `done`.
 */
const ROLES = {
  /** Enqueues job after job and names each once it is accepted, until it is killed. */
  async write(storage: Store) {
    const make = new Factory(storage);
    for (;;) console.log((await make.queued()).id);
  },

  /** Says what `migrate` answered. */
  async migrate(storage: Store) {
    await start();
    console.log(JSON.stringify(await storage.migrate()));
  },

  /**
   * As the workers named, claims and ends jobs until none is queued. Prints `ran JOB n` for each, where n jobs of its
   * queue were started while it ran.
   */
  async drain(storage: Store, names: string[]) {
    const { workers } = await storage.listWorkers({ filter: {}, limit: 1_000 });
    const mine = workers.filter(({ name }) => names.includes(name));
    await start();
    await Promise.all(mine.map((worker) => drainAs(storage, worker)));
  },

  /** Claims one job as the worker named and renews its lease until it is killed; prints `beat` for each renewal. */
  async hold(storage: Store, [name = ""]: string[]) {
    const { workers } = await storage.listWorkers({ filter: { name }, limit: 1 });
    const [worker] = workers;
    if (!worker) throw new Error(`no worker ${name}`);
    const { node, incarnation } = worker;
    const { token } = await new Factory(storage).mustClaim(worker);
    for (;;) {
      await storage.heartbeat({ node, incarnation, runs: [token], workers: [], hostMemory: {} });
      console.log("beat");
    }
  },
};

export type Role = keyof typeof ROLES;

async function drainAs(storage: Store, worker: NewWorker): Promise<void> {
  const make = new Factory(storage);
  const filter = { queue: worker.queue, status: "started" } as const;
  for (;;) {
    const claim = await make.claim(worker);
    if (claim) {
      const { jobs } = await storage.list({ filter, order: "asc", limit: 100 });
      console.log(`ran ${claim.token.id} ${jobs.length}`);
      await make.settle(claim.token, succeeded());
    } else if ((await storage.counts()).queued === 0) return;
  }
}

async function start(): Promise<void> {
  console.log("ready");
  for await (const _ of console) return;
}

const [role = "", spec = "", ...args] = process.argv.slice(2);
if (!(role in ROLES)) throw new Error(`no role ${role}`);
const storage = await openStorage({ ...(JSON.parse(spec) as StoreSpec), clock: systemClock });
await ROLES[role as Role](storage, args);
await storage.close();
console.log("done");
process.exit(0);
