import { describe, expect, test } from "bun:test";
import { type JobEvent, Netpulse } from "../../src/client/index.ts";
import { StorageError } from "../../src/core/errors.ts";
import type { JobEvent as EngineEvent } from "../../src/engine/follow.ts";
import { aJob, anEndedJob, NOON } from "../api/memory-engine.ts";
import { FakeClock } from "../support/clock.ts";
import { clientWorld, hasty, scriptedServer } from "./support/api.ts";

const at = (offset: number) => ({ attempts: 1, offset });

/** What a job's engine tells whoever follows from an offset, in order. */
const STORY: (EngineEvent & { after: number })[] = [
  { after: 0, kind: "state", job: aJob({ status: "started" }), place: at(0) },
  {
    after: 0,
    kind: "output",
    frames: [{ frame: { kind: "start", index: 0, at: NOON, command: "show version" }, place: at(10) }],
  },
  {
    after: 10,
    kind: "output",
    frames: [{ frame: { kind: "data", index: 0, stream: "stdout", text: "line 1\n" }, place: at(20) }],
  },
  {
    after: 20,
    kind: "output",
    frames: [{ frame: { kind: "data", index: 0, stream: "stdout", text: "línea 2 😀\n" }, place: at(30) }],
  },
  {
    after: 30,
    kind: "output",
    frames: [{ frame: { kind: "end", index: 0, ok: true, exitStatus: 0, durationMs: 240 }, place: at(40) }],
  },
  { after: 40, kind: "state", job: anEndedJob(), place: at(40) },
];

async function told() {
  const world = await clientWorld();
  const from: (number | null)[] = [];
  world.engine.onFollow = async function* (params) {
    const offset = params.from?.offset ?? 0;
    from.push(params.from?.offset ?? null);
    for (const { after, ...event } of STORY) if (after >= offset) yield event as EngineEvent;
  };
  return { ...world, from };
}

const summary = (events: JobEvent[]) =>
  events.map((event) => (event.type === "output" ? event.data.text : event.type));
const WHOLE = ["state", "command", "line 1\n", "línea 2 😀\n", "command_end", "end"];

describe("the events of a job, from a real API,", () => {
  test("come in order, each with its data, and end with the job", async () => {
    const { client } = await told();
    const events = await Array.fromAsync(client.jobs.events("job_1"));
    expect(summary(events)).toEqual(WHOLE);
    expect(events[1]).toEqual({
      type: "command",
      id: "1-10",
      data: { index: 0, command: "show version", at: "2024-01-01T12:00:00.000+08:00" },
    });
    const end = events.at(-1);
    expect(end).toMatchObject({
      type: "end",
      id: "1-40-end",
      data: { status: "finished", result: { type: "success" } },
    });
  });

  // The head of the answer takes some 300 bytes; the whole stream some 2000.
  test.each([0, 100, 320, 700, 1000, 1100, 1180, 1250])(
    "cut after %p bytes, go on where they were",
    async (bytes) => {
      const { client, way } = await told();
      way.fates = [{ cutAfter: bytes }];
      const events = await Array.fromAsync(client.jobs.events("job_1"));
      expect(way.requests).toHaveLength(2);
      // The job's status is told again at each begin; nothing that was printed is.
      const once = summary(events).filter(
        (name, place, names) => name !== "state" || names.indexOf(name) === place,
      );
      expect(once).toEqual(WHOLE);
    },
  );

  test("go on from the place that the caller kept", async () => {
    const { client, from } = await told();
    const events = await Array.fromAsync(client.jobs.events("job_1", { lastEventId: "1-20" }));
    expect(from).toEqual([20]);
    expect(summary(events)).toEqual(["línea 2 😀\n", "command_end", "end"]);
  });

  test("are over for who comes back behind the last one", async () => {
    const { client, way } = await told();
    expect(await Array.fromAsync(client.jobs.events("job_1", { lastEventId: "1-40-end" }))).toEqual([]);
    expect(way.requests).toHaveLength(1);
  });

  test("wait for a store that is away", async () => {
    const { client, engine } = await told();
    engine.fault = new StorageError("unavailable", "gone");
    const first = client.jobs.events("job_1").next();
    const listed: unknown = await client.jobs.list({}, { retryForMs: 0 }).catch((error: unknown) => error);
    expect(listed).toMatchObject({ status: 503 });
    engine.fault = null;
    expect((await first).value).toMatchObject({ type: "state" });
  });

  test("let the connection go when the caller stops listening", async () => {
    const { client, engine } = await clientWorld();
    const gone = Promise.withResolvers<void>();
    engine.onFollow = async function* ({ signal }) {
      yield { kind: "state", job: aJob({ status: "started" }), place: at(0) };
      await new Promise<void>((resume) => signal.addEventListener("abort", () => resume()));
      gone.resolve();
    };
    for await (const { type } of client.jobs.events("job_1")) {
      expect(type).toBe("state");
      break;
    }
    await gone.promise;
  });

  test("end with the caller's signal, in the middle of silence", async () => {
    const { client, engine } = await clientWorld();
    engine.onFollow = async function* ({ signal }) {
      yield { kind: "state", job: aJob({ status: "started" }), place: at(0) };
      await new Promise<void>((resume) => signal.addEventListener("abort", () => resume()));
    };
    const left = new AbortController();
    const events = client.jobs.events("job_1", { signal: left.signal });
    await events.next();
    const next = events.next();
    left.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  });

  test("of an unknown job are an error, asked for once", async () => {
    const { client, engine, way } = await clientWorld();
    const { RequestError } = await import("../../src/core/errors.ts");
    engine.fault = new RequestError("not_found", "no such job");
    await expect(client.jobs.events("job_1").next()).rejects.toThrow("no such job");
    expect(way.requests).toHaveLength(1);
  });
});

