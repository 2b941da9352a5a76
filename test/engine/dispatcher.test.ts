import { afterEach, describe, expect, test } from "bun:test";
import { FIFO_QUEUE } from "../../src/core/job.ts";
import { shardOf } from "../../src/core/shards.ts";
import { MAX_CALLS, MAX_REQUESTS } from "../../src/engine/claim-calls.ts";
import { isIdle } from "../../src/engine/slot.ts";
import { claiming } from "../support/claiming.ts";
import { LOST } from "../support/factory.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function dispatching(workers = 1, options: { shards?: number } = {}) {
  const it = await claiming(workers, options);
  ends.push(it.dispose);
  return it;
}

/** A worker that runs the first of some jobs. */
async function busy(jobs = 2) {
  const it = await dispatching();
  const [one, two, three] = [await it.submit(), await it.submit(), jobs > 2 ? await it.submit() : null];
  expect(it.started).toEqual([one.id]);
  it.line.calls.length = 0;
  return { ...it, one, two, three: three ?? two };
}

describe("a worker whose run has ended", () => {
  test("asks for its next job behind the settlement, before that is answered", async () => {
    const { line, started, end, one, two } = await busy();
    await end(one);
    expect(line.calls).toEqual(["settle", "claim", "settle answered", "claim answered"]);
    expect(started).toEqual([one.id, two.id]);
  });

  test("asks once: an answer behind the stored settlement is good, also when it is that there is nothing", async () => {
    const { line, end, one, two, slot } = await busy();
    await end(one);
    await end(two);
    expect(line.sent("claim")).toBe(2);
    expect(isIdle(slot())).toBe(true);
  });

  test("starts at once what comes then", async () => {
    const { submit, started, end, one, two } = await busy();
    await end(one);
    await end(two);
    const late = await submit();
    expect(started).toEqual([one.id, two.id, late.id]);
  });

  test("keeps the lease of that run until its settlement is stored", async () => {
    const { line, slots, slot, end, one } = await busy();
    const through = Promise.withResolvers<void>();
    line.next("settle", through.promise);
    await end(one);
    expect([...slots.runs()].map(({ id }) => id)).toEqual([one.id]);
    expect(isIdle(slot())).toBe(false);
    through.resolve();
  });
});

test("workers that get free at the same moment ask together", async () => {
  const it = await dispatching(3);
  const jobs = [await it.submit(), await it.submit(), await it.submit()];
  const next = [await it.submit(), await it.submit(), await it.submit()];
  it.line.calls.length = 0;
  await it.endAll(jobs);
  expect(it.line.sent("claim")).toBe(1);
  expect(it.started.slice(3).toSorted()).toEqual(next.map(({ id }) => id).toSorted());
});

