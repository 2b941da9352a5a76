import { expect, test } from "bun:test";
import { drain } from "../../conformance/storage/processes.ts";
import { onEveryBackend } from "../../support/backends.ts";

onEveryBackend((setup) => {
  test("four processes share 4,000 jobs of a FIFO queue, each job once", async () => {
    await drain(await setup(), { queues: ["FifoQ"], jobs: 4_000, processes: 4 });
  }, 300_000);

  test("four processes never have two jobs of a pinned queue started, of twenty queues with 100 each", async () => {
    const queues = Array.from({ length: 20 }, (_, n) => `pinned_10.0.0.${n}`);
    const ran = await drain(await setup(), { queues, jobs: 100, processes: 4 });
    expect(ran.filter(({ started }) => started !== 1)).toEqual([]);
  }, 300_000);
});
