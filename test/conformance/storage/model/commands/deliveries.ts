import { expect } from "bun:test";
import fc from "fast-check";
import { shardOfId } from "../../../../../src/core/ids.ts";
import { DELIVERY_STATES } from "../../../../../src/core/webhook.ts";
import type {
  Delivery,
  DeliveryClaim,
  DeliveryOutcome,
  NewWebhook,
} from "../../../../../src/storage/deliveries.ts";
import { bytes, SECOND, text } from "../../../../support/factory.ts";
import type { World } from "../world.ts";
import { type Command, choose, command, pick } from "./command.ts";

/** So few that they meet. */
export const TARGETS = ["https://a.test:443", "https://b.test:443", "http://c.test:80"];
const MARGIN_MS = SECOND;

const OUTCOMES: DeliveryOutcome[] = [
  { kind: "delivered" },
  { kind: "delivered" },
  { kind: "retry", delayMs: 0 },
  { kind: "retry", delayMs: 5 * SECOND },
  { kind: "dead", keepMs: 0 },
  { kind: "dead", keepMs: 90 * SECOND },
  { kind: "released" },
];

export function webhookTo(target: number, of: string): NewWebhook {
  return { target: choose(TARGETS, target), timeoutMs: (target + 1) * SECOND, sealed: bytes(`to ${of}`) };
}

const END = fc.record({ outcome: fc.nat(OUTCOMES.length - 1), took: fc.nat(99), refused: fc.boolean() });
type End = typeof END extends fc.Arbitrary<infer E> ? E : never;

export const DELIVERIES: Command[] = [
  command(
    "claimDeliveries",
    12,
    {
      max: fc.integer({ min: 1, max: 6 }),
      perTarget: fc.integer({ min: 1, max: 3 }),
      busy: fc.array(fc.constantFrom(0, 1, 1, 2), { minLength: 3, maxLength: 3 }),
    },
    async (world, { max, perTarget, busy: drawn }) => {
      const counts = TARGETS.map((target, n) => [target, drawn[n] ?? 0] as const);
      const busy = Object.fromEntries(counts.filter(([, count]) => count > 0));
      await claim(world, { max, perTarget, busy });
    },
  ),

  command(
    "claim and settle deliveries",
    28,
    { perTarget: fc.integer({ min: 1, max: 4 }), ends: fc.array(END, { minLength: 1, maxLength: 6 }) },
    async (world, { perTarget, ends }) => {
      const claims = await claim(world, { max: ends.length, perTarget, busy: {} });
      for (const [n, mine] of claims.entries()) await settle(world, mine, ends[n]);
    },
  ),

  command("settleDelivery", 10, { which: fc.nat(9), end: END }, async (world, { which, end }) => {
    const mine = pickClaim(world, which);
    if (mine) await settle(world, mine, end);
  }),

  command(
    "replayDelivery",
    4,
    { which: fc.nat(20), to: fc.option(fc.nat(2)) },
    async (world, { which, to }) => {
      const jobId = pickJob(world, which);
      const webhook = to === null ? undefined : webhookTo(to, `${jobId} again`);
      const expected = world.deliveries.replay(jobId, webhook, world.now);
      const call = { jobId, now: world.now, ...(webhook && { webhook }) };
      expect(await world.store.replayDelivery(call)).toBe(expected);
    },
  ),

  command("getDelivery", 2, { which: fc.nat(20) }, async (world, { which }) => {
    const jobId = pickJob(world, which);
    expect(await world.store.getDelivery({ jobId })).toEqual(world.deliveries.get(jobId)?.shown ?? null);
  }),

  command(
    "listDeliveries",
    3,
    {
      state: fc.option(fc.constantFrom(...DELIVERY_STATES)),
      limit: fc.integer({ min: 1, max: 4 }),
      after: fc.option(fc.nat(20)),
    },
    async (world, { state, limit, after: n }) => {
      const after = n === null ? null : pickJob(world, n);
      const all = world.deliveries
        .list(state ?? undefined)
        .filter(({ jobId }) => after === null || jobId < after);
      const deliveries = all.slice(0, limit);
      const next = all.length > limit ? (deliveries.at(-1)?.jobId ?? null) : null;
      const call = { limit, ...(state !== null && { state }), ...(after !== null && { after }) };
      expect(await world.store.listDeliveries(call)).toEqual({ deliveries, next });
    },
  ),
];

/** Mostly of one that is to be told of. */
function pickJob({ deliveries, jobs }: World, n: number): string {
  const owed = deliveries.list().map(({ jobId }) => jobId);
  return pick(n < 16 && owed.length > 0 ? owed : [...jobs.all.keys()], n) ?? "job_unknown";
}

