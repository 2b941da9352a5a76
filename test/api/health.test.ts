import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { requestMeter } from "../../src/api/modules/health/meter.ts";
import { HealthSchema } from "../../src/api/modules/health/schema.ts";
import { VERSION } from "../../src/observe/version.ts";
import { FakeClock } from "../support/clock.ts";
import { TestApi } from "./client.ts";
import { HEALTHY } from "./memory-engine.ts";

const SICK = { ...HEALTHY, ok: false, down: ["storage: disk I/O error"] };

describe("GET /health", () => {
  test('is 200 and "ok", as the document shows', async () => {
    const { status, envelope } = await new TestApi().get("/health");
    expect(status).toBe(200);
    expect(envelope).toEqual({ code: 200, message: "success", data: "ok" });
  });

  test("is 503 with what is down", async () => {
    const api = new TestApi();
    api.engine.report = async () => SICK;
    const { status, envelope, headers } = await api.get("/health");
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("1");
    expect(envelope).toEqual({
      code: -1,
      message: "not healthy: storage: disk I/O error",
      data: ["storage: disk I/O error"],
    });
  });

  test("?verbose=true tells about each part", async () => {
    const api = new TestApi();
    await api.get("/job");
    await api.clock.advance(1500);
    const { data } = await api.get("/health?verbose=true");
    expect(data).toEqual({
      status: "ok",
      down: [],
      version: VERSION,
      uptime: 1.5,
      storage: { name: "sqlite", ok: true, latency: 0.0003, size_bytes: 4096 },
      api: {
        ok: true,
        requests: 1,
        error_rate: 0,
        max_error_rate: 0.05,
        latency_p50: 0.001,
        latency_p99: 0.001,
      },
      workers: { busy: 1, idle: 7, suspended: 0, dead: 0, oldest_heartbeat: "2024-01-01T12:00:00.000+08:00" },
      queues: [{ queue: "FifoQ", depth: 3, oldest_age: 3.5 }],
      jobs: { queued: 3, started: 1, finished: 5, failed: 1, cancelled: 0 },
    });
    expect(Value.Check(HealthSchema, data)).toBe(true);
  });

  test("?verbose=true tells as much when something is down", async () => {
    const api = new TestApi();
    api.engine.report = async () => SICK;
    const { status, data } = await api.get("/health?verbose=true");
    expect(status).toBe(503);
    expect(data).toMatchObject({ status: "down", down: ["storage: disk I/O error"], version: VERSION });
    expect(Value.Check(HealthSchema, data)).toBe(true);
  });

  test("counts as degraded, not as down, while too many requests fail", async () => {
    const api = new TestApi();
    api.engine.fault = new Error("a bug");
    await api.get("/job");
    const { status, data } = await api.get("/health?verbose=true");
    expect(status).toBe(200);
    expect(data).toMatchObject({ status: "degraded", api: { ok: false, error_rate: 1 } });
    await api.clock.advance(61_000);
    expect((await api.get("/health?verbose=true")).data.status).toBe("ok");
  });

  test("names the hundred deepest queues only", async () => {
    const api = new TestApi();
    const queues = Array.from({ length: 150 }, (_, i) => ({ queue: `pinned_${i}`, depth: i, oldestAt: 0 }));
    api.engine.report = async () => ({ ...HEALTHY, queues });
    const { data } = await api.get("/health?verbose=true");
    expect(data.queues).toHaveLength(100);
    expect(data.queues[0].queue).toBe("pinned_149");
  });

  test("asks at most once a second, and once for all who ask at a time", async () => {
    const api = new TestApi();
    let asked = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    api.engine.report = async () => {
      asked++;
      await promise;
      return HEALTHY;
    };
    const answers = [api.get("/health"), api.get("/readyz"), api.get("/health")];
    resolve();
    for (const answer of answers) expect((await answer).status).toBe(200);
    await api.clock.advance(999);
    await api.get("/health");
    expect(asked).toBe(1);
    await api.clock.advance(1);
    await api.get("/health");
    expect(asked).toBe(2);
  });

  test("asks soon again while a server starts, for some seconds at most", async () => {
    const api = new TestApi();
    let asked = 0;
    api.engine.report = async () => {
      asked++;
      return SICK;
    };
    await api.get("/health");
    await api.clock.advance(20);
    await api.get("/health");
    expect(asked).toBe(2);
    await api.clock.advance(10_000);
    await api.get("/health");
    await api.clock.advance(999);
    await api.get("/health");
    expect(asked).toBe(3);
    api.engine.report = async () => HEALTHY;
    await api.clock.advance(1);
    expect((await api.get("/health")).status).toBe(200);
  });

  test("does not hang with a check that hangs", async () => {
    const api = new TestApi();
    api.engine.report = () => new Promise(() => {});
    const answer = api.get("/health");
    await api.clock.advance(5000);
    const { status, data } = await answer;
    expect(status).toBe(503);
    expect(data).toEqual(["health: no answer within 5 s"]);
  });

  test("is 503 when the check itself fails", async () => {
    const api = new TestApi();
    api.engine.report = () => Promise.reject(new Error("a bug"));
    expect((await api.get("/health")).status).toBe(503);
    expect(api.log).toContain("the health check failed");
    expect(Value.Check(HealthSchema, (await api.get("/health?verbose=true")).data)).toBe(true);
  });

  test("changes of state are logged, and only those", async () => {
    const api = new TestApi();
    const states = [HEALTHY, SICK, SICK, HEALTHY, HEALTHY];
    for (const state of states) {
      api.engine.report = async () => state;
      await api.get("/health");
      await api.clock.advance(1000);
    }
    const messages = api.logged.map((line) => JSON.parse(line)).filter(({ level }) => level !== "debug");
    expect(messages.map(({ level, message, reason }) => [level, message, reason])).toEqual([
      ["warn", "not healthy", "storage: disk I/O error"],
      ["info", "healthy again", undefined],
    ]);
  });

  test.each(["/health?verbos=true", "/health?verbose=yes"])("%s is refused", async (path) => {
    expect((await new TestApi().get(path)).status).toBe(422);
  });
});

