import { describe, expect, test } from "bun:test";
import { TestApi, wrongFields } from "./client.ts";
import { aBatch, aJob, anEndedJob } from "./memory-engine.ts";

const SECRET = "hunter2-hunter2-hunter2";
const connection_args = { device_type: "cisco_ios", username: "admin", password: SECRET };
const devices = [{ host: "192.0.2.1" }, { host: "192.0.2.2", password: "other", port: 2222 }];
const body = { driver: "netmiko", connection_args, devices, command: "show version" };

function bulk(api: TestApi, change: object, headers: Record<string, string> = {}) {
  return api.call("POST", "/device/bulk", { body: { ...body, ...change }, headers });
}

describe("POST /device/bulk", () => {
  test("queues a job for each device, whose entry overrides what they share", async () => {
    const api = new TestApi();
    const { status, data } = await bulk(api, { options: { ttl: 60 }, priority: 1 });
    expect(status).toBe(201);
    expect(data).toMatchObject({ failed: [], batch_id: "batch_1" });
    expect(data.succeeded).toHaveLength(2);
    expect(data.succeeded[0]).toMatchObject({ status: "queued", result: null, command: ["show version"] });
    expect(api.engine.submitted.map(({ request }) => request)).toEqual([
      {
        driver: "netmiko",
        connectionArgs: { ...connection_args, host: "192.0.2.1" },
        driverArgs: {},
        operation: { kind: "command", text: "show version" },
        ttl: 60,
        priority: 1,
      },
      {
        driver: "netmiko",
        connectionArgs: { ...connection_args, host: "192.0.2.2", password: "other", port: 2222 },
        driverArgs: {},
        operation: { kind: "command", text: "show version" },
        ttl: 60,
        priority: 1,
      },
    ]);
  });

  test("an entry may have its own command or config, and null is absent", async () => {
    const api = new TestApi();
    const own = [
      { host: "a", command: ["show clock"], port: null },
      { host: "b", config: "hostname b", command: null },
      { host: "c" },
    ];
    const { status } = await bulk(api, { devices: own, canary: null });
    expect(status).toBe(201);
    expect(api.engine.submitted.map(({ request }) => request.operation)).toEqual([
      { kind: "command", text: ["show clock"] },
      { kind: "config", text: "hostname b" },
      { kind: "command", text: "show version" },
    ]);
    expect(api.engine.submitted[0]?.request.connectionArgs).not.toHaveProperty("port");
  });

  test("an entry that is wrong is refused alone, with its place and a reason that repeats nothing", async () => {
    const api = new TestApi();
    const own = [{ host: "a" }, "b", { host: "c", command: [] }, { host: 7, config: "x", command: "y" }];
    const { status, data, envelope } = await bulk(api, { devices: own });
    expect(status).toBe(201);
    expect(data.succeeded).toHaveLength(1);
    expect(data.failed).toEqual([
      { index: 1, host: null, reason: "must be an object" },
      { index: 2, host: "c", reason: "command: must be text or a list of texts, and not empty" },
      {
        index: 3,
        host: null,
        reason:
          "command: exactly one of command, config and file_transfer is required; config: exactly one of command, config and file_transfer is required",
      },
    ]);
    expect(JSON.stringify(envelope)).not.toContain(SECRET);
  });

  test("without a shared operation each entry needs one", async () => {
    const api = new TestApi();
    const own = [{ host: "a" }, { host: "b", command: "show clock" }];
    const { status, data } = await bulk(api, { command: null, devices: own });
    expect(status).toBe(201);
    expect(data.succeeded).toHaveLength(1);
    expect(data.failed).toMatchObject([{ index: 0, host: "a" }]);
  });

  test.each<[string, object, Record<string, string>]>([
    ["no devices", { devices: [] }, { "body.devices": "must be a list of objects, and not empty" }],
    [
      "devices that are no list",
      { devices: "a" },
      { "body.devices": "must be a list of objects, and not empty" },
    ],
    [
      "too many",
      { devices: Array.from({ length: 101 }, () => ({ host: "a" })) },
      { "body.devices": "has more than 100 entries; split it or raise job.max_bulk" },
    ],
    ["an unknown field", { comand: "x" }, { "body.comand": 'unknown field; did you mean "command"?' }],
    ["a wrong option", { ttl: -1 }, { "body.ttl": "must be seconds, above 0 and at most 31536000" }],
    ["two operations", { config: "x" }, { "body.config": "give command or config, not both" }],
    ["a canary of none", { canary: 0 }, { "body.canary": "must be an integer from 1 to 1000" }],
    [
      "half a failure",
      { stop_after_failures: 1.5 },
      { "body.stop_after_failures": "must be an integer from 1 to 1000" },
    ],
    ["arguments that are none", { connection_args: "x" }, { "body.connection_args": "must be an object" }],
    [
      "a credential that is none",
      { credential: { ref: "../x" } },
      { "body.credential.ref": expect.stringContaining("with slashes between them") },
    ],
  ])("refuses the whole request for %s", async (_, change, wrong) => {
    const api = new TestApi();
    const answer = await bulk(api, change);
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toEqual(wrong);
    expect(api.engine.submitted).toEqual([]);
  });

  test("refuses a body that is none, and a key with spaces", async () => {
    const api = new TestApi();
    const none = await api.call("POST", "/device/bulk", { body: [] });
    expect(wrongFields(none)).toEqual({ body: "must be an object" });
    const key = await bulk(api, {}, { "idempotency-key": "a b" });
    expect(Object.keys(wrongFields(key))).toEqual(["header.Idempotency-Key"]);
  });

  test("what the driver finds wrong with what is shared refuses the request, with a device the device", async () => {
    const api = new TestApi();
    api.engine.wrong = [{ loc: ["driver_args", "save"], msg: "unknown field" }];
    const answer = await bulk(api, {});
    expect(wrongFields(answer)).toEqual({ "body.driver_args.save": "unknown field" });
    api.engine.wrong = [{ loc: ["connection_args", "host"], msg: "is no address" }];
    const { status } = await bulk(api, { devices: [{ host: "a", command: [] }] });
    expect(status).toBe(201);
  });

  test("hands the limits of the batch and the key to the engine", async () => {
    const api = new TestApi();
    await bulk(api, { canary: 1, stop_after_failures: 3 }, { "idempotency-key": "k" });
    expect(api.engine.bulks).toMatchObject([
      { count: 2, canary: 1, stopAfterFailures: 3, idempotencyKey: "k" },
    ]);
  });
});