describe("while an answer is awaited", () => {
  test("a worker that gets free asks by itself", async () => {
    const it = await dispatching(2);
    const [one, two] = [await it.submit(), await it.submit()];
    const [three, four] = [await it.submit(), await it.submit()];
    const answer = Promise.withResolvers<void>();
    it.line.next("claim", answer.promise);
    await it.end(one);
    await it.end(two);
    expect(it.started).toHaveLength(3);
    answer.resolve();
    await it.clock.settle();
    expect(it.started.toSorted()).toEqual([one, two, three, four].map(({ id }) => id).toSorted());
  });

  test("a job that comes is not lost on workers that all ask already", async () => {
    const it = await dispatching();
    const one = await it.submit();
    const answer = Promise.withResolvers<void>();
    it.line.next("claim", { answered: answer.promise });
    await it.end(one);
    expect(it.line.sent("claim")).toBe(2);
    const late = await it.submit();
    expect(it.line.sent("claim")).toBe(2);
    answer.resolve();
    await it.clock.settle();
    expect(it.started).toEqual([one.id, late.id]);
  });

  test("a shard that does not give one keeps only its own queues waiting", async () => {
    const SHARDS = 3;
    const it = await dispatching(1, { shards: SHARDS });
    const elsewhere = Array.from({ length: 100 }, (_, n) => `pinned_10.0.0.${n}`)
      .filter((queue) => shardOf(queue, SHARDS) === (shardOf(FIFO_QUEUE, SHARDS) + 1) % SHARDS)
      .slice(0, 10);
    const back = Promise.withResolvers<void>();
    it.line.next("claim", ...Array.from({ length: MAX_CALLS }, () => back.promise));
    for (const queue of elsewhere) {
      await it.pin(queue);
      await it.submit({ queue });
    }
    const job = await it.submit();
    expect(it.started).toEqual([job.id]);
    back.resolve();
    await it.clock.settle();
    expect(it.started).toHaveLength(1 + elsewhere.length);
  });

  test("no more than so many calls are under way; who waits goes into the next", async () => {
    const workers = MAX_CALLS + 2;
    const it = await dispatching(workers);
    const jobs = [];
    for (let n = 0; n < 2 * workers; n++) jobs.push(await it.submit());
    const answers = Array.from({ length: MAX_CALLS }, () => Promise.withResolvers<void>());
    it.line.next("claim", ...answers.map(({ promise }) => promise));
    it.line.calls.length = 0;
    for (const job of jobs.slice(0, workers)) await it.end(job);
    expect(it.line.sent("claim")).toBe(MAX_CALLS);
    for (const { resolve } of answers) resolve();
    await it.clock.settle();
    expect(it.line.sent("claim")).toBe(MAX_CALLS + 1);
    expect(new Set(it.started).size).toBe(2 * workers);
  });
});

test("more workers than one call takes ask in several", async () => {
  const workers = MAX_REQUESTS + 6;
  const it = await dispatching(workers);
  const jobs = [];
  for (let n = 0; n < workers; n++) jobs.push(await it.submit());
  expect(it.started).toHaveLength(workers);
  for (let n = 0; n < workers; n++) await it.submit();
  it.line.calls.length = 0;
  await it.endAll(jobs);
  expect(it.line.sent("claim")).toBe(2);
  expect(new Set(it.started).size).toBe(2 * workers);
});

describe("a settlement", () => {
  test("that does not get through keeps its worker from the next job until it does", async () => {
    const { line, started, status, clock, end, one, two } = await busy();
    line.next("settle", "lost", "lost");
    await end(one);
    expect(line.calls).toEqual(["settle", "claim", "claim answered"]);
    expect(started).toEqual([one.id]);
    await clock.advance(1_000);
    expect(await status(one)).toBe("finished");
    expect(started).toEqual([one.id, two.id]);
  });

  test("that is late makes the worker ask again when it is through, and not before", async () => {
    const { line, started, submit, clock, end, one, two } = await busy();
    const through = Promise.withResolvers<void>();
    line.next("settle", through.promise);
    await end(one);
    await submit();
    await submit();
    expect(line.sent("claim")).toBe(1);
    expect(started).toEqual([one.id]);
    through.resolve();
    await clock.settle();
    expect(line.sent("claim")).toBe(2);
    expect(started).toEqual([one.id, two.id]);
  });

  test("whose answer is lost holds nobody up, and is stored once", async () => {
    const { line, started, status, clock, slot, end, one, two } = await busy();
    line.next("settle", "unanswered");
    await end(one);
    expect(started).toEqual([one.id, two.id]);
    await end(two);
    await clock.advance(1_000);
    expect([await status(one), await status(two)]).toEqual(["finished", "finished"]);
    expect(started).toEqual([one.id, two.id]);
    expect(isIdle(slot())).toBe(true);
  });

  test("without an answer is followed by one more run at most", async () => {
    const { line, started, clock, end, one, two, three } = await busy(3);
    const first = Promise.withResolvers<void>();
    line.next("settle", "unanswered", first.promise);
    await end(one);
    await clock.advance(100);
    line.next("settle", "unanswered");
    await end(two);
    expect(started).toEqual([one.id, two.id]);
    await clock.advance(100);
    expect(started).toEqual([one.id, two.id, three.id]);
    first.resolve();
  });

  test("of a run that was given up meanwhile is refused, and the worker goes on", async () => {
    const { storage, line, started, status, clock, end, one, two } = await busy();
    const through = Promise.withResolvers<void>();
    line.next("settle", through.promise);
    await end(one);
    await storage.reap({ leases: await storage.leases(), error: LOST });
    expect(await status(one)).toBe("failed");
    through.resolve();
    await clock.settle();
    expect(await status(one)).toBe("failed");
    expect(started).toEqual([one.id, two.id]);
  });
});

