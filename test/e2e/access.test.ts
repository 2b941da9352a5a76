import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api, wrongFields } from "./support/api.ts";
import {
  type CountingDevice,
  expectRefusal,
  goodRequest,
  startCountingDevice,
  stateOf,
  VALUE,
} from "./support/refusal.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
let device: CountingDevice;
let before: Awaited<ReturnType<typeof stateOf>>;
beforeAll(async () => {
  device = startCountingDevice();
  netpulse = await startNetpulse();
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
  device?.stop();
});
beforeEach(async () => {
  before = await stateOf(api, device);
});
afterEach(async () => {
  expect(await stateOf(api, device)).toEqual(before);
});

describe("query parameters", () => {
  const cases: [method: string, path: string, field: string, says: RegExp][] = [
    ["GET", "/job?statsu=queued", "statsu", /status/],
    ["GET", "/job?status=runing", "status", /queued.*started.*finished/s],
    ["GET", "/job?limit=0", "limit", /./],
    ["GET", "/job?limit=1001", "limit", /1000/],
    ["GET", "/job?limit=ten", "limit", /./],
    ["GET", "/job?order=up", "order", /asc/],
    ["GET", "/job?since=yesterday", "since", /./],
    [`GET`, `/job?cursor=${VALUE}`, "cursor", /./],
    ["GET", "/job?id=job_x&wait=61", "wait", /60/],
    ["GET", "/job?id=job_x&wait=-1", "wait", /./],
    ["DELETE", "/job?hots=10.0.0.1&queue=FifoQ", "hots", /host/],
    ["GET", "/worker?nam=x", "nam", /./],
    ["GET", "/worker?status=alive", "status", /busy.*idle/s],
    ["DELETE", "/worker?nmae=w&node=n", "nmae", /name/],
    ["DELETE", `/worker?queue=FifoQ&x=${VALUE}`, "x", /unknown/],
  ];
  test.each(cases)("%s %s is 422 and names %s", async (method, path, field, says) => {
    const answer = await api.call(method, path);
    expectRefusal(answer, 422);
    const wrong = wrongFields(answer, "query");
    expect(Object.keys(wrong)).toEqual([field]);
    expect(wrong[field]).toMatch(says);
  });

  test.each([["/job"], ["/job?force=true"], ["/worker"]])(
    "DELETE %s without a filter is 422",
    async (path) => {
      expectRefusal(await api.delete(path), 422);
    },
  );

  test.each([["/job?queue="], ["/job?host="], ["/worker?name="], ["/worker?node="]])(
    "DELETE %s, a filter left empty by mistake, is 422",
    async (path) => {
      expectRefusal(await api.delete(path), 422);
    },
  );
});

describe("the key", () => {
  const wrong: [string, Record<string, string | null>][] = [
    ["missing", { "X-API-KEY": null }],
    ["empty", { "X-API-KEY": "" }],
    ["wrong", { "X-API-KEY": VALUE }],
    ["a beginning of the right one", { "X-API-KEY": "" }],
    ["wrong as bearer", { "X-API-KEY": null, Authorization: `Bearer ${VALUE}` }],
    ["of another scheme", { "X-API-KEY": null, Authorization: `Basic ${btoa(`x:${VALUE}`)}` }],
    ["wrong in a cookie", { "X-API-KEY": null, Cookie: `X-API-KEY=${VALUE}` }],
  ];
  const routes: [string, string][] = [
    ["GET", "/job"],
    ["DELETE", "/job?queue=FifoQ"],
    ["GET", "/worker"],
    ["DELETE", "/worker?queue=FifoQ"],
    ["GET", "/health"],
    ["POST", "/device/exec"],
  ];
  for (const [method, path] of routes) {
    test.each(wrong)(
      `${method} ${path.split("?", 1)[0]} with a key that is %s is 401`,
      async (what, headers) => {
        const sent = what.startsWith("a beginning") ? { "X-API-KEY": netpulse.key.slice(0, -1) } : headers;
        const answer = await api.call(method, path, {
          headers: sent,
          ...(method === "POST" ? { json: goodRequest(device) } : {}),
        });
        expectRefusal(answer, 401);
        expect(answer.headers.get("www-authenticate")).not.toBeNull();
        expect(answer.text).not.toContain(netpulse.key.slice(0, -1));
      },
    );
  }

  test("a wrong key in the query is 401, and so is none for a route that does not exist", async () => {
    const headers = { "X-API-KEY": null };
    expectRefusal(await api.call("GET", `/job?X-API-KEY=${VALUE}`, { headers }), 401);
    expect([401, 404]).toContain((await api.call("GET", "/nothing-here", { headers })).status);
  });

  test("is looked at before the body is", async () => {
    const answer = await api.call("POST", "/device/exec", {
      body: "not json",
      headers: { "Content-Type": "application/json", "X-API-KEY": null },
    });
    expectRefusal(answer, 401);
  });

  test.each([
    ["any case of the header", { "X-API-KEY": null, "x-Api-Key": "<key>" }],
    ["Authorization: Bearer", { "X-API-KEY": null, Authorization: "Bearer <key>" }],
    ["a cookie", { "X-API-KEY": null, Cookie: "X-API-KEY=<key>" }],
  ] as [string, Record<string, string | null>][])("is taken from %s", async (_what, template) => {
    const headers = Object.fromEntries(
      Object.entries(template).map(([name, value]) => [name, value?.replace("<key>", netpulse.key) ?? null]),
    );
    expect((await api.call("GET", "/health", { headers })).data).toBe("ok");
  });

  test("is taken from the query", async () => {
    const answer = await api.call("GET", `/health?X-API-KEY=${netpulse.key}`, {
      headers: { "X-API-KEY": null },
    });
    expect(answer.data).toBe("ok");
  });
});

describe("what is not there", () => {
  test.each([
    ["GET", "/tasks"],
    ["GET", "/device/exec/again"],
    ["POST", "/nothing"],
    ["GET", "/job/../../etc/passwd"],
    ["GET", `/${VALUE}`],
    ["GET", "/%00"],
  ])("%s %s is 404", async (method, path) => {
    expectRefusal(await api.call(method, path), 404);
  });

  test.each([
    ["PUT", "/job"],
    ["PATCH", "/worker"],
    ["POST", "/health"],
    ["GET", "/device/exec"],
    ["DELETE", "/device/exec"],
  ])("%s %s, a method without meaning, is 404 or 405", async (method, path) => {
    const answer = await api.call(method, path);
    expect([404, 405]).toContain(answer.status);
    expectRefusal(answer, answer.status);
  });

  test("an unknown job and an unknown worker are 404", async () => {
    expectRefusal(await api.get("/job?id=job_00000000000000000000000000"), 404);
    expectRefusal(await api.delete("/job?id=job_00000000000000000000000000"), 404);
    expectRefusal(await api.delete(`/worker?name=${VALUE}`), 404);
  });
});
