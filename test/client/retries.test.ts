import { describe, expect, test } from "bun:test";
import {
  ApiError,
  BadAnswer,
  Conflict,
  Forbidden,
  Netpulse,
  NetworkError,
  NotFound,
  ServerError,
  TooManyRequests,
  Unauthorized,
  Unavailable,
  ValidationError,
} from "../../src/client/index.ts";
import { StorageError } from "../../src/core/errors.ts";
import { KEY } from "../api/client.ts";
import { aJob, anEndedJob } from "../api/memory-engine.ts";
import { FakeClock } from "../support/clock.ts";
import { clientWorld, EXEC, scriptedServer } from "./support/api.ts";

const refusal =
  (status: number, headers: Record<string, string> = {}, data: unknown = null) =>
  () =>
    Response.json({ code: -1, message: `refused with ${status}`, data }, { status, headers });
const success = (data: unknown) => () => Response.json({ code: 200, message: "success", data });

/** The error that a call ends with. */
async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => null,
    (error: unknown) => error,
  );
}

describe("a lost answer", () => {
  test("makes no second job: the repeat has the key of the first", async () => {
    const { client, engine, way } = await clientWorld();
    way.fates = ["dropped", { cutAfter: 40 }];
    const job = await client.devices.exec(EXEC);
    expect(way.requests).toEqual(["POST /device/exec", "POST /device/exec", "POST /device/exec"]);
    expect(engine.all.map(({ id }) => id)).toEqual([job.id]);
    expect(engine.submitted).toHaveLength(1);
  });

  test("of one call has nothing to do with the next call, which is another job", async () => {
    const { client, engine } = await clientWorld();
    const [first, second] = [await client.devices.exec(EXEC), await client.devices.exec(EXEC)];
    expect(first.id).not.toBe(second.id);
    const keys = engine.submitted.map(({ request }) => request.idempotencyKey);
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });

  test("of a program that died is asked for again with a key of its own", async () => {
    const { client, engine } = await clientWorld();
    const [first, again] = [
      await client.devices.exec(EXEC, { idempotencyKey: "order-7" }),
      await client.devices.exec(EXEC, { idempotencyKey: "order-7" }),
    ];
    expect([again.id, engine.all.length]).toEqual([first.id, 1]);
  });

  test("makes no second batch", async () => {
    const { client, engine, way } = await clientWorld();
    way.fates = ["dropped"];
    const { succeeded } = await client.devices.bulk({ ...EXEC, devices: [{ host: "192.0.2.1" }] });
    expect(engine.bulks.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      expect.any(String),
      engine.bulks[0]?.idempotencyKey,
    ]);
    expect(succeeded).toHaveLength(1);
  });

  test("of a reading call is asked for again, cut at any place", async () => {
    const { client, engine, way } = await clientWorld();
    engine.add(anEndedJob());
    way.fates = ["dropped", { cutAfter: 12 }, { cutAfter: 500 }];
    expect((await client.jobs.get("job_1")).status).toBe("finished");
    expect(way.requests).toHaveLength(4);
  });

  test.each<[string, (client: Netpulse) => Promise<unknown>]>([
    ["cancelling one job", (client) => client.jobs.cancel("job_1")],
    ["cancelling what is queued", (client) => client.jobs.cancelWhere({ queue: "FifoQ" })],
    ["stopping workers", (client) => client.workers.stop({ node: "n1" })],
    [
      "testing a device",
      (client) => client.devices.test({ driver: "cli", connection_args: { host: "192.0.2.1" } }),
    ],
    ["forgetting a host key", (client) => client.hostKeys.forget({ host: "192.0.2.1" })],
  ])("after %s is reported: to do it again might do more", async (_what, call) => {
    const { client, engine, way } = await clientWorld();
    engine.add(aJob());
    way.fates = ["dropped"];
    const error = await errorOf(call(client));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ unsent: false, name: "NetworkError" });
    expect(way.requests).toHaveLength(1);
  });

  test("is given up after retryForMs", async () => {
    const { client, way, url } = await clientWorld();
    way.fates = ["dropped", "dropped"];
    expect(await errorOf(client.jobs.list({}, { retryForMs: 0 }))).toBeInstanceOf(NetworkError);
    expect(way.requests).toHaveLength(1);
    expect(url).not.toBe(client.url);
  });
});