describe("a claim behind a settlement", () => {
  test("that does not get through is made again", async () => {
    const { line, started, status, clock, end, one, two } = await busy();
    line.next("claim", "lost", "lost");
    await end(one);
    expect(await status(one)).toBe("finished");
    await clock.advance(1_000);
    expect(started).toEqual([one.id, two.id]);
  });

  test("whose answer is lost starts its job once", async () => {
    const { line, started, status, clock, end, one, two } = await busy(3);
    line.next("claim", "unanswered");
    await end(one);
    expect(await status(two)).toBe("started");
    await clock.advance(1_000);
    expect(started).toEqual([one.id, two.id]);
  });

  test("that overtook the settlement, and whose answer is lost, does not leave the worker waiting", async () => {
    const { line, started, clock, end, one, two } = await busy();
    const through = Promise.withResolvers<void>();
    line.next("settle", through.promise);
    line.next("claim", "unanswered");
    await end(one);
    through.resolve();
    await clock.settle();
    await clock.advance(1_000);
    expect(started).toEqual([one.id, two.id]);
  });

  test("gets nothing for a worker that was suspended; it goes on when it is resumed", async () => {
    const { storage, dispatcher, worker, started, status, clock, end, one, two } = await busy();
    await storage.suspendWorkers({ filter: { name: worker }, suspended: true });
    await end(one);
    expect(await status(one)).toBe("finished");
    expect(started).toEqual([one.id]);
    await storage.suspendWorkers({ filter: { name: worker }, suspended: false });
    dispatcher.queueReady(FIFO_QUEUE);
    await clock.settle();
    expect(started).toEqual([one.id, two.id]);
  });

  test("hands its job back when the worker is stopped before the answer", async () => {
    const { line, started, status, slot, clock, end, one, two } = await busy();
    const through = Promise.withResolvers<void>();
    line.next("claim", through.promise);
    await end(one);
    slot().ending = true;
    through.resolve();
    await clock.settle();
    expect(await status(two)).toBe("queued");
    expect(started).toEqual([one.id]);
  });

  test("is not made when the worker is being stopped", async () => {
    const { line, status, slot, end, one } = await busy();
    slot().ending = true;
    await end(one);
    expect(line.sent("claim")).toBe(0);
    expect(await status(one)).toBe("finished");
  });

  test("whose answer comes after the end of dispatching starts nothing: the job goes back unharmed", async () => {
    const { dispatcher, clock, line, storage, status, started, submit } = await dispatching();
    const answer = Promise.withResolvers<void>();
    line.next("claim", { answered: answer.promise });
    const job = await submit();
    expect(await status(job)).toBe("started");
    const stopped = dispatcher.stop();
    answer.resolve();
    await Promise.all([stopped, clock.settle()]);
    expect(started).toEqual([]);
    expect(await storage.get({ ids: [job.id] })).toMatchObject([{ status: "queued", attempts: 0 }]);
  });

  test("is not made after the end of dispatching, and the settlement is stored", async () => {
    const { dispatcher, line, status, end, one, two } = await busy();
    await dispatcher.stop();
    await end(one);
    expect(line.sent("claim")).toBe(0);
    expect(await status(one)).toBe("finished");
    expect(await status(two)).toBe("queued");
  });
});