/** Mostly one that is being sent, at times a late one. */
function pickClaim({ deliveryClaims, deliveries }: World, n: number) {
  const going = deliveryClaims.filter(({ jobId, claim }) => {
    const known = deliveries.get(jobId);
    return known?.leased === true && known.claim === claim;
  });
  return pick(n < 8 && going.length > 0 ? going : deliveryClaims, n);
}

interface Claimed {
  jobId: string;
  claim: number;
}

interface Asked {
  max: number;
  perTarget: number;
  busy: Readonly<Record<string, number>>;
}

async function claim(world: World, asked: Asked): Promise<Claimed[]> {
  const { now } = world;
  const due = world.deliveries.pending().filter(({ shown }) => (shown.dueAt ?? now) <= now);
  const first = new Map(due.map(({ jobId, shown }) => [jobId, { ...shown }]));
  const answer = await world.store.claimDeliveries({ ...asked, marginMs: MARGIN_MS, now });
  for (const claimed of answer.claims) {
    const known = world.deliveries.get(claimed.delivery.jobId);
    expect(first.has(claimed.delivery.jobId)).toBe(true);
    expect(claimed.claim).toBeGreaterThan(known?.claim ?? Number.POSITIVE_INFINITY);
    expect(text(claimed.sealed)).toBe(known?.sealed ?? "");
    expect(claimed.delivery).toEqual(world.deliveries.lease(claimed, MARGIN_MS, now));
    world.deliveryClaims.push({ jobId: claimed.delivery.jobId, claim: claimed.claim });
  }
  expectFair(answer.claims, [...first.values()], asked);
  expectWait(world, answer, asked);
  return answer.claims.map(({ delivery, claim }) => ({ jobId: delivery.jobId, claim }));
}

async function settle(world: World, mine: Claimed, end: End | undefined): Promise<void> {
  const { outcome = 0, took = 0, refused = false } = end ?? {};
  const status = refused ? 500 : 200;
  const attempt = { at: world.now, durationMs: took, status, error: refused ? 'answered "no"' : null };
  const settling = { ...mine, outcome: choose(OUTCOMES, outcome), attempt: took === 0 ? null : attempt };
  const expected = world.settleDelivery(settling);
  expect(await world.store.settleDelivery({ ...settling, now: world.now })).toBe(expected);
}

/** As many as may be, and of each shard those of a target and those targets first that have waited longest. */
function expectFair(claims: DeliveryClaim[], due: Delivery[], { max, perTarget, busy }: Asked): void {
  const room = (target: string) => Math.max(0, perTarget - (busy[target] ?? 0));
  const taken = due.filter(({ jobId }) => claims.some(({ delivery }) => delivery.jobId === jobId));
  const all = Map.groupBy(due, ({ target }) => target);
  const most = [...all].reduce((sum, [target, of]) => sum + Math.min(of.length, room(target)), 0);
  expect(claims).toHaveLength(Math.min(max, most));
  const of = (list: Delivery[], shard: number | null, target: string) =>
    list.filter((each) => each.target === target && (shard === null || shardOfId(each.jobId) === shard));
  for (const shard of new Set(due.map(({ jobId }) => shardOfId(jobId)))) {
    const targets = [...all.keys()].filter((target) => of(due, shard, target).length > 0);
    for (const target of targets) {
      const mine = of(taken, shard, target);
      expect(moments(mine)).toEqual(moments(of(due, shard, target)).slice(0, mine.length));
      const whole =
        of(taken, null, target).length === room(target) || mine.length === of(due, shard, target).length;
      if (whole) continue;
      const [since = 0] = moments(of(due, shard, target));
      const later = targets.filter((other) => (moments(of(due, shard, other))[0] ?? since) > since);
      expect(later.filter((other) => of(taken, shard, other).length > 0)).toEqual([]);
    }
  }
}

function moments(deliveries: Delivery[]): number[] {
  return deliveries.map(({ dueAt }) => dueAt ?? Number.NaN).toSorted((a, b) => a - b);
}

/** Whether a target that was filled by this very claim still counts is open where there are several shards. */
function expectWait(
  { deliveries, now, shards }: World,
  { claims, nextInMs }: { claims: DeliveryClaim[]; nextInMs: number | null },
  { perTarget, busy }: Asked,
): void {
  const next = (holding: (target: string) => number) => {
    const open = deliveries.pending().filter(({ target }) => holding(target) < perTarget);
    return Math.min(...open.map(({ shown }) => Math.max(0, (shown.dueAt ?? now) - now)));
  };
  const before = (target: string) => busy[target] ?? 0;
  const behind = (target: string) =>
    before(target) + claims.filter(({ delivery }) => delivery.target === target).length;
  const answer = nextInMs ?? Number.POSITIVE_INFINITY;
  expect(answer).toBeGreaterThanOrEqual(next(before));
  expect(answer).toBeLessThanOrEqual(next(shards === 1 ? before : behind));
}
