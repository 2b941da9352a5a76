import { expect } from "bun:test";
import fc from "fast-check";
import type { RunToken } from "../../../../../src/core/job.ts";
import {
  type Claim,
  type ClaimParams,
  failed,
  type Lease,
  type ReapOutcome,
  type RunOutcome,
  released,
  retryLater,
  type Settlement,
  type SettleOutcome,
  succeeded,
} from "../../../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, LOST, SECOND, text } from "../../../../support/factory.ts";
import type { Known } from "../jobs.ts";
import { KEPT, type PastClaim, type World } from "../world.ts";
import { type Command, choose, command, pick } from "./command.ts";
import { QUEUES } from "./enqueueing.ts";

const OUTCOMES: RunOutcome[] = [
  succeeded(),
  failed(DEVICE_AWAY),
  retryLater(DEVICE_AWAY, 0),
  retryLater(DEVICE_AWAY, 5 * SECOND),
  released(),
];

/** Where in the log something is written: at its end, over its last characters, from its start, past its end. */
const PLACE = fc.constantFrom("end", "end", "end", "overlap", "start", "beyond");
const PRINTED = fc.stringMatching(/^[a-z]{1,5}$/);

export const RUNS: Command[] = [
  command(
    "claim",
    26,
    {
      node: fc.nat(5),
      requests: fc.array(fc.record({ worker: fc.nat(7), elsewhere: fc.nat(12) }), {
        minLength: 1,
        maxLength: 4,
      }),
    },
    async (world, { node: which, requests: drawn }) => {
      const node = pick(world.incarnations, which) ?? { name: "nobody", incarnation: "none" };
      const workers = world.fleet.list({ node: node.name });
      const requests = drawn.map(({ worker: n, elsewhere }) => {
        const { name, queue } = pick(workers, n) ?? { name: "stranger", queue: "FifoQ" };
        return { worker: name, queue: elsewhere === 12 ? choose(QUEUES, n) : queue };
      });
      const by = { node: node.name, incarnation: node.incarnation };
      await claim(world, { op: world.make.op(), ...by, requests, now: world.now });
    },
  ),

  command(
    "append",
    6,
    { claim: fc.nat(9), place: PLACE, printed: PRINTED },
    async (world, { claim: which, place, printed }) => {
      const past = pickClaim(world, which);
      if (!past) return;
      const offset = offsetOf(world, past.token, place);
      const expected = appended(world, past.token, offset, printed);
      const call = { token: past.token, offset, bytes: bytes(printed) };
      expect(await world.store.appendOutput(call)).toBe(expected);
    },
  ),

  command(
    "settle",
    14,
    {
      ends: fc.array(
        fc.record({ claim: fc.nat(9), outcome: fc.nat(OUTCOMES.length - 1), place: PLACE, printed: PRINTED }),
        { minLength: 1, maxLength: 3 },
      ),
    },
    async (world, { ends }) => {
      const settlements: Settlement[] = [];
      const expected: SettleOutcome[][] = [];
      for (const { claim: which, outcome, place, printed } of ends) {
        const past = pickClaim(world, which);
        if (!past) return;
        const tailOffset = offsetOf(world, past.token, place);
        const settlement = {
          token: past.token,
          tail: bytes(printed),
          tailOffset,
          outcome: choose(OUTCOMES, outcome),
        };
        settlements.push(settlement);
        expected.push(settled(world, settlement));
      }
      const answer = await world.store.settle({ settlements, now: world.now });
      expect(answer).toHaveLength(expected.length);
      for (const [n, outcome] of answer.entries()) expect(expected[n]).toContain(outcome);
    },
  ),

  command(
    "reap",
    3,
    { stale: fc.boolean(), which: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }) },
    async (world, { stale, which }) => {
      const from = stale ? world.leases : await world.store.leases();
      const leases = which.map((n) => pick(from, n)).filter((lease) => lease !== undefined);
      const expected = leases.map((lease) => reaped(world, lease));
      expect(await world.store.reap({ leases, error: LOST, now: world.now })).toEqual(expected);
    },
  ),

  command(
    "readOutput",
    2,
    { which: fc.nat(20), offset: fc.nat(12), max: fc.integer({ min: 1, max: 12 }) },
    async (world, { which, offset, max }) => {
      const known = pick([...world.jobs.all.values()], which);
      const log = known?.log ?? "";
      const from = Math.min(offset, log.length);
      const slice = await world.store.readOutput({ id: known?.job.id ?? "job_unknown", offset, max });
      const over = known === undefined || known.job.endedAt !== null;
      expect({ ...slice, bytes: text(slice.bytes) }).toEqual({
        bytes: log.slice(from, from + max),
        offset: from,
        ended: over && from + max >= log.length,
      });
    },
  ),
];

