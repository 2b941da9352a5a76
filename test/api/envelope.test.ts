import { describe, expect, test } from "bun:test";
import { RequestError, StorageError } from "../../src/core/errors.ts";
import { KEY, request, TestApi } from "./client.ts";

describe("every answer has the envelope", () => {
  test("a success", async () => {
    const { status, envelope } = await new TestApi().get("/job");
    expect(status).toBe(200);
    expect(envelope).toMatchObject({ code: 200, message: "success", data: [] });
  });

  test.each(["/tasks", "/job/1", "/health/x", "/%6aob", "//job"])("an unknown path: %s", async (path) => {
    const { status, envelope } = await new TestApi().get(path);
    expect(status).toBe(404);
    expect(envelope).toEqual({ code: -1, message: expect.stringContaining("no such path"), data: null });
  });

  test.each([
    ["PUT", "/job", "GET, DELETE, HEAD"],
    ["POST", "/job/", "GET, DELETE, HEAD"],
    ["GET", "/device/exec", "POST"],
    ["OPTIONS", "/worker", "GET, DELETE, HEAD"],
    ["PATCH", "/worker/suspend", "POST"],
  ])("a method that is not possible: %s %s", async (method, path, allow) => {
    const { status, headers, envelope } = await new TestApi().call(method, path);
    expect(status).toBe(405);
    expect(headers.get("allow")).toBe(allow);
    expect(envelope).toEqual({
      code: -1,
      message: `${method} is not possible here; use ${allow}`,
      data: null,
    });
  });

  test.each([
    ["invalid", 422],
    ["not_found", 404],
    ["conflict", 409],
  ] as const)("a refusal of the engine: %s", async (kind, status) => {
    const api = new TestApi();
    api.engine.fault = new RequestError(kind, "what is wrong and what to do");
    const answer = await api.get("/job");
    expect(answer.status).toBe(status);
    expect(answer.envelope).toEqual({ code: -1, message: "what is wrong and what to do", data: null });
  });

  test("a store that does not answer is a 503 that says when to come back", async () => {
    const api = new TestApi();
    api.engine.fault = new StorageError("unavailable", "disk I/O error on /var/lib/netpulse.db");
    const { status, headers, envelope } = await api.get("/job");
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("1");
    expect(envelope.message).toBe("the store does not answer; try again shortly");
    expect(api.log).toContain("disk I/O error");
  });

  test("an outage is logged at most once a second, however many meet it", async () => {
    const api = new TestApi();
    api.engine.fault = new StorageError("unavailable", "gone");
    for (let i = 0; i < 5; i++) await api.get("/job");
    await api.clock.advance(1000);
    await api.get("/job");
    expect(api.logged.filter((line) => line.includes("the store does not answer"))).toHaveLength(2);
  });

  test("a fault of ours is a 500 that names the log entry and nothing else", async () => {
    const api = new TestApi();
    api.engine.fault = new TypeError("undefined is not a function (near 'hunter2hunter2')");
    const { status, envelope } = await api.get("/job?id=job_1");
    expect(status).toBe(500);
    const [, id = "none"] = /^internal error; see the log, id (\S+)$/.exec(envelope.message) ?? [];
    expect(envelope).toEqual({ code: -1, message: expect.any(String), data: null });
    const entry = JSON.parse(api.logged.find((line) => line.includes(id)) ?? "null");
    expect(entry).toMatchObject({ level: "error", id, error: { type: "TypeError" } });
    expect(entry.error.stack).toContain("envelope.test.ts");
  });
});

test("HEAD answers as GET without the body", async () => {
  const { api } = new TestApi();
  const response = await api.handle(request("HEAD", "/job"));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.text()).toBe("");
  expect((await api.handle(request("HEAD", "/job", { key: null }))).status).toBe(401);
  expect((await api.handle(request("HEAD", "/none"))).status).toBe(404);
});

test("answers cannot be cached, framed, sniffed or run", async () => {
  const api = new TestApi();
  for (const path of ["/job", "/none", "/livez"]) {
    const { headers } = await api.get(path);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("content-type")).toBe("application/json");
  }
});

test.each(["http://np/livez", "http://a/livez", "http://[::1]:9000/livez", "http://netpulse.example/livez?"])(
  "the host name does not matter: %s",
  async (url) => {
    const { api } = new TestApi();
    expect((await api.handle(new Request(url))).status).toBe(200);
  },
);

test("a request is logged by its path alone, never with its query", async () => {
  const api = new TestApi();
  await api.get(`/job?X-API-KEY=${KEY}&queue=a-queue-of-mine`, { key: null });
  const line = api.logged.find((one) => one.includes('"request"')) ?? "";
  expect(JSON.parse(line)).toMatchObject({ level: "debug", method: "GET", path: "/job", statusCode: 200 });
  expect(api.log).not.toContain(KEY);
  expect(api.log).not.toContain("a-queue-of-mine");
});
