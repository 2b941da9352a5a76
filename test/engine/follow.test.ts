import { afterEach, describe, expect, test } from "bun:test";
import { encodeFrame, type OutputFrame } from "../../src/core/output-log.ts";
import { follow, type JobEvent, type OutputPlace } from "../../src/engine/follow.ts";
import { JobWatch } from "../../src/engine/job-watch.ts";
import { openStorage } from "../../src/storage/open.ts";
import { retryLater, type Storage, succeeded } from "../../src/storage/storage.ts";
import { FakeClock } from "../support/clock.ts";
import { bytes, DEVICE_AWAY, Factory, T0 } from "../support/factory.ts";
import { tempDir } from "../support/tempdir.ts";
import { bind } from "../support/world.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function aStore({ hints = true } = {}) {
  const dir = tempDir("follow");
  const clock = new FakeClock(T0);
  const store = await openStorage({ url: `sqlite:${dir.file("test.db")}`, clock, synchronous: "normal" });
  await store.migrate();
  const storage: Storage = hints ? store : { ...bind(store), subscribe: () => () => {} };
  const watch = new JobWatch(storage, clock);
  await watch.start();
  ends.push(async () => {
    await watch.stop();
    await store.close();
    dir.remove();
  });
  const left = new AbortController();
  const events = (id: string, from: OutputPlace | null = null) =>
    follow({ storage, watch }, { id, from, signal: left.signal });
  return { clock, storage: store, make: new Factory(store), events, left };
}

const printed = (text: string, index = 0): OutputFrame => ({ kind: "data", index, stream: "stdout", text });
const log = (...frames: OutputFrame[]) => bytes(frames.map(encodeFrame).join(""));

async function all(events: AsyncGenerator<JobEvent, void>): Promise<JobEvent[]> {
  const found: JobEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

/** What events say, in short. */
function told(events: JobEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind === "state") return [event.job.status];
    if (event.kind === "reset") return ["reset"];
    return event.frames.map(({ frame }) => (frame.kind === "data" ? frame.text : frame.kind));
  });
}

describe("follow", () => {
  test("tells states and output as they come, to the end", async () => {
    const { storage, make, events } = await aStore();
    const worker = await make.worker();
    const { id } = await make.queued();
    const happening = events(id);
    const next = async () => told([(await happening.next()).value as JobEvent]);
    expect(await next()).toEqual(["queued"]);
    const waiting = next();
    const { token } = await make.mustClaim(worker);
    expect(await waiting).toEqual(["started"]);
    const output = next();
    const first = log(printed("one"));
    await storage.appendOutput({ token, offset: 0, bytes: first });
    expect(await output).toEqual(["one"]);
    const more = next();
    const settlements = [
      { token, outcome: succeeded(), tail: log(printed("two")), tailOffset: first.length },
    ];
    await storage.settle({ settlements });
    expect(await more).toEqual(["two"]);
    expect(await next()).toEqual(["finished"]);
    expect((await happening.next()).done).toBe(true);
  });

  test("of a job that has ended all at once", async () => {
    const { make, events } = await aStore();
    const { token } = await make.started();
    await make.settle(token, succeeded(), { tail: encodeFrame(printed("all")) });
    expect(told(await all(events(token.id)))).toEqual(["all", "finished"]);
  });

  test("goes on behind a place", async () => {
    const { make, events } = await aStore();
    const { token } = await make.started();
    const tail = ["one", "two", "three"].map((text) => encodeFrame(printed(text))).join("");
    await make.settle(token, succeeded(), { tail });
    const [first] = await all(events(token.id));
    if (first?.kind !== "output") throw new Error("no output");
    for (const [n, { place }] of first.frames.entries()) {
      expect(told(await all(events(token.id, place)))).toEqual([...["two", "three"].slice(n), "finished"]);
    }
  });

  test.each([
    ["within a line", { attempts: 1, offset: 3 }],
    ["beyond the end", { attempts: 1, offset: 9_999 }],
    ["of another run", { attempts: 2, offset: 14 }],
  ])("a place %s counts as none, and that is said", async (_, place) => {
    const { make, events } = await aStore();
    const { token } = await make.started();
    await make.settle(token, succeeded(), { tail: encodeFrame(printed("one")) });
    expect(told(await all(events(token.id, place)))).toEqual(["reset", "one", "finished"]);
  });

  test("takes back what a run printed that is followed by another", async () => {
    const { make, storage, events } = await aStore();
    const worker = await make.worker();
    const { token } = await make.started({ retries: 1 }, worker);
    await storage.appendOutput({ token, offset: 0, bytes: log(printed("one")) });
    const happening = events(token.id);
    expect(told([(await happening.next()).value as JobEvent])).toEqual(["started"]);
    expect(told([(await happening.next()).value as JobEvent])).toEqual(["one"]);
    await make.settle(token, retryLater(DEVICE_AWAY, 0), {
      tail: "",
      tailOffset: log(printed("one")).length,
    });
    const again = await make.mustClaim(worker);
    await make.settle(again.token, succeeded(), { tail: encodeFrame(printed("two")) });
    expect(told(await all(happening))).toEqual(["reset", "two", "finished"]);
  });

  test("more than a slice, and lines longer than one, come whole and in order", async () => {
    const { make, events } = await aStore();
    const { token } = await make.started();
    const texts = [
      "a".repeat(300_000),
      ...Array.from({ length: 500 }, (_, n) => `${n} ${"b".repeat(1_000)}`),
    ];
    await make.settle(token, succeeded(), { tail: texts.map((text) => encodeFrame(printed(text))).join("") });
    expect(told(await all(events(token.id)))).toEqual([...texts, "finished"]);
  });

  test("characters of several bytes do not shift the place", async () => {
    const { make, events } = await aStore();
    const { token } = await make.started();
    const tail = encodeFrame(printed("grüße 🙂")) + encodeFrame(printed("two"));
    await make.settle(token, succeeded(), { tail });
    const [first] = await all(events(token.id));
    const place = first?.kind === "output" ? first.frames[0]?.place : undefined;
    expect(told(await all(events(token.id, place ?? null)))).toEqual(["two", "finished"]);
  });

  test("finds within a second what no hint has told", async () => {
    const { make, clock, events } = await aStore({ hints: false });
    const { token } = await make.started();
    const happening = events(token.id);
    await happening.next();
    const end = all(happening);
    await make.settle(token, succeeded());
    await clock.advance(1_000);
    expect(told(await end)).toEqual(["finished"]);
  });

  test("ends when nobody listens any more, and when the job is forgotten", async () => {
    const { make, storage, clock, events, left } = await aStore();
    const { id } = await make.queued();
    const forgotten = events(id);
    await forgotten.next();
    await storage.cancel({ op: make.op(), id, abort: false, now: T0 });
    await storage.prune({ max: 10, now: T0 + 1e9 });
    await clock.advance(1_000);
    expect((await forgotten.next()).done).toBe(true);
    const listening = events((await make.queued()).id);
    await listening.next();
    const last = listening.next();
    left.abort();
    expect((await last).done).toBe(true);
  });

  test("a job that is not there is not found", async () => {
    const { events } = await aStore();
    await expect(events("job_x").next()).rejects.toThrow("no such job");
  });
});