/** A claim that was made: mostly of a run that goes on, at times a zombie's. */
function pickClaim({ claims, jobs }: World, n: number): PastClaim | undefined {
  const going = claims.filter(({ token }) => jobs.running(token));
  return pick(n < 7 && going.length > 0 ? going : claims, n);
}

async function claim(world: World, call: ClaimParams): Promise<void> {
  const answer = await world.store.claim(call);
  const given = [...answer];
  for (const { worker, queue } of call.requests) {
    const candidates = mayClaim(world, call, worker, queue) ? world.jobs.next(queue, world.now) : [];
    if (candidates.length === 0) continue;
    const got = given.shift();
    const known = candidates.find(({ job }) => job.id === got?.token.id);
    if (!got || !known) {
      const ids = candidates.map(({ job }) => job.id).join(" or ");
      throw new Error(`${worker} should have got ${ids}, not ${got?.token.id ?? "nothing"}`);
    }
    expectClaimed(world, { ...got, by: { name: call.node, incarnation: call.incarnation } }, worker);
  }
  expect(given).toEqual([]);
  world.repeatLater(async () => {
    const going = answer.filter(({ token }) => world.jobs.running(token));
    expect(await world.store.claim({ ...call, now: world.now })).toEqual(going);
  });
}

function mayClaim(world: World, call: ClaimParams, name: string, queue: string): boolean {
  const { node, incarnation } = call;
  const worker = world.fleet.workers.get(name);
  if (!worker || !world.fleet.alive(node, incarnation)) return false;
  const own = worker.node === node && worker.incarnation === incarnation && worker.queue === queue;
  return own && worker.status === "idle" && !worker.stopping;
}

function expectClaimed(world: World, got: PastClaim, worker: string): void {
  const { by, ...claimed } = got;
  const known = world.jobs.must(got.token.id);
  const { given } = known;
  expect(world.claims.some(({ token }) => token.nonce === got.token.nonce)).toBe(false);
  expect(got.token.run).toBe(known.runs + 1);
  world.jobs.start(known, got.token, { node: by.name, worker }, world.now);
  world.fleet.runs(worker, got.token.id);
  world.claims.push(got);
  const { executionTimeoutMs, retries } = given;
  const sealed = bytes(known.sealed ?? "");
  const readyAt = given.ttlMs === null ? known.job.enqueuedAt : known.startsAt;
  const expected: Claim = {
    token: got.token,
    worker,
    job: known.job,
    sealed,
    executionTimeoutMs,
    retries,
    readyAt,
  };
  expect({ ...claimed, sealed: text(claimed.sealed) }).toEqual({
    ...expected,
    sealed: text(sealed),
  } as never);
}

function offsetOf(world: World, { id }: RunToken, place: "end" | "overlap" | "start" | "beyond"): number {
  const end = world.jobs.get(id)?.log.length ?? 0;
  return { end, overlap: Math.max(0, end - 2), start: 0, beyond: end + 3 }[place];
}

/** Does in the model what `appendOutput` does. */
function appended(world: World, token: RunToken, offset: number, printed: string): "ok" | "already" | "lost" {
  const known = world.jobs.running(token);
  if (!known || offset > known.log.length) return "lost";
  const rest = printed.slice(known.log.length - offset);
  known.log += rest;
  return rest === "" ? "already" : "ok";
}

/** Does in the model what `settle` does with one of its settlements, and says what it may answer. */
function settled(world: World, { token, tail, tailOffset, outcome }: Settlement): SettleOutcome[] {
  const known = world.jobs.running(token);
  if (!known) return settledBefore(world, token);
  if (appended(world, token, tailOffset, text(tail)) === "lost") return ["lost"];
  world.settled.set(token.nonce, { at: world.now, of: known });
  world.jobs.settle(known, outcome, world.now);
  credit(world, known);
  return ["ok"];
}

/** That a run was settled may be forgotten with its job, and after a while. */
function settledBefore(world: World, token: RunToken): SettleOutcome[] {
  const settled = world.settled.get(token.nonce);
  if (!settled) return ["lost"];
  const there = world.jobs.get(token.id) === settled.of;
  return there && world.now - settled.at < KEPT ? ["already"] : ["already", "lost"];
}

/** The worker's part in a run that is over. */
function credit(world: World, { job, ranFrom }: Known): void {
  world.fleet.runs(job.worker, null);
  const worker = world.fleet.workers.get(job.worker ?? "");
  if (!worker) return;
  worker.busyMs += world.now - ranFrom;
  if (job.status === "finished") worker.successfulJobCount += 1;
  if (job.status === "failed") worker.failedJobCount += 1;
}

/** Does in the model what `reap` does with one of its leases. */
function reaped(world: World, { token, renewal }: Lease): ReapOutcome {
  const known = world.jobs.running(token);
  if (!known) return "gone";
  if (known.renewal !== renewal) return "alive";
  const outcome = world.jobs.lose(known, LOST, world.now);
  credit(world, known);
  return outcome;
}
