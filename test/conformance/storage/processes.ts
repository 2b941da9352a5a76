import { describe, expect, test } from "bun:test";
import { LOST } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

export function processesConformance(setup: Setup): void {
  describe("several processes that claim at once", () => {
    test("share the jobs of a FIFO queue, each job once", async () => {
      await drain(await setup(), { queues: ["FifoQ"], jobs: 200, processes: 3 });
    });

    test("never have two jobs of a pinned queue started", async () => {
      const queues = ["pinned_10.0.0.1", "pinned_10.0.0.2"];
      const ran = await drain(await setup(), { queues, jobs: 40, processes: 3 });
      expect(ran.filter(({ started }) => started !== 1)).toEqual([]);
    });
  });

  describe("a process that is killed with -9", () => {
    test("while it writes loses no job that it was told was accepted", async () => {
      const { storage, other } = await setup();
      const writer = other("write");
      await writer.waitFor(/(job_\w+\n){50}/);
      writer.kill("SIGKILL");
      await writer.exited;
      const accepted = writer.stdout().match(/job_\w+(?=\n)/g) ?? [];
      expect(accepted.length).toBeGreaterThanOrEqual(50);
      const found = await storage.get({ ids: accepted });
      expect(found.filter((job) => job === null)).toEqual([]);
      // At most one more: stored, but killed before it could say so.
      expect((await storage.counts()).queued - accepted.length).toBeOneOf([0, 1]);
    });

    test("while it runs a job renews no lease any more, and the job is reaped", async () => {
      const { storage, make, other } = await setup();
      const worker = await make.worker();
      await make.queued();
      const holder = other("hold", worker.name);
      await holder.waitFor(/(beat\n){5}/);
      holder.kill("SIGKILL");
      await holder.exited;
      const leases = await storage.leases();
      expect(leases).toMatchObject([{ worker: worker.name }]);
      expect(leases[0]?.renewal).toBeGreaterThanOrEqual(5);
      expect(await storage.reap({ leases, error: LOST })).toEqual(["failed"]);
    });
  });

  describe("several processes that migrate at once", () => {
    test("leave one good schema, made once", async () => {
      const { storage, other } = await setup({ migrated: false });
      const children = Array.from({ length: 4 }, () => other("migrate"));
      for (const child of children) await child.waitFor(/ready/);
      for (const child of children) child.write("\n");
      const made = await Promise.all(
        children.map(async (child) => {
          const [json] = await child.waitFor(/\{"from".*\}/);
          expect((await child.exited).code).toBe(0);
          return JSON.parse(json) as { from: number; to: number };
        }),
      );
      expect(made.filter(({ from }) => from === 0)).toHaveLength(1);
      const { from, to } = await storage.migrate();
      expect(made.every((each) => each.to === to)).toBe(true);
      expect(from).toBe(to);
    });
  });
}

/** Lets several processes empty the queues, each with two workers a queue, and returns what they ran. */
export async function drain(
  { storage, make, other }: Fixture,
  { queues, jobs, processes }: { queues: string[]; jobs: number; processes: number },
): Promise<{ id: string; started: number }[]> {
  for (const queue of queues) await make.queuedAll(Array.from({ length: jobs }, () => ({ queue })));
  const node = await make.node();
  const children = [];
  for (let n = 0; n < processes; n++) {
    const names: string[] = [];
    for (const queue of [...queues, ...queues]) {
      // Of a kind that does not pin: only the queue itself can keep them apart.
      names.push((await make.worker({ queue, kind: "fifo" }, node)).name);
    }
    children.push(other("drain", ...names));
  }
  for (const child of children) await child.waitFor(/ready/);
  for (const child of children) child.write("\n");
  await Promise.all(children.map((child) => child.waitFor(/done\n/, { deadline: 120_000 })));
  const lines = children.flatMap((child) => [...child.stdout().matchAll(/ran (\w+) (\d+)/g)]);
  const ran = lines.map(([, id = "", started]) => ({ id, started: Number(started) }));
  expect(ran).toHaveLength(jobs * queues.length);
  expect(new Set(ran.map(({ id }) => id)).size).toBe(ran.length);
  expect(await storage.counts()).toMatchObject({ queued: 0, started: 0, finished: ran.length });
  return ran;
}
