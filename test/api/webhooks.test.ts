import { describe, expect, test } from "bun:test";
import type { Delivery } from "../../src/storage/deliveries.ts";
import { TestApi, wrongFields } from "./client.ts";
import { aJob, NOON } from "./memory-engine.ts";

const ID = "01hk2ea8g0pq2a8az82r5z5w00";
const DEAD: Delivery = {
  jobId: `job_${ID}`,
  status: "failed",
  target: "https://a.test",
  state: "dead",
  tries: 2,
  createdAt: NOON,
  dueAt: null,
  settledAt: NOON + 5_000,
  attempts: [{ at: NOON + 4_000, durationMs: 120, status: 500, error: "answered 500" }],
};
const SHOWN = {
  id: `delivery_${ID}`,
  job_id: `job_${ID}`,
  event_type: "job.failed",
  final: true,
  state: "dead",
  target: "https://a.test",
  tries: 2,
  created_at: "2024-01-01T12:00:00.000+08:00",
  next_attempt_at: null,
  settled_at: "2024-01-01T12:00:05.000+08:00",
  attempts: [{ at: "2024-01-01T12:00:04.000+08:00", duration: 0.12, status: 500, error: "answered 500" }],
};

function withDead() {
  const api = new TestApi();
  api.engine.deliveries.known.push(DEAD);
  return api;
}

const BODY = {
  driver: "netmiko",
  connection_args: { host: "192.0.2.1", username: "u", password: "p", device_type: "cisco_ios" },
  command: "show version",
};

describe("a request's webhook", () => {
  test("is handed on in the engine's terms, from the body and from options", async () => {
    const webhook = {
      name: "basic",
      url: "https://a.test/x",
      method: "PUT",
      headers: { "X-Mine": "1" },
      cookies: { a: "b" },
      auth: ["u", "p"],
      timeout: 0.5,
      max_retries: 2,
      retry_intervals: [1, 60.5],
      secret: "sixteen characters",
    };
    for (const body of [
      { ...BODY, webhook },
      { ...BODY, options: { webhook } },
    ]) {
      const api = new TestApi();
      expect((await api.exec(body)).status).toBe(201);
      const { name: _, max_retries: maxRetries, retry_intervals: retryIntervals, ...same } = webhook;
      expect(api.engine.submitted[0]?.request.webhook).toMatchObject({ ...same, maxRetries, retryIntervals });
    }
  });

  test.each([
    ["text", "https://a.test", "", "an object with a url"],
    ["without a URL", {}, ".url", "is required"],
    ["of another kind", { url: "http://a.test", name: "slack" }, ".name", "basic"],
    ["with a wrong method", { url: "http://a.test", method: "HEAD" }, ".method", "GET"],
    ["with a header that is no text", { url: "http://a.test", headers: { a: 1 } }, ".headers.a", "text"],
    ["with half an authorization", { url: "http://a.test", auth: ["u"] }, ".auth", "user and password"],
    ["without time", { url: "http://a.test", timeout: 0.1 }, ".timeout", "0.5 to 120"],
    ["without end", { url: "http://a.test", max_retries: 21 }, ".max_retries", "0 to 20"],
    ["with no pauses", { url: "http://a.test", retry_intervals: [] }, ".retry_intervals", "1 to 20"],
    ["with a short secret", { url: "http://a.test", secret: "short" }, ".secret", "16 to 256"],
    ["with something mistyped", { url: "http://a.test", max_retry: 1 }, ".max_retry", "max_retries"],
  ])("%s is refused by name", async (_, webhook, field, msg) => {
    const api = new TestApi();
    const answer = await api.exec({ ...BODY, webhook });
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toEqual({ [`body.webhook${field}`]: expect.stringContaining(msg) });
    expect(api.engine.submitted).toEqual([]);
  });
});

