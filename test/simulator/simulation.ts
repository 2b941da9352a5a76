import type { Job } from "../../src/core/job.ts";
import { sealer } from "../../src/engine/seal.ts";
import { look } from "../../src/storage/sqlite/examination/look.ts";
import type { Store } from "../../src/storage/store.ts";
import { type BatchHistory, judgeBatches } from "../support/faults/batches.ts";
import { judgeDeliveries, workSince } from "../support/faults/deliveries.ts";
import { Clients } from "./clients.ts";
import { Devices } from "./devices.ts";
import type { Tamper } from "./hosts.ts";
import { Machine, type Surroundings } from "./nodes.ts";
import { observe } from "./observer.ts";
import { FAIR, OUTAGE, reachable, storeFactory, type Weather } from "./store.ts";
import { Timeline } from "./timeline.ts";
import { schedule, TROUBLED_MS } from "./troubles.ts";

/** After the last trouble, every job ends within this, ms; the work that lies before it comes on top. */
const CALM_MS = 15_000;
const LOOK_MS = 500;
/** Within this the nodes look at every batch that they watch. */
const LOOKED_AT_MS = 3_000;
const KEY = new Uint8Array(32).fill(7);

/** Ways to break the product: the judge must notice each. */
export interface Sabotage {
  /** Before anybody uses the store. */
  file?(path: string): void;
  store?(storage: Store): Store;
  message?: Tamper;
}

export interface Outcome {
  seed: number;
  problems: string[];
  history: readonly string[];
  hash: string;
  /** For the figures: jobs that ended, and commands that devices saw. */
  jobs: number;
  typed: number;
}

export interface Simulator {
  run(seed: number, sabotage?: Sabotage): Promise<Outcome>;
  remove(): Promise<void>;
}

/** Runs one world after another: each has a store, nodes, hosts, devices and clients of its own, and one seed. */
export async function simulator(): Promise<Simulator> {
  const stores = await storeFactory();
  return {
    remove: stores.remove,
    async run(seed, sabotage = {}) {
      const timeline = new Timeline(seed);
      const { store, path, end } = await stores.open(timeline, sabotage.file);
      const { store: observed, ...seen } = observe(timeline, store);
      const world = build(
        timeline,
        sabotage.store?.(observed) ?? observed,
        sabotage.message ?? ((message) => message),
      );
      await timeline.run(TROUBLED_MS);
      world.calm();
      const jobs = await untilOver(timeline, store, world);
      const batches = await batchesOf(store);
      const deliveries = { asked: world.clients.asked, typed: world.devices.typed, jobs, ...seen };
      const found = [
        ...timeline.problems,
        ...judgeDeliveries(deliveries),
        ...judgeBatches({ ...deliveries, asked: world.clients.bulks.asked, batches }),
        ...look(path, 3).findings.map((finding) => `examine: ${JSON.stringify(finding)}`),
      ];
      for (const what of [...jobs, ...batches]) timeline.note(JSON.stringify(what));
      await end();
      const { history } = timeline;
      const typed = world.devices.typed.length;
      return { seed, problems: found, history, hash: timeline.hash(), jobs: jobs.length, typed };
    },
  };
}

function build(timeline: Timeline, store: Store, tamper: Tamper) {
  const { random } = timeline;
  let weather: Weather = FAIR;
  let calm = false;
  const devices = new Devices(timeline);
  const around: Surroundings = {
    timeline,
    devices,
    tamper,
    sealer: sealer(KEY, timeline.bytes),
    reach: (process) =>
      reachable({ timeline, process, store, weather: () => (process.offline ? OUTAGE : weather) }),
  };
  const machines = Array.from({ length: random.whole(1, 4) }, (_, n) => new Machine(`node-${n + 1}`, around));
  const clients = new Clients(around);
  const hosts = Array.from({ length: random.whole(1, 4) }, (_, n) => `10.0.0.${n + 1}`);
  const setWeather = (next: Weather) => {
    if (!calm) weather = next;
  };
  for (const machine of machines) timeline.after(random.whole(0, 500), () => machine.start());
  schedule({ timeline, machines, clients, devices, hosts, setWeather });
  return {
    clients,
    devices,
    /** From here on nothing goes wrong any more. */
    calm() {
      timeline.note("calm");
      setWeather(FAIR);
      calm = true;
      clients.workers("resume", {});
    },
  };
}

/** The jobs, once all have ended or their time is up. */
async function untilOver(
  timeline: Timeline,
  store: Store,
  { clients, devices }: { clients: Clients; devices: Devices },
): Promise<Job[]> {
  const calmAt = timeline.now;
  for (;;) {
    const { queued, started } = await store.counts();
    const { batches } = await store.listBatches({ watched: true, limit: 100 });
    // One whose client has given up is watched for minutes.
    const decided = batches.every(({ stored }) => !stored);
    const over = queued + started === 0 && clients.waiting === 0 && decided;
    if (over && batches.length > 0) await timeline.run(timeline.now + LOOKED_AT_MS);
    if (over || timeline.now >= calmAt + CALM_MS + workSince(devices.typed, calmAt)) break;
    await timeline.run(timeline.now + LOOK_MS);
  }
  if (clients.waiting > 0) timeline.wrong(`${clients.waiting} clients still wait for an answer`);
  const { jobs } = await store.list({ filter: {}, order: "asc", limit: 1_000 });
  return jobs;
}

/** All there are, each with what the store counts of it. */
async function batchesOf(store: Store): Promise<BatchHistory["batches"]> {
  const { batches } = await store.listBatches({ watched: false, limit: 100 });
  return await Promise.all(
    batches.map(async (batch) => ({ batch, counts: await store.batchCounts({ batchId: batch.id }) })),
  );
}
