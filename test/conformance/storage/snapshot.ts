import type { Storage } from "../../../src/storage/storage.ts";
import { T0 } from "../../support/factory.ts";

/** All that a store shows, but for the numbers that count renewals and heartbeats. */
export async function snapshot(storage: Storage) {
  const { jobs } = await storage.list({ filter: {}, order: "asc", limit: 10_000 });
  const queues = await storage.queues({ now: T0 });
  const leases = await storage.leases();
  const nodes = await storage.nodes();
  return {
    jobs,
    outputs: await storage.outputs({ ids: jobs.map(({ id }) => id) }),
    counts: await storage.counts(),
    queues: queues.toSorted((a, b) => (a.queue < b.queue ? -1 : 1)),
    leases: leases
      .map(({ renewal: _, ...lease }) => lease)
      .toSorted((a, b) => (a.worker < b.worker ? -1 : 1)),
    nodes: nodes.map(({ beat: _, ...node }) => node).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    workers: (await storage.listWorkers({ filter: {}, limit: 10_000 })).workers,
  };
}