describe("an event stream of something else", () => {
  const stream = (text: string) => () =>
    new Response(text, { headers: { "content-type": "text/event-stream" } });

  test.each([
    [
      "another type",
      () => Response.json({ code: 200, message: "success", data: null }),
      "is not an event stream",
    ],
    ["no JSON in it", stream("event: state\ndata: hello\n\n"), "not an event of a job"],
    ["a page", () => new Response("<html>"), "is not NetPulse's"],
  ])("with %s is given up", async (_what, answer, message) => {
    const server = scriptedServer(answer);
    const client = new Netpulse({ url: server.url, random: hasty });
    await expect(client.jobs.events("j").next()).rejects.toThrow(message);
    expect(server.requests).toHaveLength(1);
  });
});

describe("by the clock, an event stream", () => {
  /** A client whose connections say what they are given, and then nothing. */
  function silent(...texts: string[]) {
    const clock = new FakeClock();
    const opened: (string | null)[] = [];
    const client = new Netpulse({
      url: "http://np.example",
      clock,
      random: hasty,
      async fetch(_url, { headers, signal }) {
        opened.push(new Headers(headers).get("last-event-id"));
        const text = texts.shift();
        if (text === undefined) return new Response("", { status: 503, headers: { "retry-after": "1" } });
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(new TextEncoder().encode(text));
            signal?.addEventListener("abort", () => controller.error(signal.reason));
          },
        });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      },
    });
    return { clock, opened, client };
  }
  const event = (id: string) => `retry: 2000\n\nevent: state\nid: ${id}\ndata: {}\n\n`;

  test("that is silent for 45 s is opened anew, after the pause that the server wants", async () => {
    const { clock, opened, client } = silent(event("1-7"), event("1-8"));
    const events = client.jobs.events("j");
    expect((await events.next()).value).toMatchObject({ id: "1-7" });
    const next = events.next();
    await clock.advance(45_000);
    expect(opened).toEqual([null]);
    await clock.advance(2_000);
    expect(opened).toEqual([null]);
    await clock.advance(1_000);
    expect(opened).toEqual([null, "1-7"]);
    expect((await next).value).toMatchObject({ id: "1-8" });
  });

  test("that cannot be had again for a minute is given up, and leaves no timer", async () => {
    const { clock, opened, client } = silent(event("1-7"));
    const events = client.jobs.events("j");
    await events.next();
    let error: unknown = null;
    void events.next().catch((thrown: unknown) => {
      error = thrown;
    });
    for (let s = 0; s < 90; s++) await clock.advance(1000);
    expect(error).toBe(null);
    for (let s = 0; s < 40; s++) await clock.advance(1000);
    expect(error).toMatchObject({ name: "Unavailable" });
    expect(opened.length).toBeGreaterThan(4);
    expect(clock.timers).toBe(0);
  });

  test("that ends again and again with nothing in it is given up", async () => {
    const { client, clock } = silent();
    const empty = new Netpulse({
      url: client.url,
      clock,
      random: hasty,
      fetch: async () =>
        new Response("retry: 2000\n\n", { headers: { "content-type": "text/event-stream" } }),
    });
    let error: unknown = null;
    void Array.fromAsync(empty.jobs.events("j")).catch((thrown: unknown) => {
      error = thrown;
    });
    for (let s = 0; s < 30; s++) await clock.advance(1000);
    expect(error).toBe(null);
    for (let s = 0; s < 50; s++) await clock.advance(1000);
    expect(error).toMatchObject({ name: "NetworkError" });
    expect(clock.timers).toBe(0);
  });
});