describe("GET /webhook/deliveries", () => {
  test("lists them, and those of a state", async () => {
    const api = withDead();
    expect((await api.get("/webhook/deliveries")).data).toEqual([SHOWN]);
    expect((await api.get("/webhook/deliveries?state=dead")).data).toEqual([SHOWN]);
    expect((await api.get("/webhook/deliveries?state=delivered")).data).toEqual([]);
    expect((await api.get("/webhook/deliveries?state=lost")).status).toBe(422);
    expect((await api.get("/webhook/deliveries?stat=dead")).status).toBe(422);
  });

  test("finds one by its job, and by its own id", async () => {
    const api = withDead();
    expect((await api.get(`/webhook/deliveries?job_id=job_${ID}`)).data).toEqual([SHOWN]);
    for (const id of [`job_${ID}`, `delivery_${ID}`]) {
      expect((await api.get(`/webhook/deliveries/${id}`)).data).toEqual(SHOWN);
    }
    expect((await api.get("/webhook/deliveries/delivery_none")).status).toBe(404);
    expect((await api.get("/webhook/deliveries?job_id=job_none")).status).toBe(404);
  });
});

describe("POST /webhook/deliveries/{id}/replay", () => {
  test("needs no body, and takes the webhook in one", async () => {
    const api = withDead();
    const path = `/webhook/deliveries/delivery_${ID}/replay`;
    const { status, data } = await api.call("POST", path);
    expect([status, data]).toEqual([200, { ...SHOWN, state: "pending" }]);
    await api.call("POST", path, { body: { webhook: { url: "https://b.test", max_retries: 1 } } });
    expect(api.engine.deliveries.replayed).toEqual([
      [SHOWN.id, null],
      [SHOWN.id, { url: "https://b.test", maxRetries: 1 }],
    ]);
  });

  test("names what is wrong with the webhook as it stands in the body", async () => {
    const api = withDead();
    api.engine.wrong = [{ loc: ["webhook", "url"], msg: "is of a host" }];
    const answer = await api.call("POST", `/webhook/deliveries/delivery_${ID}/replay`, {
      body: { webhook: { url: "https://b.test" } },
    });
    expect(wrongFields(answer)).toEqual({ "body.webhook.url": "is of a host" });
    expect(api.engine.deliveries.replayed).toEqual([]);
  });

  test("refuses another body", async () => {
    const api = withDead();
    const answer = await api.call("POST", `/webhook/deliveries/delivery_${ID}/replay`, {
      body: { url: "https://b.test" },
    });
    expect(answer.status).toBe(422);
    expect(api.engine.deliveries.replayed).toEqual([]);
  });
});

describe("a key", () => {
  test("that is limited to devices has the deliveries of their jobs, one by one", async () => {
    const api = withDead();
    const other = ID.replace("01", "02");
    api.engine.deliveries.known.push({ ...DEAD, jobId: `job_${other}` });
    api.engine.all.push(aJob({ id: `job_${ID}`, host: "10.0.0.1" }), aJob({ id: `job_${other}` }));
    const key = api.keys.add({ devices: { allow: ["10.0.0.0/8"], deny: [] } });
    const status = async (method: string, path: string) => (await api.call(method, path, { key })).status;
    expect(await status("GET", "/webhook/deliveries")).toBe(403);
    for (const [id, seen] of [
      [ID, 200],
      [other, 404],
    ] as const) {
      expect(await status("GET", `/webhook/deliveries?job_id=job_${id}`)).toBe(seen);
      expect(await status("GET", `/webhook/deliveries/delivery_${id}`)).toBe(seen);
      expect(await status("POST", `/webhook/deliveries/delivery_${id}/replay`)).toBe(seen);
    }
    expect(api.engine.deliveries.replayed).toEqual([[SHOWN.id, null]]);
  });

  test("that only reads sends nothing again, and who does is in the audit log", async () => {
    const api = withDead();
    const path = `/webhook/deliveries/delivery_${ID}/replay`;
    expect((await api.call("POST", path, { key: api.keys.add({ scopes: ["read"] }) })).status).toBe(403);
    expect(api.audit.entries).toEqual([]);
    await api.call("POST", path);
    expect(api.audit.entries).toMatchObject([
      { action: "replay_webhook", outcome: "done", job: DEAD.jobId, detail: DEAD.target },
    ]);
  });
});