describe("an API that is away", () => {
  test("when nothing was sent, any call may be made again", async () => {
    const { client, engine, way, stop, url } = await clientWorld();
    engine.add(aJob());
    await stop();
    const closed = new Netpulse({ url, apiKey: KEY, retryForMs: 0 });
    expect(await errorOf(closed.jobs.cancel("job_1"))).toMatchObject({ name: "NetworkError", unsent: true });
    way.stop();
    let tries = 0;
    const coming = new Netpulse({
      url: client.url,
      apiKey: KEY,
      random: (bytes) => bytes.fill(0),
      fetch: (target, init) => (++tries === 1 ? fetch(target, init) : Promise.resolve(success({})())),
    });
    await coming.jobs.cancel("job_1");
    expect(tries).toBe(2);
  });

  test("a store that comes back is waited for where a repeat does no harm", async () => {
    const { client, engine } = await clientWorld();
    engine.add(anEndedJob());
    engine.fault = new StorageError("unavailable", "gone");
    const read = client.jobs.get("job_1");
    const cancelled = await errorOf(client.jobs.cancel("job_1"));
    expect(cancelled).toBeInstanceOf(Unavailable);
    engine.fault = null;
    expect((await read).id).toBe("job_1");
  });
});

describe("how long it waits", () => {
  /** Tries, and when: milliseconds since the first. */
  async function triesOf(
    answers: (() => Response)[],
    call: (client: Netpulse) => Promise<unknown>,
    random = 0,
  ) {
    const clock = new FakeClock();
    const at: number[] = [];
    const start = clock.monotonic();
    const client = new Netpulse({
      url: "http://netpulse.example",
      apiKey: KEY,
      clock,
      random: (bytes) => bytes.fill(random),
      async fetch() {
        at.push(clock.monotonic() - start);
        return (answers.shift() ?? success([{ id: "job_1" }]))();
      },
    });
    let ended = false;
    const error = errorOf(call(client));
    void error.then(() => {
      ended = true;
    });
    for (let step = 0; step < 10_000 && !ended; step++) await clock.advance(step === 0 ? 0 : 10);
    return { at, clock, error: await error };
  }
  const times = (count: number, answer: () => Response) => Array.from({ length: count }, () => answer);

  test("grows, half of it random", async () => {
    const slow = (answers: (() => Response)[], random: number) =>
      triesOf(answers, (client) => client.jobs.get("job_1"), random);
    expect((await slow(times(3, refusal(503)), 0)).at).toEqual([0, 100, 300, 700]);
    const { at } = await slow(times(3, refusal(503)), 255);
    expect(at.map((ms) => Math.round(ms))).toEqual([0, 200, 600, 1400]);
  });

  test("is never shorter than Retry-After asks for, as seconds and as a date", async () => {
    const inFour = new Date(Date.UTC(2024, 0, 1) + 6000).toUTCString();
    const answers = [refusal(429, { "retry-after": "2" }), refusal(503, { "retry-after": inFour })];
    const { at } = await triesOf(answers, (client) => client.jobs.get("job_1"));
    expect(at[1]).toBe(2100);
    // 6 s after the clock's begin, and the pause of a second try.
    expect(at[2]).toBe(6200);
  });

  test("ends where Retry-After is later than it may be tried", async () => {
    const answers = [refusal(429, { "retry-after": "3600" })];
    const { at, error, clock } = await triesOf(answers, (client) => client.jobs.get("job_1"));
    expect(at).toEqual([0]);
    expect(error).toMatchObject({ status: 429, retryAfterMs: 3_600_000 });
    expect(clock.timers).toBe(0);
  });

  test("ends after retryForMs with the last error, and leaves no timer", async () => {
    const { at, error, clock } = await triesOf(times(50, refusal(503)), (client) => client.jobs.get("job_1"));
    expect(error).toBeInstanceOf(Unavailable);
    expect(at.length).toBeGreaterThan(5);
    expect(at.at(-1)).toBeLessThanOrEqual(15_000);
    expect(clock.timers).toBe(0);
  });

  test("429 comes before anything is done, so any call is made again after it", async () => {
    const { at } = await triesOf([refusal(429)], (client) => client.jobs.cancel("job_1"));
    expect(at).toHaveLength(2);
  });

  test("one try that gets no answer is over after timeoutMs", async () => {
    const clock = new FakeClock();
    const hanging = new Netpulse({
      url: "http://netpulse.example",
      clock,
      timeoutMs: 5000,
      retryForMs: 0,
      fetch: (_url, { signal }) =>
        new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    });
    const error = errorOf(hanging.jobs.get("job_1"));
    await clock.advance(5000);
    expect(await error).toMatchObject({
      name: "NetworkError",
      message: "no answer within 5 s",
      unsent: false,
    });
    expect(clock.timers).toBe(0);
  });

  test("the caller's signal ends a try and a pause, with its reason", async () => {
    const clock = new FakeClock();
    const left = new AbortController();
    const client = new Netpulse({ url: "http://np.example", clock, fetch: async () => refusal(503)() });
    const error = errorOf(client.jobs.get("job_1", { signal: left.signal }));
    await clock.settle();
    expect(clock.timers).toBe(1);
    left.abort(new Error("enough"));
    expect(await error).toEqual(new Error("enough"));
    expect(clock.timers).toBe(0);
    expect(await errorOf(client.jobs.get("job_1", { signal: left.signal }))).toEqual(new Error("enough"));
  });
});

