import { describe, expect, test } from "bun:test";
import type { JobStatus } from "../../../src/core/job.ts";
import { succeeded } from "../../../src/storage/storage.ts";
import { EXPIRED, LOST, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";

export function raceConformance(setup: Setup): void {
  describe("when many reach for one job", () => {
    test("of a claim and a cancel exactly one wins, each at times", async () => {
      await raceCancelAndClaim(await setup(), 200);
    }, 60_000);

    test("of a claim, a cancel, a cancel by filter and its expiry exactly one wins", async () => {
      await raceAll(await setup(), 100);
    }, 60_000);

    test("of a settlement and the reaper exactly one ends the run", async () => {
      await raceSettleAndReap(await setup(), 100);
    }, 60_000);
  });
}

/** So many rounds of a claim and a cancel of one job, through two connections that take turns. */
export async function raceCancelAndClaim(fixture: Fixture, rounds: number): Promise<void> {
  const { storage, connect, make } = fixture;
  const other = await connect();
  const { node, incarnation, name, queue } = await make.worker();
  const requests = [{ worker: name, queue }];
  const wins = { started: 0, cancelled: 0 };
  for (let round = 0; round < rounds; round++) {
    const { id } = await make.queued({ resultTtlMs: 0 });
    const [one, two] = Math.floor(round / 8) % 2 === 0 ? [storage, other] : [other, storage];
    const claim = () => one.claim({ op: make.op(), node, incarnation, requests, now: T0 });
    const cancel = () => two.cancel({ op: make.op(), id, abort: false, now: T0 });
    const [[claimed], cancelled] = await inEitherOrder(round, claim, cancel);
    const winner = claimed ? "started" : "cancelled";
    expect([round, cancelled.outcome]).toEqual([round, winner]);
    expect(await storage.get({ ids: [id] })).toMatchObject([{ status: winner }]);
    if (claimed) expect(await make.settle(claimed.token, succeeded())).toBe("ok");
    wins[winner] += 1;
    await forgetAtTimes(fixture, round);
  }
  expect(wins.started).toBeGreaterThan(0);
  expect(wins.cancelled).toBeGreaterThan(0);
}

/** So many rounds of everything that takes a job out of its queue, all at once, in changing order. */
export async function raceAll(fixture: Fixture, rounds: number): Promise<void> {
  const { storage, connect, make } = fixture;
  const other = await connect();
  const worker = await make.worker();
  const now = T0 + MINUTE;
  const wins = new Set<JobStatus>();
  for (let round = 0; round < rounds; round++) {
    const { id } = await make.queued({ resultTtlMs: 0, ttlMs: MINUTE });
    const contenders: (() => Promise<JobStatus | null>)[] = [
      // Just in time: the job expires at `now`.
      async () => ((await make.claim(worker, now - 1)) ? "started" : null),
      async () => {
        const { outcome } = await other.cancel({ op: make.op(), id, abort: false, now });
        return outcome === "cancelled" ? outcome : null;
      },
      async () => {
        const { ids } = await storage.cancelQueued({ op: make.op(), filter: {}, now });
        return ids.length > 0 ? "cancelled" : null;
      },
      async () => {
        const { ids } = await other.expire({ max: 10, error: EXPIRED, now });
        return ids.length > 0 ? "failed" : null;
      },
    ];
    const first = round % contenders.length;
    const order = [...contenders.slice(first), ...contenders.slice(0, first)];
    const turns = Math.floor(round / contenders.length) % 3;
    const answers = await Promise.all(order.map((contend, n) => afterTurns(turns * n, contend)));
    const [job] = await storage.get({ ids: [id] });
    const winners = answers.filter((status) => status !== null);
    if (winners[0]) wins.add(winners[0]);
    expect({ round, winners }).toEqual({ round, winners: job ? [job.status] : [] });
    const [lease] = await storage.leases();
    if (lease) await make.settle(lease.token, succeeded());
    await forgetAtTimes(fixture, round);
  }
  // Who wins how often is a matter of how many steps each takes; a race has more than one winner.
  expect(wins.size).toBeGreaterThan(1);
}

/** So many rounds of a run's end and its reaping. */
export async function raceSettleAndReap(fixture: Fixture, rounds: number): Promise<void> {
  const { storage, connect, make } = fixture;
  const other = await connect();
  const worker = await make.worker();
  for (let round = 0; round < rounds; round++) {
    const { token } = await make.started({ resultTtlMs: 0, retries: round % 2 }, worker);
    const leases = await storage.leases();
    const settle = () => make.settle(token, succeeded());
    const reap = () => other.reap({ leases, error: LOST, now: T0 });
    const [settled, [reaped]] = await inEitherOrder(round, settle, reap);
    const [job] = await storage.get({ ids: [token.id] });
    const byReaper = round % 2 === 0 ? ["lost", "failed", "failed"] : ["lost", "requeued", "queued"];
    const expected = settled === "ok" ? ["ok", "gone", "finished"] : byReaper;
    expect<unknown>([settled, reaped, job?.status]).toEqual(expected);
    await storage.cancelQueued({ op: make.op(), filter: {}, now: T0 });
    await forgetAtTimes(fixture, round);
  }
}

/**
 * Both at once; the second goes first in every other round. Who goes first has a head start of up to three turns of
 * the event loop, so that each wins at times.
 */
async function inEitherOrder<A, B>(
  round: number,
  one: () => Promise<A>,
  two: () => Promise<B>,
): Promise<[A, B]> {
  const headStart = Math.floor(round / 2) % 4;
  if (round % 2 === 0) return Promise.all([one(), afterTurns(headStart, two)]);
  const [b, a] = await Promise.all([two(), afterTurns(headStart, one)]);
  return [a, b];
}

async function afterTurns<R>(turns: number, run: () => Promise<R>): Promise<R> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resume) => setImmediate(resume));
  return run();
}

/** Keeps the store small, so that the last round costs what the first did. */
async function forgetAtTimes({ storage }: Fixture, round: number): Promise<void> {
  if (round % 500 === 499) await storage.prune({ max: 2_000, now: T0 + 2 * MINUTE + SECOND });
}