describe("probes without a key", () => {
  test("/livez says that the process answers, whatever is down", async () => {
    const api = new TestApi();
    api.engine.report = async () => SICK;
    expect((await api.get("/livez", { key: null })).envelope).toEqual({
      code: 200,
      message: "success",
      data: "ok",
    });
  });

  test.each(["/livez?verbose=true", "/readyz?x=1"])("%s is refused: they take no parameter", async (path) => {
    const answer = await new TestApi().get(path, { key: null });
    expect([answer.status, answer.message.split(":")[0]]).toEqual([422, "wrong parameter"]);
  });

  test("/readyz says whether it should get requests, and nothing else", async () => {
    const api = new TestApi();
    expect((await api.get("/readyz", { key: null })).status).toBe(200);
    api.engine.report = async () => SICK;
    await api.clock.advance(1000);
    const { status, envelope, headers } = await api.get("/readyz", { key: null });
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("1");
    expect(envelope).toEqual({ code: -1, message: "not ready", data: null });
  });
});

describe("the request meter", () => {
  test("knows share of errors and latency of the last minute", async () => {
    const clock = new FakeClock();
    const meter = requestMeter(clock);
    for (let i = 0; i < 98; i++) meter.record(200, 3);
    meter.record(500, 400);
    meter.record(503, 90_000);
    expect(meter.read()).toEqual({ requests: 100, error_rate: 0.02, latency_p50: 0.005, latency_p99: 0.5 });
    await clock.advance(59_000);
    meter.record(200, 1);
    expect(meter.read().requests).toBe(101);
    await clock.advance(1000);
    expect(meter.read()).toEqual({ requests: 1, error_rate: 0, latency_p50: 0.001, latency_p99: 0.001 });
  });

  test("that saw nothing says so", () => {
    expect(requestMeter(new FakeClock()).read()).toEqual({
      requests: 0,
      error_rate: 0,
      latency_p50: null,
      latency_p99: null,
    });
  });

  test("long polls say nothing about latency", async () => {
    const api = new TestApi();
    await api.get("/job?id=job_1&wait=1");
    expect((await api.get("/health?verbose=true")).data.api.requests).toBe(0);
  });
});
