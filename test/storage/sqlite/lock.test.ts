import { afterEach, describe, expect, test } from "bun:test";
import { openSqlite } from "../../../src/storage/sqlite/index.ts";
import { PATIENCE_MS } from "../../../src/storage/sqlite/patience.ts";
import { FakeClock } from "../../support/clock.ts";
import { Factory } from "../../support/factory.ts";
import type { Child } from "../../support/process.ts";
import { sqliteBackend } from "./backend.ts";
import { childOn } from "./spawn.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A database whose write lock another process holds. */
async function locked(holdMs?: number) {
  const backend = await sqliteBackend();
  ends.push(() => backend.dispose());
  await backend.storage.migrate();
  const holder = childOn(backend.path, "lock", ...(holdMs === undefined ? [] : [String(holdMs)]));
  ends.push(() => holder.stop());
  await holder.waitFor(/locked/);
  return { ...backend, holder, make: new Factory(backend.storage) };
}

/** The same, seen by a store whose time the test owns. */
async function lockedInFakeTime() {
  const { path, holder } = await locked();
  const clock = new FakeClock();
  const storage = await openSqlite({ path, clock });
  ends.push(() => storage.close());
  return { clock, storage, holder, make: new Factory(storage) };
}

async function release(holder: Child): Promise<void> {
  holder.write("\n");
  await holder.waitFor(/released/);
}

describe("while another process holds the write lock", () => {
  test("for 1.5 s, the event loop stays free and the call succeeds when it is over", async () => {
    const { make, storage } = await locked(1_500);
    const lag = loopLag();
    const since = performance.now();
    const job = await make.queued();
    const waited = performance.now() - since;
    const longest = lag.stop();
    expect(waited).toBeGreaterThan(300);
    // A wait inside SQLite would be as long as the lock; a busy machine may hold us up for a while.
    expect(longest).toBeLessThan(300);
    expect(await storage.get({ ids: [job.id] })).toMatchObject([{ status: "queued" }]);
  });

  test("reads go on", async () => {
    const { storage } = await locked();
    expect(await storage.counts()).toMatchObject({ queued: 0 });
    expect(await storage.list({ filter: {}, order: "desc", limit: 10 })).toEqual({ jobs: [], next: null });
  });

  test("a call waits and is done once the lock is free", async () => {
    const { clock, make, holder } = await lockedInFakeTime();
    let done = false;
    const job = make.queued().finally(() => {
      done = true;
    });
    await clock.advance(PATIENCE_MS / 2);
    expect(done).toBe(false);
    await release(holder);
    await clock.advance(100);
    expect(await job).toMatchObject({ status: "queued" });
  });

  test("calls fail as unavailable after a bound, and the next ones work when the lock is free", async () => {
    const { clock, make, holder } = await lockedInFakeTime();
    const calls = Promise.allSettled([make.queued(), make.queued()]);
    await clock.advance(PATIENCE_MS + 100);
    for (const call of await calls) {
      expect(call).toMatchObject({
        status: "rejected",
        reason: { name: "StorageError", kind: "unavailable" },
      });
    }
    await release(holder);
    expect(await make.queued()).toMatchObject({ status: "queued" });
    expect(clock.timers).toBe(0);
  });

  test("each call has its own bound, counted from when it came", async () => {
    const { clock, make, holder } = await lockedInFakeTime();
    const early = Promise.allSettled([make.queued()]);
    await clock.advance(PATIENCE_MS - 100);
    const late = make.queued();
    await clock.advance(200);
    expect(await early).toMatchObject([{ status: "rejected" }]);
    await release(holder);
    await clock.advance(100);
    expect(await late).toMatchObject({ status: "queued" });
  });

  test("ping says so", async () => {
    const { clock, storage } = await lockedInFakeTime();
    const ping = Promise.allSettled([storage.ping()]);
    await clock.advance(PATIENCE_MS + 100);
    expect(await ping).toMatchObject([{ status: "rejected", reason: { kind: "unavailable" } }]);
  });
});

/** The longest time, in milliseconds, that the event loop was held since the call. */
function loopLag() {
  const every = 5;
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - every);
    last = now;
  }, every);
  return {
    stop() {
      clearInterval(timer);
      return longest;
    },
  };
}
