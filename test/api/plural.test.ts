import { describe, expect, test } from "bun:test";
import { TestApi } from "./client.ts";
import { aJob, anEndedJob, anOutput, aWorker } from "./memory-engine.ts";

function anApi(): TestApi {
  const api = new TestApi();
  api.engine.add(anEndedJob({ seq: 1 }), [anOutput()]);
  api.engine.add(aJob({ seq: 2 }));
  api.engine.workerList.push(aWorker());
  return api;
}

describe("the paths of NetPulse 0.4", () => {
  test.each([
    ["/jobs?status=queued", "/job?status=queued"],
    ["/jobs?limit=1", "/job?limit=1"],
    ["/workers?queue=FifoQ", "/worker?queue=FifoQ"],
    ["/system/stats", "/health?verbose=true"],
  ])("GET %s is GET %s", async (old, present) => {
    const [one, other] = [await anApi().get(old), await anApi().get(present)];
    expect(one.status).toBe(200);
    expect(one.envelope).toEqual(other.envelope);
    expect(one.headers.get("link")).toBe(other.headers.get("link"));
  });

  test.each([
    ["/jobs?queue=FifoQ", "/job?queue=FifoQ"],
    ["/jobs/job_2", "/job?id=job_2"],
    ["/workers?queue=FifoQ", "/worker?queue=FifoQ"],
    ["/workers/worker_001", "/worker?name=worker_001"],
  ])("DELETE %s is DELETE %s", async (old, present) => {
    const one = await anApi().call("DELETE", old);
    const other = await anApi().call("DELETE", present);
    expect(one.status).toBe(200);
    expect(one.envelope).toEqual(other.envelope);
  });

  test("one job and one worker stand for themselves", async () => {
    const api = anApi();
    const [listed] = (await api.get("/job?id=job_1")).data;
    expect((await api.get("/jobs/job_1")).data).toEqual(listed);
    expect((await api.get("/jobs/job_1?result=false")).data).not.toHaveProperty("result");
    const [worker] = (await api.get("/worker")).data;
    expect((await api.get("/workers/worker_001")).data).toEqual(worker);
  });

  test.each([
    ["GET", "/jobs/job_9"],
    ["DELETE", "/jobs/job_9"],
    ["GET", "/workers/nobody"],
    ["DELETE", "/workers/nobody"],
  ])("%s %s is not found", async (method, path) => {
    expect((await anApi().call(method, path)).status).toBe(404);
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
    expect((await anApi().call(method, path)).status).toBe(422);
  });

  test("an ended job is not cancelled", async () => {
    expect((await anApi().call("DELETE", "/jobs/job_1")).status).toBe(409);
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
