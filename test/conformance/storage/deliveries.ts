import { describe, expect, test } from "bun:test";
import { FINAL_STATUSES, isFinal } from "../../../src/core/job.ts";
import type { DeliveryAttempt } from "../../../src/core/webhook.ts";
import {
  type DeliveryClaim,
  type DeliveryOutcome,
  type DeliveryStore,
  MOST_ATTEMPTS,
  type NewWebhook,
  OWED_MS,
} from "../../../src/storage/deliveries.ts";
import { failed, type Hint, type NewJob, succeeded } from "../../../src/storage/storage.ts";
import { bytes, DEVICE_AWAY, HOUR, MINUTE, SECOND, T0 } from "../../support/factory.ts";
import type { Fixture, Setup } from "./fixture.ts";
import { ENDS, WAYS } from "./ways.ts";

const SEALED = Buffer.from([0, 1, 2, 255, 10]);
/** Where what comes first is decided for a part of the store. */
const ONE_QUEUE = { queue: "q" };
const TAKEN: DeliveryAttempt = { at: T0, durationMs: 12, status: 200, error: null };
const REFUSED: DeliveryAttempt = { at: T0, durationMs: 3, status: 500, error: 'answered 500 "no"' };

function aWebhook(change: Partial<NewWebhook> = {}): NewWebhook {
  return { target: "https://a.test:443", timeoutMs: 5 * SECOND, sealed: SEALED, ...change };
}

/** As a deliverer asks. */
function claim(
  storage: DeliveryStore,
  change: Partial<Parameters<DeliveryStore["claimDeliveries"]>[0]> = {},
) {
  return storage.claimDeliveries({ max: 10, perTarget: 10, busy: {}, marginMs: SECOND, now: T0, ...change });
}

async function ids(...on: Parameters<typeof claim>): Promise<string[]> {
  return (await claim(...on)).claims.map(({ delivery }) => delivery.jobId);
}

function sealedIn(claims: readonly DeliveryClaim[]): number[][] {
  return claims.map(({ sealed }) => [...sealed]);
}

/** Cancelled jobs whose ends are to be told, each in a queue of its own and so on any shard. */
async function owed({ make, storage }: Fixture, webhooks: NewWebhook[], given: Partial<NewJob> = {}) {
  const made: string[] = [];
  for (const [n, webhook] of webhooks.entries()) {
    const { id } = await make.queued({ queue: make.name("queue"), ...given, webhook });
    await storage.cancel({ op: make.op(), id, abort: false, now: T0 - webhooks.length + n + 1 });
    made.push(id);
  }
  return made;
}

async function owedOne(fixture: Fixture, given: Partial<NewJob> = {}): Promise<string> {
  const [id = ""] = await owed(fixture, [aWebhook()], given);
  return id;
}

