import { describe, expect, test } from "bun:test";
import { prefersMetrics } from "../../src/api/modules/metrics/accept.ts";
import { FIFO_QUEUE } from "../../src/core/job.ts";
import { JobTimes } from "../../src/engine/job-times.ts";
import { VERSION } from "../../src/observe/version.ts";
import { nodeReport } from "../../src/worker/node-report.ts";
import { readMetrics } from "../support/prometheus.ts";
import { type CallOptions, request, TestApi } from "./client.ts";
import { HEALTHY, NOON } from "./memory-engine.ts";

const PROMETHEUS =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

const answer = (api: TestApi, path: string, options?: CallOptions) =>
  api.api.handle(request("GET", path, options));

/** A name that must be escaped. */
const hostile = 'a "b" \\';

async function scrape(api: TestApi) {
  const response = await answer(api, "/metrics");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return await readMetrics(await response.text());
}

describe("metrics", () => {
  test("say what the store says", async () => {
    const series = Object.fromEntries(await scrape(new TestApi()));
    expect(series).toMatchObject({
      netpulse_up: 1,
      [`netpulse_build_info{version="${VERSION}"}`]: 1,
      'netpulse_storage_up{store="sqlite"}': 1,
      netpulse_storage_latency_seconds: 0.0003,
      netpulse_storage_size_bytes: 4096,
      'netpulse_jobs{status="queued"}': 3,
      'netpulse_jobs{status="cancelled"}': 0,
      'netpulse_workers{status="idle"}': 7,
      'netpulse_sessions{state="connected"}': 2,
      netpulse_oldest_heartbeat_age_seconds: 0,
      'netpulse_queue_depth{kind="fifo"}': 3,
      'netpulse_queue_depth{kind="pinned"}': 0,
      'netpulse_queue_oldest_age_seconds{kind="fifo"}': 2,
      'netpulse_queue_oldest_age_seconds{kind="pinned"}': 0,
      'netpulse_webhook_deliveries{state="pending"}': 4,
      'netpulse_webhook_deliveries{state="dead"}': 1,
      netpulse_webhook_overdue_seconds: 3,
    });
    expect(series.netpulse_process_resident_memory_bytes).toBeGreaterThan(1e6);
    expect(series.netpulse_process_cpu_seconds_total).toBeGreaterThan(0);
  });

  test("say of each node what it told, and leave out what it did not", async () => {
    const series = Object.fromEntries(await scrape(new TestApi()));
    const ofNodes = Object.entries(series).filter(([name]) => name.startsWith("netpulse_node_"));
    expect(Object.fromEntries(ofNodes)).toEqual({
      'netpulse_node_heartbeat_age_seconds{node="n1"}': 0.5,
      'netpulse_node_claims_total{node="n1"}': 4,
      'netpulse_node_connects_total{node="n1",result="failed"}': 2,
      'netpulse_node_breakers{node="n1",breaker="device",state="open"}': 1,
    });
  });

  test("of nodes are all there, whatever their names, when they tell all", async () => {
    const api = new TestApi();
    const admission = {
      connects: { begun: 3, opened: 1, failed: 2, loginsRefused: 1 },
      turnedAway: { byDevice: 4, byLogin: 5 },
      breakers: {
        devices: { open: 6, halfOpen: 7, counting: 0 },
        logins: { open: 8, halfOpen: 9, counting: 0 },
      },
      waiting: 10,
    };
    const work = { claims: 11, leaseRenewals: 12, lostRuns: 13, reapedRuns: 14, times: new JobTimes() };
    const report = nodeReport(work, { idle: 15, displaced: 16 }, admission);
    const names = ["n1", 'a "quoted" \\ name'];
    const nodes = names.map((name) => ({ name, silentMs: 0, report }));
    api.engine.report = async () => ({ ...HEALTHY, nodes });
    const series = [...(await scrape(api))].filter(([name]) => name.startsWith("netpulse_node_"));
    const values = series.filter(([name]) => name.includes('node="n1"')).map(([, value]) => value);
    expect(values.toSorted((a, b) => a - b)).toEqual([
      0, 1, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ]);
    expect(series).toHaveLength(2 * values.length);
  });

  test("show the histograms that nodes tell, each with its own bounds", async () => {
    const api = new TestApi();
    const waits = { netmiko: { pinned: [1.5, 0, 2, 1], fifo: [0.25, 1] } };
    const durations = { [hostile]: { success: [7, 1], failed: [0.5, 0, 0, 0] } };
    const nodes = [
      { name: "n1", silentMs: 0, report: { jobTimes: { bounds: [0.5, 1], waits, durations } } },
      { name: "n2", silentMs: 0, report: { jobTimes: { bounds: [300], waits, durations: {} } } },
      { name: "n3", silentMs: 0, report: {} },
    ];
    api.engine.report = async () => ({ ...HEALTHY, nodes });
    const series = [...(await scrape(api))].filter(([name]) => name.startsWith("netpulse_job_"));
    const pinned = (node: string, le = "") => `{node="${node}",driver="netmiko",kind="pinned"${le}}`;
    expect(Object.fromEntries(series)).toMatchObject({
      [`netpulse_job_wait_seconds_bucket${pinned("n1", ',le="0.5"')}`]: 0,
      [`netpulse_job_wait_seconds_bucket${pinned("n1", ',le="1"')}`]: 2,
      [`netpulse_job_wait_seconds_bucket${pinned("n1", ',le="+Inf"')}`]: 3,
      [`netpulse_job_wait_seconds_sum${pinned("n1")}`]: 1.5,
      [`netpulse_job_wait_seconds_count${pinned("n1")}`]: 3,
      [`netpulse_job_wait_seconds_bucket${pinned("n2", ',le="300"')}`]: 0,
    });
    expect(series.filter(([name]) => name.includes("_duration_seconds_count"))).toEqual([
      ['netpulse_job_duration_seconds_count{node="n1",driver="a \\"b\\" \\\\",result="success"}', 1],
      ['netpulse_job_duration_seconds_count{node="n1",driver="a \\"b\\" \\\\",result="failed"}', 0],
    ]);
    expect(series).toHaveLength(2 * 5 + 2 * 4 + 2 * 5);
  });

  test("are as many for ten thousand devices as for none", async () => {
    const api = new TestApi();
    const few = await scrape(api);
    const queues = Array.from({ length: 10_000 }, (_, n) => ({
      queue: `pinned_10.0.${n >> 8}.${n & 255}`,
      depth: 2,
      oldestAt: NOON - n,
    }));
    const many = new TestApi();
    many.engine.report = async () => ({
      ...HEALTHY,
      queues: [...queues, { queue: FIFO_QUEUE, depth: 1, oldestAt: NOON }],
    });
    const series = await scrape(many);
    expect([...series.keys()]).toEqual([...few.keys()]);
    expect(Object.fromEntries(series)).toMatchObject({
      'netpulse_queues{kind="pinned"}': 10_000,
      'netpulse_queue_depth{kind="pinned"}': 20_000,
      'netpulse_queue_depth{kind="fifo"}': 1,
      'netpulse_queue_oldest_age_seconds{kind="pinned"}': 9.999,
    });
  });

  test("are answered when something is down, and say nothing of what is not known", async () => {
    const api = new TestApi();
    const storage = { name: "redis", ok: false, latencyMs: null, sizeBytes: null };
    api.engine.report = async () => ({ ...HEALTHY, ok: false, down: ["storage: away"], storage });
    const series = await scrape(api);
    expect(series.get("netpulse_up")).toBe(0);
    expect(series.get('netpulse_storage_up{store="redis"}')).toBe(0);
    const unknown = [...series.keys()].filter((name) =>
      /_(jobs|workers|queue|sessions|storage_latency)/.test(name),
    );
    expect(unknown).toEqual([]);
  });

  test("are answered when the health check itself fails", async () => {
    const api = new TestApi();
    api.engine.report = () => Promise.reject(new Error("a fault"));
    expect((await scrape(api)).get("netpulse_up")).toBe(0);
  });

  test("count requests by method, route and class of status", async () => {
    const api = new TestApi();
    await api.get("/job");
    await api.get("/job?limit=0");
    await api.get("/worker");
    await api.get("/worker");
    expect(Object.fromEntries(await scrape(api))).toMatchObject({
      'netpulse_http_requests_total{method="GET",route="/job",status="2xx"}': 1,
      'netpulse_http_requests_total{method="GET",route="/job",status="4xx"}': 1,
      'netpulse_http_requests_total{method="GET",route="/worker",status="2xx"}': 2,
      'netpulse_http_request_duration_seconds_count{route="/worker",status="2xx"}': 2,
      'netpulse_http_request_duration_seconds_bucket{le="+Inf",route="/worker",status="2xx"}': 2,
    });
  });

  test("make no series of what a stranger asks for", async () => {
    const api = new TestApi();
    for (let n = 0; n < 50; n++) await api.call("GET", `/nothing/${n}`, { key: null });
    await api.call("PROPFIND", '/job"} 1');
    const counted = [...(await scrape(api)).keys()].filter((name) =>
      name.startsWith("netpulse_http_requests_total"),
    );
    expect(counted.toSorted()).toEqual([
      'netpulse_http_requests_total{method="GET",route="other",status="4xx"}',
      'netpulse_http_requests_total{method="other",route="other",status="4xx"}',
    ]);
  });

  test("take no time that a request was held on purpose for latency", async () => {
    const api = new TestApi();
    await api.get("/job?id=job_1&wait=1");
    const series = await scrape(api);
    expect(series.get('netpulse_http_requests_total{method="GET",route="/job",status="4xx"}')).toBe(1);
    expect(series.has('netpulse_http_request_duration_seconds_count{route="/job",status="4xx"}')).toBe(false);
  });

  test("need the key, and take no parameters", async () => {
    const api = new TestApi();
    expect((await api.get("/metrics", { key: null })).status).toBe(401);
    expect(
      (await answer(api, "/metrics", { key: null, headers: { authorization: "Bearer wrong" } })).status,
    ).toBe(401);
    expect((await api.get("/metrics?name=x")).status).toBe(422);
  });
});

