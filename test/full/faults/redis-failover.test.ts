import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { LiveWorld } from "../../support/faults/live-world.ts";
import { type PartitionedSet, startPartitionedSet } from "../../support/faults/partition.ts";
import { openStore } from "../../support/faults/store.ts";
import { reckon, Stream, soon } from "../../support/faults/stream.ts";
import { figure } from "../../support/figures.ts";
import type { RedisServer } from "../../support/redis-server.ts";

setDefaultTimeout(120_000);

const TERMS = { leaseMs: 10_000, marginMs: 1_000, answering: soon };

interface Loss {
  name: string;
  lose(master: RedisServer): Promise<void>;
  /** The old master comes back, as one that knows nothing of what happened. */
  comeBack(master: RedisServer): Promise<void>;
}

const LOSSES: Loss[] = [
  { name: "crashes", lose: (master) => master.kill(), comeBack: (master) => master.start() },
  {
    name: "hangs",
    lose: async (master) => master.pause(),
    comeBack: async (master) => master.resume(),
  },
];

describe.each(LOSSES)("a master that $name under load and is replaced by the sentinels", (loss) => {
  test.each([1, 2, 3])("costs no accepted job and has no command run twice (%d)", async (run) => {
    await using set = await startPartitionedSet();
    const report = await failOver(set, loss);
    expect(report.ended.filter(({ status }) => status !== "finished")).toEqual([]);
    expect(report).toMatchObject({ doubled: [], unexplained: [], findings: [] });
    expect(report.world).toEqual({ reaped: [], lostNodes: [], errors: [] });
    const said = `${report.ended.length} jobs accepted and finished, no command seen twice; writes stopped for ${report.awayMs} ms`;
    figure("Redis, failover by sentinels under load", `master ${loss.name}, run ${run}`, said);
  });
});

async function failOver(set: PartitionedSet, loss: Loss) {
  const world = new LiveWorld({ open: () => openStore(set.url), ...TERMS });
  const { engine, storage } = await world.addEngine();
  await world.addNode("a");
  await world.addNode("b");
  const stream = new Stream(engine);
  await stream.more(50);
  const since = performance.now();
  await loss.lose(set.master);
  const next = stream.more(stream.callers + 1);
  await set.promoted();
  await next;
  const awayMs = Math.round(performance.now() - since);
  await stream.more(50);
  await loss.comeBack(set.master);
  await stream.more(100);
  await stream.stop();
  const reckoned = await reckon(world, engine, stream.accepted);
  const { findings } = await storage.examine({ limit: 5 });
  await world.stop();
  const { reaped, lostNodes, errors } = world;
  return { ...reckoned, findings, awayMs, world: { reaped, lostNodes, errors } };
}