export function deliveriesConformance(setup: Setup): void {
  describe("the delivery of a job's end", () => {
    test.each(ENDS)(
      "is pending with the end of a job that $status $way, and once",
      async ({ take, status }) => {
        const fixture = await setup();
        const { storage } = fixture;
        const id = await take(fixture, { webhook: aWebhook() });
        const delivery = {
          jobId: id,
          status: isFinal(status) ? status : "finished",
          target: "https://a.test:443",
          state: "pending" as const,
          tries: 0,
          settledAt: null,
          attempts: [],
        };
        expect(await storage.getDelivery({ jobId: id })).toMatchObject(delivery);
        const { claims } = await claim(storage, { now: T0 + SECOND });
        expect(claims).toMatchObject([{ delivery: { ...delivery, tries: 1 } }]);
        expect(sealedIn(claims)).toEqual([[...SEALED]]);
        expect(await ids(storage, { now: T0 + SECOND })).toEqual([]);
      },
    );

    test.each(WAYS.filter(({ status }) => !isFinal(status)))(
      "is none while the job is $status $way",
      async ({ take }) => {
        const fixture = await setup();
        const id = await take(fixture, { webhook: aWebhook() });
        expect(await fixture.storage.getDelivery({ jobId: id })).toBeNull();
        expect(await ids(fixture.storage, { now: T0 + HOUR })).toEqual([]);
        expect((await fixture.storage.listDeliveries({ limit: 9 })).deliveries).toEqual([]);
      },
    );

    test("is none of a job that was submitted without a webhook", async () => {
      const { storage, make } = await setup();
      const { id } = await make.inStatus("finished");
      expect(await storage.getDelivery({ jobId: id })).toBeNull();
      expect(await storage.replayDelivery({ jobId: id, webhook: aWebhook(), now: T0 })).toBe("unknown");
      expect(await claim(storage)).toEqual({ claims: [], nextInMs: null });
    });

    test("comes of jobs that are stored by the hundred, on many queues, and again", async () => {
      const { storage, make } = await setup();
      const jobs = Array.from({ length: 120 }, (_, n) =>
        make.newJob({
          queue: `pinned_host${n % 7}`,
          batchId: "b",
          ...(n % 2 === 0 && { webhook: aWebhook({ sealed: bytes(`to ${n}`) }) }),
        }),
      );
      await storage.enqueue({ jobs, now: T0 });
      await storage.enqueue({ jobs, now: T0 });
      await storage.cancelQueued({ op: make.op(), filter: { batchId: "b" }, now: T0 });
      const { claims } = await claim(storage, { max: 500, perTarget: 500 });
      const sent = claims.map(({ delivery, sealed }) => [delivery.jobId, Buffer.from(sealed).toString()]);
      const wanted = jobs.flatMap(({ id, webhook }) =>
        webhook ? [[id, Buffer.from(webhook.sealed).toString()]] : [],
      );
      expect(sent.toSorted()).toEqual(wanted.toSorted());
    });

    test("is hinted at", async () => {
      const fixture = await setup();
      const hinted = Promise.withResolvers<Hint>();
      const other = await fixture.connect();
      const stop = other.subscribe((hint) => {
        if (hint.kind === "delivery") hinted.resolve(hint);
      });
      // A hint may be lost while the other one is still connecting.
      const again = setInterval(() => void owedOne(fixture).catch(hinted.reject), 20);
      expect(await hinted.promise).toEqual({ kind: "delivery" });
      clearInterval(again);
      stop();
    });
  });

  describe("a claim of deliveries", () => {
    test("leases each for its own time-out, after which another may have it", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      const id = await owedOne(fixture);
      const [first] = (await claim(storage)).claims;
      expect(first?.delivery.dueAt).toBe(T0 + 6 * SECOND);
      expect(await claim(storage, { now: T0 + SECOND })).toEqual({ claims: [], nextInMs: 5 * SECOND });
      const [second] = (await claim(await fixture.connect(), { now: T0 + 6 * SECOND })).claims;
      expect(second?.delivery).toMatchObject({ jobId: id, tries: 2 });
      const late = { jobId: id, outcome: { kind: "delivered" }, attempt: TAKEN, now: T0 } as const;
      expect(await storage.settleDelivery({ ...late, claim: first?.claim ?? 0 })).toBe("lost");
      expect(await storage.getDelivery({ jobId: id })).toMatchObject({ state: "pending", attempts: [] });
      expect(await storage.settleDelivery({ ...late, claim: second?.claim ?? 0 })).toBe("ok");
    });

    test("by two at once gives each delivery to one of them", async () => {
      const fixture = await setup();
      const all = await owed(
        fixture,
        Array.from({ length: 30 }, (_, n) => aWebhook({ target: `t${n % 3}` })),
      );
      const other = await fixture.connect();
      const both = await Promise.all([fixture.storage, other].map((store) => ids(store, { max: 30 })));
      expect(both.flat().toSorted()).toEqual(all.toSorted());
    });

    test("takes so many of a target at most, of none that is busy, and goes round the others", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      const [a, b, c] = ["https://a.test:443", "https://b.test:443", "http://c.test:80"];
      const targets = [a, a, a, a, b, c];
      const all = await owed(
        fixture,
        targets.map((target) => aWebhook({ target })),
        ONE_QUEUE,
      );
      const taken = async (change: Parameters<typeof claim>[1]) => {
        const { claims, nextInMs } = await claim(storage, change);
        return [claims.map(({ delivery }) => all.indexOf(delivery.jobId)), nextInMs];
      };
      expect(await taken({ perTarget: 2, busy: { [b]: 2 }, max: 9 })).toEqual([[0, 1, 5], 0]);
      expect(await taken({ perTarget: 2, busy: { [a]: 2, [c]: 1 }, max: 9 })).toEqual([[4], 6 * SECOND]);
      expect(await taken({ perTarget: 2, busy: { [a]: 1, [b]: 1, [c]: 1 }, max: 9 })).toEqual([[2], 0]);
      expect(await taken({ perTarget: 4, busy: {}, max: 1 })).toEqual([[3], 6 * SECOND]);
    });

    test("takes no more than it was asked for", async () => {
      const fixture = await setup();
      await owed(
        fixture,
        Array.from({ length: 8 }, (_, n) => aWebhook({ target: `t${n % 4}` })),
      );
      expect(await ids(fixture.storage, { max: 3 })).toHaveLength(3);
      expect(await ids(fixture.storage, { max: 99 })).toHaveLength(5);
    });
  });

  describe("an attempt", () => {
    async function claimed(fixture: Fixture, given: Partial<NewJob> = {}) {
      const jobId = await owedOne(fixture, given);
      const [own] = (await claim(fixture.storage)).claims;
      return { jobId, claim: own?.claim ?? 0 };
    }

    test("that is taken ends the delivery, and erases what it took to send it", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      const mine = await claimed(fixture);
      const end = { ...mine, outcome: { kind: "delivered" }, attempt: TAKEN, now: T0 + SECOND } as const;
      expect(await storage.settleDelivery(end)).toBe("ok");
      expect(await storage.settleDelivery(end)).toBe("already");
      const after = { state: "delivered", tries: 1, dueAt: null, settledAt: T0 + SECOND, attempts: [TAKEN] };
      expect(await storage.getDelivery({ jobId: mine.jobId })).toMatchObject(after);
      expect(await claim(storage, { now: T0 + HOUR })).toEqual({ claims: [], nextInMs: null });
      expect(await storage.replayDelivery({ jobId: mine.jobId, now: T0 })).toBe("erased");
    });

    test("that fails is made again when its moment has come", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      const mine = await claimed(fixture);
      const outcome = { kind: "retry", delayMs: MINUTE } as const;
      expect(await storage.settleDelivery({ ...mine, outcome, attempt: REFUSED, now: T0 })).toBe("ok");
      expect(await claim(storage, { now: T0 + MINUTE - 1 })).toEqual({ claims: [], nextInMs: 1 });
      const { claims } = await claim(storage, { now: T0 + MINUTE });
      expect(claims).toMatchObject([{ delivery: { tries: 2, attempts: [REFUSED] } }]);
      expect(sealedIn(claims)).toEqual([[...SEALED]]);
    });

    test("that was handed back is due at once, and spends nothing", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      const mine = await claimed(fixture);
      await storage.settleDelivery({ ...mine, outcome: { kind: "released" }, attempt: null, now: T0 });
      const { claims } = await claim(storage);
      expect(claims).toMatchObject([{ delivery: { tries: 1, attempts: [] } }]);
    });

    test("is remembered with the last ones before it", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      let mine = await claimed(fixture);
      for (let n = 0; n < MOST_ATTEMPTS + 2; n++) {
        const attempt = { ...REFUSED, durationMs: n };
        await storage.settleDelivery({ ...mine, outcome: { kind: "retry", delayMs: 0 }, attempt, now: T0 });
        mine = { ...mine, claim: (await claim(storage)).claims[0]?.claim ?? 0 };
      }
      const found = await storage.getDelivery({ jobId: mine.jobId });
      const numbers = found?.attempts.map(({ durationMs }) => durationMs) ?? [];
      expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([MOST_ATTEMPTS, 2, MOST_ATTEMPTS + 1]);
    });

    test("that was the last leaves a dead letter, which is kept with its job and can be sent again", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      const mine = await claimed(fixture, { resultTtlMs: MINUTE });
      const outcome = { kind: "dead", keepMs: HOUR } as const;
      expect(await storage.settleDelivery({ ...mine, outcome, attempt: REFUSED, now: T0 })).toBe("ok");
      expect(await storage.getDelivery({ jobId: mine.jobId })).toMatchObject({
        state: "dead",
        settledAt: T0,
      });
      expect(await storage.prune({ max: 9, now: T0 + HOUR - 1 })).toEqual({ pruned: 0 });
      expect(await claim(storage, { now: T0 + HOUR })).toEqual({ claims: [], nextInMs: null });
      expect(await storage.replayDelivery({ jobId: mine.jobId, now: T0 })).toBe("replayed");
      expect(await storage.replayDelivery({ jobId: mine.jobId, now: T0 })).toBe("pending");
      const { claims } = await claim(storage);
      expect(claims).toMatchObject([{ delivery: { tries: 1, settledAt: null, attempts: [REFUSED] } }]);
      expect(sealedIn(claims)).toEqual([[...SEALED]]);
    });

    test("after a delivery goes where the replay says", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      const mine = await claimed(fixture);
      await storage.settleDelivery({ ...mine, outcome: { kind: "delivered" }, attempt: TAKEN, now: T0 });
      const webhook = aWebhook({ target: "https://b.test:443", sealed: bytes("another") });
      expect(await storage.replayDelivery({ jobId: mine.jobId, webhook, now: T0 })).toBe("replayed");
      const { claims } = await claim(storage);
      expect(claims[0]?.delivery).toMatchObject({ target: webhook.target, attempts: [TAKEN] });
      expect(Buffer.from(claims[0]?.sealed ?? []).toString()).toBe("another");
    });
  });

  describe("deliveries", () => {
    test("are listed page by page, that of the newest job first, and by their state", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      const all = await owed(
        fixture,
        Array.from({ length: 7 }, () => aWebhook()),
        ONE_QUEUE,
      );
      for (const [n, mine] of (await claim(storage)).claims.entries()) {
        if (n > 3) continue;
        const outcome = n < 2 ? ({ kind: "delivered" } as const) : ({ kind: "dead", keepMs: 0 } as const);
        await storage.settleDelivery({
          ...mine,
          jobId: mine.delivery.jobId,
          outcome,
          attempt: null,
          now: T0,
        });
      }
      const page = async (params: Partial<Parameters<DeliveryStore["listDeliveries"]>[0]>) => {
        const { deliveries, next } = await storage.listDeliveries({ limit: 3, ...params });
        return [deliveries.map(({ jobId }) => all.indexOf(jobId)), next === null ? null : all.indexOf(next)];
      };
      expect(await page({})).toEqual([[6, 5, 4], 4]);
      expect(await page({ after: all[4] as string })).toEqual([[3, 2, 1], 1]);
      expect(await page({ after: all[1] as string })).toEqual([[0], null]);
      expect(await page({ state: "pending" })).toEqual([[6, 5, 4], null]);
      expect(await page({ state: "dead" })).toEqual([[3, 2], null]);
      expect(await page({ state: "delivered", limit: 1 })).toEqual([[1], 1]);
      expect(await page({ state: "delivered", limit: 1, after: all[1] as string })).toEqual([[0], null]);
    });

    test.each([...FINAL_STATUSES])(
      "keep their %s job until they are made, and go with it",
      async (status) => {
        const { storage, make, footprint } = await setup();
        const worker = await make.worker();
        const empty = await footprint();
        const { id } = await (status === "cancelled"
          ? make.inStatus(status, { resultTtlMs: 0, webhook: aWebhook() })
          : endedOn(status, { worker, webhook: aWebhook() }));
        const later = await make.inStatus("cancelled", { resultTtlMs: 1 });
        expect(await storage.prune({ max: 9, now: T0 + SECOND })).toEqual({ pruned: 1 });
        expect(await storage.get({ ids: [id, later.id] })).toMatchObject([{ id, status }, null]);
        const [mine] = (await claim(storage, { now: T0 + SECOND })).claims;
        const outcome = { kind: "delivered" } as const;
        const told = { jobId: id, claim: mine?.claim ?? 0, outcome, attempt: TAKEN, now: T0 + SECOND };
        expect(await storage.settleDelivery(told)).toBe("ok");
        expect(await storage.prune({ max: 9, now: T0 + SECOND + OWED_MS })).toEqual({ pruned: 1 });
        expect(await storage.getDelivery({ jobId: id })).toBeNull();
        expect(await storage.replayDelivery({ jobId: id, webhook: aWebhook(), now: T0 })).toBe("unknown");
        expect(await storage.settleDelivery(told)).toBe("lost");
        await storage.prune({ max: 9, now: Date.now() + HOUR });
        expect(await footprint()).toBe(empty);

        async function endedOn(
          as: "finished" | "failed",
          { worker, webhook }: { worker: Parameters<typeof make.claim>[0]; webhook: NewWebhook },
        ) {
          const { token } = await make.started({ resultTtlMs: 0, webhook }, worker);
          await make.settle(token, as === "finished" ? succeeded() : failed(DEVICE_AWAY));
          return token;
        }
      },
    );

    test("are counted while they are owed, and when they are dead", async () => {
      const fixture = await setup();
      const { storage } = fixture;
      expect(await storage.countDeliveries()).toEqual({ pending: 0, dead: 0, firstDueAt: null });
      const [first = "", second = ""] = await owed(
        fixture,
        Array.from({ length: 4 }, (_, n) => aWebhook({ target: `https://${n % 2}.test:443` })),
        ONE_QUEUE,
      );
      expect(await storage.countDeliveries()).toEqual({ pending: 4, dead: 0, firstDueAt: T0 - 3 });
      const { claims } = await claim(storage, { max: 2, perTarget: 1 });
      // What is being sent is due with the end of its lease.
      expect(await storage.countDeliveries()).toEqual({ pending: 4, dead: 0, firstDueAt: T0 - 1 });
      const end = async (jobId: string, outcome: DeliveryOutcome) => {
        const mine = claims.find(({ delivery }) => delivery.jobId === jobId)?.claim ?? 0;
        const told = { jobId, claim: mine, outcome, attempt: null, now: T0 };
        expect(await storage.settleDelivery(told)).toBe("ok");
      };
      await end(first, { kind: "delivered" });
      await end(second, { kind: "dead", keepMs: HOUR });
      expect(await storage.countDeliveries()).toEqual({ pending: 2, dead: 1, firstDueAt: T0 - 1 });
      await claim(storage, { now: T0 });
      expect(await storage.countDeliveries()).toEqual({ pending: 2, dead: 1, firstDueAt: T0 + 6 * SECOND });
      await storage.replayDelivery({ jobId: second, now: T0 + SECOND });
      expect(await storage.countDeliveries()).toEqual({ pending: 3, dead: 0, firstDueAt: T0 + SECOND });
    });

    test("that are pending keep no more than their own jobs from being forgotten", async () => {
      const fixture = await setup();
      const { storage, make } = fixture;
      await owed(
        fixture,
        Array.from({ length: 260 }, () => aWebhook()),
        { resultTtlMs: 0, queue: "q" },
      );
      await make.queuedAll(Array.from({ length: 30 }, () => ({ resultTtlMs: SECOND, queue: "q" })));
      await storage.cancelQueued({ op: make.op(), filter: { status: "queued" }, now: T0 });
      let pruned = 0;
      for (let round = 0; round < 3; round++) {
        pruned += (await storage.prune({ max: 500, now: T0 + 2 * SECOND })).pruned;
      }
      expect(pruned).toBe(30);
      expect(await storage.counts()).toMatchObject({ cancelled: 260 });
    });
  });
}
