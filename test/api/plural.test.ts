import { describe, expect, test } from "bun:test";
import { StorageError } from "../../src/core/errors.ts";
import { type Answer, KEY, TestApi } from "./client.ts";
import { aJob, anEndedJob, anOutput, aWorker, HEALTHY } from "./memory-engine.ts";

function anApi(): TestApi {
  const api = new TestApi();
  api.engine.add(anEndedJob({ seq: 1 }), [anOutput()]);
  api.engine.add(aJob({ seq: 2 }));
  api.engine.workerList.push(aWorker());
  return api;
}

const remove = (path: string) => anApi().call("DELETE", path);

describe("the paths of NetPulse 0.4", () => {
  test("answer without an envelope: lists of jobs and of workers, or one of them", async () => {
    const jobs = (await anApi().get("/jobs")).envelope;
    expect(jobs.map(({ id }: { id: string }) => id)).toEqual(["job_2", "job_1"]);
    expect((await anApi().get("/jobs/job_1")).envelope).toEqual(jobs[1]);
    const workers = (await anApi().get("/workers")).envelope;
    expect(workers).toHaveLength(1);
    expect((await anApi().get("/workers/worker_001")).envelope).toEqual(workers[0]);
  });

  test("show a job with the fields that it had there", async () => {
    const api = anApi();
    const { envelope: job } = await api.get("/jobs/job_1");
    const { data } = await api.get("/job?id=job_1");
    const [{ id, status, queue, worker, duration, queue_time, ...now }] = data;
    expect(job).toEqual({
      ...{ id, status, queue, worker, duration, queue_time, task_id: null },
      created_at: now.created_at,
      enqueued_at: now.enqueued_at,
      started_at: now.started_at,
      ended_at: now.ended_at,
      result: {
        type: 1,
        retval: [
          {
            command: "show version",
            stdout: now.result.outputs[0].stdout,
            output: now.result.outputs[0].stdout,
            stderr: "",
            error: "",
            exit_status: 0,
            download_url: null,
            metadata: { host: now.host, duration_seconds: now.result.outputs[0].duration },
            parsed: null,
          },
        ],
        error: null,
      },
    });
    expect((await api.get("/jobs/job_2")).envelope.result).toBeNull();
    expect((await api.get("/jobs/job_1?result=false")).envelope.result).toBeNull();
    expect((await api.get("/jobs?result=false")).envelope[1].result).toBeNull();
  });

  test.each([
    ["failed", 2],
    ["timeout", 2],
    ["stopped", 3],
  ] as const)("tell a result of the type %s by %i, as RQ numbers them", async (type, number) => {
    const api = anApi();
    const error = { type: "CommandError", message: "it was refused", retryable: false } as const;
    api.engine.add(anEndedJob({ seq: 3, status: "failed", result: { type, error } }), [
      anOutput({ ok: null, exitStatus: null, durationMs: null }),
    ]);
    const { result } = (await api.get("/jobs/job_3")).envelope;
    expect(result).toMatchObject({
      type: number,
      error: { type: "CommandError", message: "it was refused" },
    });
    expect(result.error).not.toHaveProperty("retryable");
    expect(result.retval[0]).toMatchObject({ exit_status: 1, metadata: { duration_seconds: null } });
  });

  test("have no list of outputs where nothing was sent", async () => {
    const api = anApi();
    const error = { type: "ConnectionError", message: "refused", retryable: true } as const;
    api.engine.add(anEndedJob({ seq: 3, status: "failed", result: { type: "failed", error } }), []);
    expect((await api.get("/jobs/job_3")).envelope.result.retval).toBeNull();
  });

  test("show a worker with the fields that it had there", async () => {
    const { envelope: worker } = await anApi().get("/workers/worker_001");
    const [now] = (await anApi().get("/worker")).data;
    const { node, host, current_jobs, session, busy_seconds, mean_job_duration, ...old } = now;
    const { sessions_opened, memory_mb, ...fields } = old;
    expect(worker).toEqual(fields);
  });

  test("say what was cancelled or stopped by its name alone", async () => {
    expect((await remove("/jobs?queue=FifoQ")).envelope).toEqual(["job_2"]);
    expect((await remove("/jobs/job_2")).envelope).toEqual({ id: "job_2" });
    expect((await remove("/workers?queue=FifoQ")).envelope).toEqual(["worker_001"]);
    expect((await remove("/workers/worker_001")).envelope).toEqual({ name: "worker_001" });
  });

  test("give /system/stats as the verbose health check, without its envelope", async () => {
    const api = anApi();
    const { envelope } = await api.get("/system/stats");
    expect(envelope).toEqual((await anApi().get("/health?verbose=true")).data);
    api.engine.report = async () => ({ ...HEALTHY, ok: false, down: ["storage: disk I/O error"] });
    await api.clock.advance(1_000);
    expect(await api.get("/system/stats")).toMatchObject({ status: 503, data: { status: "down" } });
  });

  test("are the present ones otherwise: filters, pages and scopes", async () => {
    const api = anApi();
    const first = await api.get("/jobs?limit=1");
    expect(first.envelope).toHaveLength(1);
    const [, next = ""] = /<(\/jobs\?[^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "") ?? [];
    expect((await api.get(next)).envelope.map(({ id }: { id: string }) => id)).toEqual(["job_1"]);
    expect((await api.get("/jobs?status=queued")).envelope).toHaveLength(1);
    expect((await api.get("/workers?queue=other")).envelope).toEqual([]);
  });

  test("go on with the next worker by Link", async () => {
    const api = anApi();
    api.engine.workerList.push(aWorker({ name: "worker_002" }));
    const { headers } = await api.get("/workers?limit=1");
    const [, next = ""] = /<(\/workers\?[^>]+)>; rel="next"/.exec(headers.get("link") ?? "") ?? [];
    expect((await api.get(next)).envelope).toMatchObject([{ name: "worker_002" }]);
  });

  test("large results come piece by piece, and whole", async () => {
    const api = anApi();
    const stdout = "x".repeat(600_000);
    api.engine.add(anEndedJob({ seq: 3 }), [anOutput({ stdout })]);
    for (const { result } of [
      (await api.get("/jobs/job_3")).envelope,
      (await api.get("/jobs?limit=1")).envelope[0],
    ]) {
      expect(result.retval[0].stdout).toBe(stdout);
    }
  });

  test.each([
    ["GET", "/jobs/job_9"],
    ["DELETE", "/jobs/job_9"],
    ["GET", "/workers/nobody"],
    ["DELETE", "/workers/nobody"],
  ])("%s %s is not found", async (method, path) => {
    expectRefusal(await anApi().call(method, path), 404);
  });

  test.each([
    ["GET", "/jobs/job_1?id=job_2"],
    ["DELETE", "/jobs/job_2?id=job_1"],
    ["DELETE", "/jobs"],
    ["DELETE", "/workers"],
    ["GET", "/workers/worker_001?name=x"],
    ["DELETE", "/workers/worker_001?queue=FifoQ"],
    ["GET", "/system/stats?verbose=true"],
  ])("%s %s is refused", async (method, path) => {
    expectRefusal(await anApi().call(method, path), 422);
  });

  test("an ended job is not cancelled", async () => {
    expectRefusal(await anApi().call("DELETE", "/jobs/job_1"), 409);
  });

  test("every refusal has its message as `detail` too, whoever refuses, and no other path has", async () => {
    const api = anApi();
    expectRefusal(await api.get("/jobs", { key: null }), 401);
    expectRefusal(await api.get(`/workers/?X-API-KEY=${KEY}`, { key: "wrong" }), 401);
    expectRefusal(await api.call("PUT", "/jobs"), 405);
    expectRefusal(await api.get(`/system/stats?q=${"q".repeat(9_000)}`), 414);
    api.engine.fault = new StorageError("unavailable", "disk I/O error");
    expectRefusal(await api.get("/jobs"), 503);
    for (const path of ["/job?id=job_9", "/jobsheet", "/system"]) {
      expect((await anApi().get(path)).envelope).not.toHaveProperty("detail");
    }
  });

  test("are marked as deprecated", async () => {
    const { paths } = (await (await anApi().api.handle(new Request("http://a/swagger/json"))).json()) as {
      paths: Record<string, Record<string, { deprecated?: boolean }>>;
    };
    const deprecated = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { deprecated }]) =>
        deprecated ? [`${method} ${path}`] : [],
      ),
    );
    expect(deprecated.toSorted()).toEqual([
      "delete /jobs",
      "delete /jobs/{id}",
      "delete /workers",
      "delete /workers/{name}",
      "get /jobs",
      "get /jobs/{id}",
      "get /system/stats",
      "get /workers",
      "get /workers/{name}",
    ]);
  });
});

/** In the envelope, for those who know it, and as 0.4 said it. */
function expectRefusal(answer: Answer, status: number): void {
  const { envelope } = answer;
  expect([answer.status, envelope.code]).toEqual([status, -1]);
  expect(envelope.detail).toBe(envelope.message);
  expect(Object.keys(envelope)).toEqual(["code", "message", "data", "detail"]);
}