describe("a refusal", () => {
  test.each<[number, new (refusal: never) => ApiError]>([
    [400, ApiError],
    [401, Unauthorized],
    [403, Forbidden],
    [404, NotFound],
    [409, Conflict],
    [413, ApiError],
    [422, ValidationError],
    [429, TooManyRequests],
    [500, ServerError],
    [502, Unavailable],
    [503, Unavailable],
    [504, Unavailable],
  ])("with %p is an error of its own class, with what the API said", async (status, Class) => {
    const server = scriptedServer(refusal(status));
    const client = new Netpulse({ url: server.url, apiKey: KEY, retryForMs: 0 });
    const error = await errorOf(client.jobs.get("job_1"));
    expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({ name: Class.name, status, message: `refused with ${status}` });
    expect(server.requests).toHaveLength(1);
  });

  test("of the real API names every wrong field, and not what stood in them", async () => {
    const { client } = await clientWorld();
    const wrong = { ...EXEC, retries: -1, passwrd: "s3cret" };
    const error = await errorOf(client.devices.exec(wrong as typeof EXEC));
    if (!(error instanceof ValidationError)) throw error;
    expect(error.fields.map(({ loc }) => loc.join("."))).toEqual(
      expect.arrayContaining(["body.passwrd", "body.retries"]),
    );
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain("s3cret");
  });

  test("of the real API for a wrong key is Unauthorized", async () => {
    const { url } = await clientWorld();
    const client = new Netpulse({ url, apiKey: "wrong" });
    expect(await errorOf(client.jobs.list())).toMatchObject({
      name: "Unauthorized",
      message: "wrong API key",
    });
  });

  test("by something in between is one as well", async () => {
    const page = (status: number) => () => new Response("<html>Bad Gateway", { status });
    const server = scriptedServer(page(502), page(404), () => new Response("<html>Welcome"));
    const client = new Netpulse({ url: server.url, retryForMs: 0 });
    expect(await errorOf(client.jobs.get("a"))).toMatchObject({ name: "Unavailable", status: 502 });
    expect(await errorOf(client.jobs.get("a"))).toBeInstanceOf(BadAnswer);
    expect(await errorOf(client.jobs.get("a"))).toMatchObject({
      name: "BadAnswer",
      message: "the answer (200) is not NetPulse's; check the URL",
    });
  });

  test("a redirect is not followed: the key would go along", async () => {
    const other = scriptedServer(success([]));
    const server = scriptedServer(() => Response.redirect(`${other.url}/job`, 302));
    const error = await errorOf(new Netpulse({ url: server.url, apiKey: KEY }).jobs.list());
    expect(error).toMatchObject({ name: "BadAnswer", status: 302 });
    expect(other.requests).toEqual([]);
  });
});

describe("what it is made with", () => {
  test("the key goes into a header, the path before the routes", async () => {
    const server = scriptedServer(success([]), success([]));
    await new Netpulse({ url: `${server.url}/netpulse/`, apiKey: KEY }).jobs.list({ host: "a b" });
    await new Netpulse({ url: server.url }).jobs.list();
    const [request, keyless] = server.requests;
    expect(request?.headers.get("x-api-key")).toBe(KEY);
    expect(request?.url).toBe(`${server.url}/netpulse/job?host=a+b`);
    expect(keyless?.headers.has("x-api-key")).toBe(false);
  });

  test("ids stay in their segment of the path", async () => {
    const server = scriptedServer(refusal(404));
    const client = new Netpulse({ url: server.url });
    await errorOf(client.batches.get("../job?x=#"));
    expect(server.requests[0]?.url).toBe(`${server.url}/batch/..%2Fjob%3Fx%3D%23?limit=1&result=false`);
  });

  test.each(["netpulse", "ftp://netpulse", "http://user:s3cret@netpulse", ""])("no URL: %p", (url) => {
    expect(() => new Netpulse({ url })).toThrow(/^the URL of NetPulse must/);
  });

  test.each(["", "two words", "s3cret\n", "s3crét"])("no key: %p, which is not said again", (apiKey) => {
    expect(() => new Netpulse({ url: "http://netpulse", apiKey })).toThrow(/^an API key has printable/);
  });
});