function apiWithBatch() {
  const api = new TestApi();
  api.engine.batches.set("batch_1", aBatch({ jobs: 6, stopAfter: 2 }));
  const batchId = "batch_1";
  api.engine.add(anEndedJob({ seq: 1, batchId }));
  api.engine.add(aJob({ seq: 2, batchId }));
  const result = { type: "failed", error: null } as const;
  api.engine.add(anEndedJob({ seq: 3, batchId, status: "failed", result }));
  api.engine.add(anEndedJob({ seq: 4, batchId }));
  api.engine.add(anEndedJob({ seq: 5, batchId, status: "failed", result }));
  api.engine.add(aJob({ seq: 6, batchId: "batch_2" }));
  return api;
}

describe("/batch/{id}", () => {
  test("counts by status and lists failures first", async () => {
    const { data, envelope } = await apiWithBatch().get("/batch/batch_1");
    const { jobs, ...rest } = data;
    expect(rest).toEqual({
      id: "batch_1",
      created_at: "2024-01-01T12:00:00.000+08:00",
      phase: "open",
      reason: null,
      size: 6,
      counts: { queued: 1, started: 0, finished: 2, failed: 2, cancelled: 0 },
      forgotten: 1,
      canary: [],
      stop_after_failures: 2,
      retry_of: null,
    });
    expect(jobs.map(({ id }: { id: string }) => id)).toEqual(["job_3", "job_5", "job_2", "job_1", "job_4"]);
    expect(envelope.pagination).toEqual({ next_cursor: null, limit: 1000 });
  });

  test.each([1, 2, 3, 4])("in pages of %d every job is on one", async (limit) => {
    const api = apiWithBatch();
    const ids: string[] = [];
    let path: string | undefined = `/batch/batch_1?result=false&limit=${limit}`;
    for (let page = 0; path !== undefined && page < 20; page++) {
      const { data, headers } = await api.get(path);
      expect(data.jobs.length).toBeLessThanOrEqual(limit);
      expect(data.jobs.every((job: object) => !("result" in job))).toBe(true);
      ids.push(...data.jobs.map(({ id }: { id: string }) => id));
      path = /<(.+)>/.exec(headers.get("link") ?? "")?.[1];
    }
    expect(ids).toEqual(["job_3", "job_5", "job_2", "job_1", "job_4"]);
  });

  test("a cursor is of its batch", async () => {
    const api = apiWithBatch();
    api.engine.batches.set("batch_2", aBatch({ id: "batch_2" }));
    const first = await api.get("/batch/batch_1?limit=1");
    const { status } = await api.get(`/batch/batch_2?cursor=${first.envelope.pagination.next_cursor}`);
    expect(status).toBe(422);
  });

  test("is cancelled: its queued jobs alone", async () => {
    const { data } = await apiWithBatch().call("DELETE", "/batch/batch_1");
    expect(data).toEqual({ cancelled_count: 1, cancelled_jobs: ["job_2"] });
  });

  test("is retried with the body of the bulk request", async () => {
    const api = apiWithBatch();
    const { status, data } = await api.call("POST", "/batch/batch_1/retry?cancelled=true", { body });
    expect(status).toBe(201);
    expect(data).toMatchObject({ batch_id: "batch_1", skipped: 1, retry_of: "batch_1", failed: [] });
    const wrong = await api.call("POST", "/batch/batch_1/retry", { body: { ...body, devices: [] } });
    expect(wrong.status).toBe(422);
  });

  test.each([
    ["GET", "/batch/batch_9", undefined],
    ["DELETE", "/batch/batch_9", undefined],
    ["POST", "/batch/batch_9/retry", body],
  ])("%s %s is not found", async (method, path, given) => {
    const { status } = await apiWithBatch().call(method, path, { body: given });
    expect(status).toBe(404);
  });

  test("tells a method that it does not have, and counts requests by route", async () => {
    const api = apiWithBatch();
    const answer = await api.call("PUT", "/batch/batch_1");
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, DELETE, HEAD"]);
    const metrics = await api.api.handle(
      new Request("http://localhost:9000/metrics", { headers: { "x-api-key": "test-key-0123456789" } }),
    );
    expect(await metrics.text()).toContain('route="/batch/:id"');
  });

  test.each(["?limt=1", "?id=x"])("refuses what it does not know: %s", async (query) => {
    for (const [method, path] of [
      ["GET", "/batch/batch_1"],
      ["DELETE", "/batch/batch_1"],
    ]) {
      expect((await apiWithBatch().call(method ?? "", `${path}${query}`)).status).toBe(422);
    }
  });
});
