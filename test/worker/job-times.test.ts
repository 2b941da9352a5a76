import { afterEach, describe, expect, test } from "bun:test";
import type { JobTimesReport } from "../../src/core/node-report.ts";
import { DeviceError } from "../../src/device/driver.ts";
import { claiming } from "../support/claiming.ts";
import { echoScript } from "../support/scripted-driver.ts";
import { cuttable, endWorlds, LEASE, stuck, world } from "../support/world.ts";

afterEach(endWorlds);

type World = Awaited<ReturnType<typeof world>>;

/** What a node has told, once it has beaten again. */
async function told(it: World, node = "a"): Promise<Told> {
  await it.clock.advance(LEASE.leaseMs);
  const { nodes } = await it.engine.health();
  const report = nodes.find(({ name }) => name === node)?.report.jobTimes;
  if (!report) throw new Error(`${node} has told nothing`);
  return inBrief(report);
}

/** How many there are by the second label, and their sum. */
type Told = Record<"waits" | "durations", Record<string, { count: number; sum: number }>>;

function inBrief({ waits, durations }: JobTimesReport): Told {
  const brief = (histograms: JobTimesReport["waits"]) =>
    Object.fromEntries(
      Object.entries(histograms.scripted ?? histograms.cli ?? {}).map(([label, [sum = 0, ...counts]]) => [
        label,
        { count: counts.reduce((all, one) => all + one, 0), sum },
      ]),
    );
  return { waits: brief(waits), durations: brief(durations) };
}

describe("a node tells how long its jobs waited and took", () => {
  test("one behind the other on a device", async () => {
    let release = () => {};
    const it = await world(async function* (request, context) {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      yield* echoScript(request, context);
    });
    await it.addNode("a");
    const [first, second] = [await it.submit(), await it.submit()];
    for (const job of [first, second]) {
      await it.until(job, "started");
      await it.clock.advance(5_000);
      release();
      await it.until(job, "finished");
    }
    const jobs = await Promise.all([first, second].map(async (job) => (await it.view(job)).job));
    const sum = (of: (job: (typeof jobs)[number]) => number) =>
      jobs.reduce((all, job) => all + of(job), 0) / 1000;
    const { waits, durations } = await told(it);
    expect(waits).toEqual({
      pinned: { count: 2, sum: sum(({ startedAt, enqueuedAt }) => (startedAt ?? 0) - enqueuedAt) },
    });
    expect(waits.pinned?.sum).toBeGreaterThanOrEqual(5);
    expect(durations).toEqual({
      success: { count: 2, sum: sum(({ startedAt, endedAt }) => (endedAt ?? 0) - (startedAt ?? 0)) },
    });
    expect(durations.success?.sum).toBeGreaterThanOrEqual(10);
  });

  test("a wait as soon as the run has begun, its time when it is over", async () => {
    const it = await world(stuck);
    await it.addNode("a");
    const job = await it.submit();
    await it.until(job, "started");
    expect(await told(it)).toMatchObject({ waits: { pinned: { count: 1 } }, durations: {} });
    await it.engine.cancelJob({ id: job.id, abort: true });
    await it.until(job, "failed");
    expect(await told(it)).toMatchObject({
      waits: { pinned: { count: 1 } },
      durations: { stopped: { count: 1 } },
    });
  });

  test("each run of a job that is tried again, which waits anew from the end of the pause", async () => {
    let calls = 0;
    const it = await world(echoScript, {
      connect: async () => {
        calls += 1;
        if (calls === 1) throw new DeviceError("ConnectionError", "away");
      },
    });
    await it.addNode("a", { retryDelayMs: () => 30_000 });
    const job = await it.submit({ retries: 1 });
    const { job: done } = await it.until(job, "finished");
    expect(done.attempts).toBe(2);
    const { waits, durations } = await told(it);
    expect(durations).toMatchObject({ retried: { count: 1 }, success: { count: 1 } });
    expect(waits.pinned?.count).toBe(2);
    // The pause of 30 s is none of it.
    expect(waits.pinned?.sum).toBeLessThan(5);
  });

  test("what it had of a session host that died", async () => {
    const it = await world(stuck);
    const { hosts } = await it.addNode("a");
    await it.until(await it.submit(), "started");
    hosts.killNewest();
    expect(await told(it)).toMatchObject({
      waits: { pinned: { count: 1 } },
      durations: { stopped: { count: 1 } },
    });
  });

  test("of a run that was lost only how long it waited: nobody saw its end", async () => {
    const it = await world(stuck);
    const cut = { off: false };
    await it.addNode("a", { storage: cuttable(it.storage, cut) });
    const job = await it.submit();
    await it.until(job, "started");
    await it.clock.advance(LEASE.leaseMs);
    await it.addNode("b", { fifoWorkers: 0 });
    cut.off = true;
    await it.until(job, "failed", 30_000);
    cut.off = false;
    expect(await told(it)).toMatchObject({ waits: { pinned: { count: 1 } }, durations: {} });
    expect(await told(it, "b")).toEqual({ waits: {}, durations: {} });
  });
});

describe("a run that is handed back", () => {
  async function afterHandBack() {
    const it = await claiming();
    const job = await it.submit({ createdAt: 0 });
    await it.handBack(job);
    await it.beat();
    const before = inBrief(
      it.line.beats.at(-1)?.report?.jobTimes ?? { bounds: [], waits: {}, durations: {} },
    );
    return { it, job, before };
  }

  test("has neither waited nor taken any time; the next one has waited since the job was enqueued", async () => {
    const { it, job, before } = await afterHandBack();
    expect(before).toEqual({ waits: {}, durations: {} });
    expect(it.started).toEqual([job.id, job.id]);
    await it.end(job);
    await it.beat();
    const [stored] = await it.storage.get({ ids: [job.id] });
    const waited = ((stored?.startedAt ?? 0) - (stored?.enqueuedAt ?? 0)) / 1000;
    const report = it.line.beats.at(-1)?.report?.jobTimes;
    expect(report && inBrief(report)).toEqual({
      waits: { fifo: { count: 1, sum: waited } },
      durations: { success: { count: 1, sum: 0 } },
    });
    await it.dispose();
  });

  test("and one whose settlement was refused takes no time; one whose answer was lost is counted once", async () => {
    const it = await claiming();
    const answered = await it.submit();
    it.line.next("settle", "unanswered");
    await it.end(answered);
    await it.clock.advance(1_000);
    const reaped = await it.submit();
    const [lease] = await it.storage.leases();
    if (!lease) throw new Error("nothing is started");
    await it.storage.reap({
      leases: [lease],
      error: { type: "WorkerLost", message: "lost", retryable: true },
    });
    await it.end(reaped);
    await it.beat();
    const report = it.line.beats.at(-1)?.report?.jobTimes;
    expect(report && inBrief(report)).toMatchObject({
      waits: { fifo: { count: 2 } },
      durations: { success: { count: 1 } },
    });
    await it.dispose();
  });
});
