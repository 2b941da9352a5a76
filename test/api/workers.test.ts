import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { WorkerSchema } from "../../src/api/modules/workers/schema.ts";
import { TestApi, wrongFields } from "./client.ts";
import { aWorker } from "./memory-engine.ts";

function withWorkers(): TestApi {
  const api = new TestApi();
  api.engine.workerList.push(
    aWorker({ name: "w1", node: "n1" }),
    aWorker({ name: "w2", node: "n2", status: "busy", currentJobs: ["job_7"] }),
    aWorker({
      name: "w3",
      node: "n1",
      kind: "pinned",
      queue: "pinned_192.0.2.1",
      host: "192.0.2.1",
      session: "connected",
    }),
    aWorker({ name: "w4", node: "n2", kind: "pinned", queue: "pinned_router-1", host: "router-1" }),
  );
  return api;
}

const names = (workers: { name: string }[]) => workers.map(({ name }) => name);

describe("GET /worker", () => {
  test("shows a worker as the document does, and what goes beyond it", async () => {
    const api = new TestApi();
    api.engine.workerList.push(aWorker({ status: "busy", currentJobs: ["job_7"] }));
    const { data, envelope } = await api.get("/worker");
    expect(data).toEqual([
      {
        name: "worker_001",
        status: "busy",
        pid: 12345,
        hostname: "worker-node-1",
        queues: ["FifoQ"],
        last_heartbeat: "2024-01-01T12:00:00.000+08:00",
        birth_at: "2024-01-01T10:00:00.000+08:00",
        successful_job_count: 150,
        failed_job_count: 2,
        node: "n1",
        host: null,
        current_jobs: ["job_7"],
        session: "none",
        busy_seconds: 304,
        mean_job_duration: 2,
        sessions_opened: 0,
        memory_mb: 58,
      },
    ]);
    expect(Value.Check(WorkerSchema, data[0])).toBe(true);
    expect(envelope.pagination).toEqual({ next_cursor: null, limit: 1000 });
  });

  test("of a worker that has run nothing there is no mean duration", async () => {
    const api = new TestApi();
    api.engine.workerList.push(aWorker({ successfulJobCount: 0, failedJobCount: 0, busyMs: 0 }));
    expect((await api.get("/worker")).data[0].mean_job_duration).toBeNull();
  });

  test.each([
    ["/worker", ["w1", "w2", "w3", "w4"]],
    ["/worker?queue=FifoQ", ["w1", "w2"]],
    ["/worker?node=n1", ["w1", "w3"]],
    ["/worker?node=n1&host=192.0.2.1", ["w3"]],
    ["/worker?node=n2&host=192.0.2.1", []],
    ["/worker?host=ROUTER-1", ["w4"]],
    ["/worker?queue=FifoQ&node=n1&host=192.0.2.1", ["w1", "w2"]],
    ["/worker?status=busy", ["w2"]],
    ["/worker?queue=FifoQ&status=idle", ["w1"]],
  ])("%s: queue wins, else node and host narrow; status always does", async (path, expected) => {
    expect(names((await withWorkers().get(path)).data)).toEqual(expected);
  });

  test("comes in pages", async () => {
    const api = withWorkers();
    const first = await api.get("/worker?limit=3");
    expect(names(first.data)).toEqual(["w1", "w2", "w3"]);
    const cursor = first.envelope.pagination.next_cursor;
    expect(first.headers.get("link")).toBe(`</worker?limit=3&cursor=${cursor}>; rel="next"`);
    const second = await api.get(`/worker?limit=3&cursor=${cursor}`);
    expect(names(second.data)).toEqual(["w4"]);
    expect(second.headers.has("link")).toBe(false);
    expect((await api.get(`/worker?status=idle&cursor=${cursor}`)).status).toBe(422);
  });

  test.each([
    ["/worker?name=w1", "query.name"],
    ["/worker?status=sleeping", "query.status"],
    ["/worker?host=a%20b", "query.host"],
    ["/worker?limit=1001", "query.limit"],
    ["/worker?cursor=x", "query.cursor"],
  ])("%s is refused by name", async (path, field) => {
    const answer = await withWorkers().get(path);
    expect(answer.status).toBe(422);
    expect(Object.keys(wrongFields(answer))).toEqual([field]);
  });
});

describe("DELETE /worker", () => {
  test("stops a worker and names it, with what was interrupted beside", async () => {
    const { status, envelope } = await withWorkers().call("DELETE", "/worker?name=w2");
    expect(status).toBe(200);
    expect(envelope).toEqual({
      code: 200,
      message: "success",
      data: ["w2"],
      details: [{ worker: "w2", status: "stopped", interrupted_jobs: 1, jobs: ["job_7"] }],
    });
  });

  test.each([
    ["name=w1&queue=pinned_router-1&node=n2", ["w1"]],
    ["queue=FifoQ", ["w1", "w2"]],
    ["queue=FifoQ&node=n2", ["w2"]],
    ["host=192.0.2.1", ["w3"]],
    ["node=n9", []],
  ])("%s: name wins, else the filters narrow", async (search, expected) => {
    expect((await withWorkers().call("DELETE", `/worker?${search}`)).data).toEqual(expected);
  });

  test("is 404 for an unknown name", async () => {
    expect((await withWorkers().call("DELETE", "/worker?name=w9")).status).toBe(404);
  });

  test.each(["", "?nam=w1", "?name=", "?status=idle", "?host=a%20b", "?queue=FifoQ&queue=x"])(
    "never stops more than was meant: /worker%s is refused",
    async (search) => {
      const api = withWorkers();
      expect((await api.call("DELETE", `/worker${search}`)).status).toBe(422);
      expect(api.engine.workerList.some(({ status }) => status === "dead")).toBe(false);
    },
  );
});

describe("POST /worker/suspend and /worker/resume", () => {
  test("suspend and resume what matches, and name it", async () => {
    const api = withWorkers();
    expect((await api.call("POST", "/worker/suspend?node=n1")).data).toEqual(["w1", "w3"]);
    expect(names((await api.get("/worker?status=suspended")).data)).toEqual(["w1", "w3"]);
    expect((await api.call("POST", "/worker/resume?name=w1")).data).toEqual(["w1"]);
    expect((await api.call("POST", "/worker/resume?name=w9")).status).toBe(404);
  });

  test("need a filter, in the query and not in a body that would be ignored", async () => {
    const api = withWorkers();
    expect((await api.call("POST", "/worker/suspend")).status).toBe(422);
    const answer = await api.call("POST", "/worker/suspend?node=n1", { body: { name: "w1" } });
    expect(answer.status).toBe(422);
    expect(Object.keys(wrongFields(answer))).toEqual(["body"]);
    expect((await api.get("/worker?status=suspended")).data).toEqual([]);
  });
});