describe("/health", () => {
  test("answers metrics to Prometheus, with 200 whatever is down, and JSON to others", async () => {
    const api = new TestApi();
    api.engine.report = async () => ({ ...HEALTHY, ok: false, down: ["workers: none"] });
    const metrics = await answer(api, "/health", { headers: { accept: PROMETHEUS } });
    expect(metrics.status).toBe(200);
    expect((await readMetrics(await metrics.text())).get("netpulse_up")).toBe(0);
    const json = await api.get("/health", { headers: { accept: "application/json, text/plain, */*" } });
    expect([json.status, json.code]).toEqual([503, -1]);
  });

  test.each([
    [null, false],
    ["*/*", false],
    ["application/json", false],
    ["application/json, text/plain, */*", false],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false],
    ["text/plain;q=0.5, application/json;q=0.9", false],
    ["text/plain;q=0, */*;q=0.1", false],
    ["text/plain;q=nonsense", false],
    ["text/plain;q=0.9, application/*", false],
    ["*/*, text/plain;q=0.9", false],
    [PROMETHEUS, true],
    ["text/plain", true],
    ["TEXT/PLAIN; Q=0.9, */*; q=0.1", true],
    ["application/openmetrics-text; version=1.0.0", true],
    ["application/json;q=0.5, */*, text/plain", true],
  ] as const)("asked for %p: metrics %p", (accept, expected) => {
    expect(prefersMetrics(accept)).toBe(expected);
  });
});
