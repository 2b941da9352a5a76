import { afterEach, beforeEach, expect, test } from "bun:test";
import type { DeliveryClaim } from "../../src/storage/deliveries.ts";
import { openSqlite } from "../../src/storage/sqlite/index.ts";
import type { Store } from "../../src/storage/store.ts";
import { Deliverer, type DelivererDeps } from "../../src/webhook/deliverer.ts";
import type { Sent } from "../../src/webhook/sender.ts";
import { FakeClock } from "../support/clock.ts";
import { bytes, Factory, T0 } from "../support/factory.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const DELIVERED: Sent = { outcome: { kind: "delivered" }, attempt: null };

/** An attempt that goes on until the test says what it came to. */
interface Open {
  claim: DeliveryClaim;
  end(sent: Sent): void;
  fail(error: Error): void;
  stop: AbortSignal;
}

let dir: TempDir;
let clock: FakeClock;
let storage: Store;
let make: Factory;
let open: Open[];
let errors: unknown[];
let dead: string[];
/** What attempts came to. */
let attempts: string[];
/** Of the store. */
let timers: number;

beforeEach(async () => {
  dir = tempDir("deliverer");
  clock = new FakeClock(T0);
  storage = await openSqlite({ path: dir.file("netpulse.db"), clock, synchronous: "normal" });
  await storage.migrate();
  make = new Factory(storage);
  // The store begins to listen to other processes with the first who subscribes, and goes on.
  storage.subscribe(() => {});
  await clock.settle();
  timers = clock.timers;
  [open, errors, dead, attempts] = [[], [], [], []];
});

afterEach(async () => {
  await storage.close();
  dir.remove();
});

function deliverer(change: Partial<DelivererDeps> = {}): Deliverer {
  return new Deliverer({
    deliveries: storage,
    subscribe: (onHint) => storage.subscribe(onHint),
    clock,
    send: (claim, stop) =>
      new Promise((resolve, reject) => open.push({ claim, end: resolve, fail: reject, stop })),
    concurrency: 4,
    perTarget: 2,
    onAttempt: () => (outcome) => void attempts.push(outcome),
    onDead: ({ jobId }) => dead.push(jobId),
    onError: (error) => errors.push(error),
    ...change,
  });
}

async function owe(target: string): Promise<string> {
  const webhook = { target, timeoutMs: 5_000, sealed: bytes("sealed") };
  const { id } = await make.queued({ webhook });
  await storage.cancel({ op: make.op(), id, abort: false });
  return id;
}

/** What is sent at this moment, by its targets. */
const targets = () => open.map(({ claim }) => claim.delivery.target);

test("sends what becomes due at once, and what was due before", async () => {
  const early = await owe("a");
  const mine = deliverer();
  await mine.start();
  await clock.advance(0);
  expect(open.map(({ claim }) => claim.delivery.jobId)).toEqual([early]);
  const late = await owe("a");
  await clock.advance(0);
  expect(open.map(({ claim }) => claim.delivery.jobId)).toEqual([early, late]);
  for (const one of open) one.end(DELIVERED);
  await clock.settle();
  expect((await storage.listDeliveries({ state: "delivered", limit: 9 })).deliveries).toHaveLength(2);
  await mine.stop();
  expect(clock.timers).toBe(timers);
});

test("finds what it was not hinted at, a sweep later", async () => {
  const mine = deliverer({ subscribe: () => () => {} });
  await mine.start();
  await clock.advance(1);
  await owe("a");
  await clock.advance(4_000);
  expect(open).toEqual([]);
  await clock.advance(1_500);
  expect(open).toHaveLength(1);
  open[0]?.end(DELIVERED);
  await mine.stop();
});

test("lets a target that hangs hold up none of the others", async () => {
  for (let n = 0; n < 20; n++) await owe("hangs");
  await clock.advance(1);
  for (const target of ["b", "c", "b", "c"]) await owe(target);
  const mine = deliverer();
  await mine.start();
  await clock.advance(20);
  expect(targets()).toEqual(["hangs", "hangs", "b", "b"]);
  for (const one of open) if (one.claim.delivery.target === "b") one.end(DELIVERED);
  await clock.advance(20);
  expect(targets().slice(4)).toEqual(["c", "c"]);
  for (const one of open) one.end(DELIVERED);
  await clock.settle();
  await mine.stop();
});

test("makes a retry at its moment, and says what is dead", async () => {
  const id = await owe("a");
  const mine = deliverer();
  await mine.start();
  await clock.advance(1);
  open[0]?.end({ outcome: { kind: "retry", delayMs: 700 }, attempt: null });
  await clock.advance(600);
  expect(open).toHaveLength(1);
  await clock.advance(200);
  expect(open).toHaveLength(2);
  expect(open[1]?.claim.delivery.tries).toBe(2);
  open[1]?.end({ outcome: { kind: "dead", keepMs: 0 }, attempt: null });
  await clock.settle();
  expect(dead).toEqual([id]);
  expect(attempts).toEqual(["retry", "dead"]);
  await mine.stop();
});

test("sends again what another was killed with, when the lease is over", async () => {
  const id = await owe("a");
  const lost = await storage.claimDeliveries({ max: 1, perTarget: 1, busy: {}, marginMs: 10_000 });
  expect(lost.claims).toHaveLength(1);
  const mine = deliverer();
  await mine.start();
  await clock.advance(14_000);
  expect(open).toEqual([]);
  await clock.advance(1_500);
  expect(open.map(({ claim }) => claim.delivery.jobId)).toEqual([id]);
  open[0]?.end(DELIVERED);
  await clock.settle();
  await mine.stop();
});

test("leaves what failed by our own fault until its lease is over, and says so", async () => {
  await owe("a");
  const mine = deliverer();
  await mine.start();
  await clock.advance(1);
  open[0]?.fail(new Error("ours"));
  await clock.advance(14_000);
  expect([open.length, errors.map(String)]).toEqual([1, ["Error: ours"]]);
  await clock.advance(2_000);
  expect(open).toHaveLength(2);
  open[1]?.end(DELIVERED);
  await clock.settle();
  expect(attempts).toEqual(["failed", "delivered"]);
  await mine.stop();
});

test("waits a moment for what is under way when it stops, then hands it back", async () => {
  const id = await owe("a");
  const mine = deliverer();
  await mine.start();
  await clock.advance(1);
  const [one] = open;
  one?.stop.addEventListener("abort", () => one.end({ outcome: { kind: "released" }, attempt: null }));
  const stopped = mine.stop();
  await clock.advance(2_000);
  expect(one?.stop.aborted).toBe(false);
  await clock.advance(1_500);
  await stopped;
  expect(await storage.getDelivery({ jobId: id })).toMatchObject({ state: "pending", tries: 0 });
  expect(attempts).toEqual(["released"]);
  expect(open).toHaveLength(1);
  expect(clock.timers).toBe(timers);
});
