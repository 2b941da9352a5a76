import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { SCOPES } from "../../src/core/access.ts";
import { RequestError, StorageError } from "../../src/core/errors.ts";
import { idOfFile } from "../../src/core/file-transfer.ts";
import { openFileFolder } from "../../src/files/folder.ts";
import { tempDir } from "../support/tempdir.ts";
import { KEY, request, TestApi } from "./client.ts";
import { aJob, NOON } from "./memory-engine.ts";

const connection_args = { device_type: "cisco_ios", host: "10.0.0.1", username: "a", password: "b" };
const body = { driver: "netmiko", connection_args, command: "show version" };

describe("a stored key", () => {
  test("opens the API under its name, wherever it is sent", async () => {
    const api = new TestApi();
    const key = api.keys.add({ name: "ci" });
    expect((await api.exec(body, { "x-api-key": key })).status).toBe(201);
    expect(api.engine.submitted[0]?.caller.key).toBe("ci");
    for (const path of [`/health?X-API-KEY=${key}`, "/health"]) {
      const headers: Record<string, string> = path.includes("?") ? {} : { authorization: `Bearer ${key}` };
      expect((await api.get(path, { key: null, headers })).status).toBe(200);
    }
    const cookie = { cookie: `X-API-KEY=${key}` };
    expect((await api.get("/health", { key: null, headers: cookie })).status).toBe(200);
    const foreign = { ...cookie, origin: "https://example.net" };
    expect((await api.get("/health", { key: null, headers: foreign })).status).toBe(403);
  });

  test.each([
    ["of another secret", (key: string) => `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`],
    ["that is cut off", (key: string) => key.slice(0, -1)],
    ["with more behind it", (key: string) => `${key}A`],
    ["that is only its id", (key: string) => key.slice(0, 16)],
    ["of an unknown id", (key: string) => key.replace(/^npk_.{12}/, "npk_aaaaaaaaaaaa")],
  ])("%s is wrong", async (_what, change) => {
    const api = new TestApi();
    const wrong = change(api.keys.add());
    const { status, message, headers } = await api.get("/health", { key: wrong });
    expect([status, message]).toEqual([401, "wrong API key"]);
    expect(headers.get("www-authenticate")).toContain("Bearer");
    expect(api.log).not.toContain(wrong);
  });

  test("is nowhere in the log, nor in an answer, also as a query", async () => {
    const api = new TestApi();
    const key = api.keys.add();
    const answers = [
      await api.get(`/job?X-API-KEY=${key}`, { key: null }),
      await api.get(`/job?X-API-KEY=${key}&hots=x`, { key: null }),
      await api.get(`/nothing?x-api-key=${key}`, { key: null }),
      await api.get("/audit", { key }),
    ];
    for (const { envelope } of answers) expect(JSON.stringify(envelope)).not.toContain(key.slice(17));
    expect(api.log).not.toContain(key.slice(17));
    expect(JSON.stringify(api.audit.entries)).not.toContain(key.slice(17));
  });

  test("is looked up once in server.key_cache; when it was revoked it is known after that", async () => {
    const api = new TestApi();
    const key = api.keys.add();
    for (let n = 0; n < 3; n++) expect((await api.get("/health", { key })).status).toBe(200);
    expect(api.keys.asked).toHaveLength(1);
    api.keys.stored.length = 0;
    await api.clock.advance(4_999);
    expect((await api.get("/health", { key })).status).toBe(200);
    await api.clock.advance(1);
    expect((await api.get("/health", { key })).status).toBe(401);
  });

  test("that is unknown is not asked for again and again", async () => {
    const api = new TestApi();
    const key = api.keys.add();
    api.keys.stored.length = 0;
    for (let n = 0; n < 3; n++) expect((await api.get("/health", { key })).status).toBe(401);
    expect(api.keys.asked).toHaveLength(1);
    expect((await api.get("/health", { key: "no key of ours" })).status).toBe(401);
    expect(api.keys.asked).toHaveLength(1);
  });

  test("of many requests at once is looked up once", async () => {
    const api = new TestApi();
    const key = api.keys.add();
    const answers = await Promise.all(Array.from({ length: 5 }, () => api.get("/health", { key })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(api.keys.asked).toHaveLength(1);
  });

  test("opens nothing from its end on", async () => {
    const api = new TestApi();
    const key = api.keys.add({ expiresAt: NOON + 1000 });
    expect((await api.get("/health", { key })).status).toBe(200);
    await api.clock.advance(1000);
    const { status, message } = await api.get("/health", { key });
    expect([status, message]).toEqual([401, "the API key has expired"]);
  });

  test("is not taken on trust while the store is away; the configured one is", async () => {
    const api = new TestApi();
    const key = api.keys.add();
    await api.get("/health", { key });
    api.keys.fault = new StorageError("unavailable", "away");
    expect((await api.get("/health", { key })).status).toBe(200);
    await api.clock.advance(5_000);
    expect((await api.get("/health", { key })).status).toBe(503);
    expect((await api.get("/health", { key: KEY })).status).toBe(200);
    api.keys.fault = null;
    expect((await api.get("/health", { key })).status).toBe(200);
  });
});

describe("requests of a key", () => {
  test("are as many a minute as it may make, then 429 until one may come again", async () => {
    const api = new TestApi();
    const key = api.keys.add({ perMinute: 3 });
    const statusOf = async () => (await api.get("/health", { key })).status;
    expect([await statusOf(), await statusOf(), await statusOf()]).toEqual([200, 200, 200]);
    const refused = await api.exec(body, { "x-api-key": key });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("20");
    expect(api.engine.submitted).toEqual([]);
    await api.clock.advance(20_000);
    expect([await statusOf(), await statusOf()]).toEqual([200, 429]);
    expect((await api.get("/health")).status).toBe(200);
  });

  test("are limited by server.rate_limit where the key says nothing, the configured key's too", async () => {
    const { server } = new TestApi().deps.config;
    const api = new TestApi({ server: { ...server, rateLimit: 1 } });
    const own = api.keys.add({ perMinute: 2 });
    const statuses: number[] = [];
    for (const key of [KEY, KEY, own, own, own]) statuses.push((await api.get("/health", { key })).status);
    expect(statuses).toEqual([200, 429, 200, 200, 429]);
  });
});

describe("a key that is limited to devices", () => {
  const devices = { allow: ["10.0.0.0/8"], deny: [] };

  function apiWithJobs() {
    const api = new TestApi();
    api.engine.add(aJob({ id: "job_ours", seq: 1, host: "10.0.0.1", batchId: "batch_1" }));
    api.engine.add(aJob({ id: "job_theirs", seq: 2, host: "192.0.2.1", batchId: "batch_1" }));
    api.engine.add(aJob({ id: "job_site", seq: 3, host: "10.0.0.1", site: "bonn" }));
    return { api, key: api.keys.add({ devices }) };
  }

  test("sees jobs of theirs, and no others", async () => {
    const { api, key } = apiWithJobs();
    const ids = async (path: string) => {
      const { data } = await api.get(path, { key });
      return (data as { id: string }[]).map(({ id }) => id);
    };
    expect(await ids("/job?id=job_ours")).toEqual(["job_ours"]);
    expect(await ids("/job?host=10.0.0.1")).toEqual(["job_ours"]);
    expect(await ids("/job?host=192.0.2.1")).toEqual([]);
    for (const path of ["/job?id=job_theirs", "/jobs/job_theirs", "/job/job_theirs/events"]) {
      expect((await api.get(path, { key })).status).toBe(404);
    }
    expect(await api.get("/job", { key })).toMatchObject({
      status: 403,
      message: expect.stringContaining("host"),
    });
  });

  test("cancels those alone", async () => {
    const { api, key } = apiWithJobs();
    expect((await api.call("DELETE", "/job?id=job_theirs", { key })).status).toBe(404);
    expect((await api.call("DELETE", "/job?queue=FifoQ", { key })).data.cancelled_jobs).toEqual(["job_ours"]);
    expect(api.engine.all.map(({ status }) => status)).toEqual(["cancelled", "queued", "queued"]);
  });

  test("stops no workers: they serve others as well", async () => {
    const { api, key } = apiWithJobs();
    expect((await api.call("DELETE", "/worker?queue=FifoQ", { key })).status).toBe(403);
  });
});

describe("the audit log", () => {
  test("names who cancelled, aborted, stopped, suspended and forgot what", async () => {
    const api = new TestApi();
    const key = api.keys.add({ name: "ci" });
    api.engine.add(aJob({ id: "job_1", host: "10.0.0.1" }));
    api.engine.add(aJob({ id: "job_2", seq: 2, host: "10.0.0.2" }));
    await api.call("DELETE", "/job?id=job_1", { key });
    await api.call("DELETE", "/job?host=10.0.0.2", { key });
    await api.call("POST", "/worker/suspend?queue=FifoQ", { key });
    await api.call("DELETE", "/worker?queue=FifoQ", { key });
    api.hostKeys.keys.push({
      site: null,
      host: "10.0.0.3",
      port: 22,
      algorithm: "ssh-rsa",
      fingerprint: "SHA256:x",
      firstSeen: NOON,
    });
    await api.call("DELETE", "/hostkeys?host=10.0.0.3", { key });
    const { data } = await api.get("/audit?key=ci");
    const told = (data as Record<"action" | "host" | "job_id", string | null>[]).map((entry) => [
      entry.action,
      entry.host,
      entry.job_id,
    ]);
    expect(told).toEqual([
      ["forget_host_key", "10.0.0.3", null],
      ["stop_workers", null, null],
      ["suspend_workers", null, null],
      ["cancel", "10.0.0.2", null],
      ["cancel", "10.0.0.1", "job_1"],
    ]);
  });

  test("has what a key was refused, with the reason", async () => {
    const api = new TestApi();
    const key = api.keys.add({ name: "ci" });
    const fields = [{ loc: ["command", 0], msg: "it is denied" }];
    api.engine.fault = new RequestError("forbidden", "the key does not allow this", fields);
    const refused = await api.exec(body, { "x-api-key": key });
    expect(refused).toMatchObject({ status: 403, data: [{ loc: ["body", "command", 0] }] });
    expect(api.audit.entries).toMatchObject([
      {
        actor: "ci",
        action: "exec",
        outcome: "refused",
        host: "10.0.0.1",
        detail: "command.0: it is denied",
      },
    ]);
  });

  test("is listed in pages, by filters, and its parameters are checked", async () => {
    const api = new TestApi();
    const entry = {
      action: "exec",
      outcome: "done",
      host: "10.0.0.1",
      site: null,
      job: "job_1",
      batch: null,
    } as const;
    for (const n of [1, 2, 3]) {
      await api.audit.appendAudit({ entries: [{ ...entry, actor: "ci", detail: `show ${n}` }] });
    }
    const first = await api.get("/audit?host=10.0.0.1&limit=2");
    expect(first.data[0]).toEqual({
      at: "2024-01-01T12:00:00.000+08:00",
      key: "ci",
      action: "exec",
      outcome: "done",
      host: "10.0.0.1",
      site: null,
      job_id: "job_1",
      batch_id: null,
      detail: "show 3",
    });
    const [, next = ""] = /<([^>]+)>/.exec(first.headers.get("link") ?? "") ?? [];
    const second = await api.get(next);
    expect(second.data.map(({ detail }: { detail: string }) => detail)).toEqual(["show 1"]);
    expect(second.envelope.pagination).toEqual({ next_cursor: null, limit: 2 });
    expect((await api.get("/audit?key=other")).data).toEqual([]);
    expect((await api.get("/audit?since=2024-01-01T12:00:00%2B08:00&until=2024-01-02")).data).toHaveLength(3);
    for (const wrong of ["since=x", "outcome=x", "who=ci", "host="]) {
      expect((await api.get(`/audit?${wrong}`)).status).toBe(422);
    }
  });
});

test("every scope is one that some route asks for", async () => {
  const document = await new TestApi().get("/swagger/json", { key: null });
  const asked = JSON.stringify(document.envelope.paths);
  for (const scope of SCOPES) expect(asked).toContain(`"${scope}"`);
});

test("a form whose job its key does not allow leaves no file behind", async () => {
  const folder = tempDir("keys-files");
  const files = await openFileFolder({ dir: folder.path, maxSize: 1024 });
  const api = new TestApi({}, [], files);
  api.engine.denied = [{ loc: ["file_transfer"], msg: "needs a key with the scope config" }];
  api.engine.fault = new RequestError("forbidden", "the key does not allow this", api.engine.denied);
  const form = new FormData();
  const file_transfer = { operation: "upload", remote_path: "/tmp/x" };
  form.set("request", JSON.stringify({ driver: "linux", connection_args, file_transfer }));
  form.set("file", new File(["content"], "x.txt"));
  const sent = new Request("http://localhost:9000/device/exec", { method: "POST", body: form });
  sent.headers.set("x-api-key", api.keys.add());
  const response = await api.api.handle(sent);
  expect(response.status).toBe(403);
  expect([...new Bun.Glob("uploads/**").scanSync(folder.path)]).toEqual([]);
  folder.remove();
});

test("a key that is limited to devices has of stored files what their jobs have downloaded", async () => {
  const folder = tempDir("keys-files");
  const files = await openFileFolder({ dir: folder.path, maxSize: 1024 });
  const api = new TestApi({}, [], files);
  const key = api.keys.add({ devices: { allow: ["10.0.0.0/8"], deny: [] } });
  api.engine.add(aJob({ id: "job_1", host: "10.0.0.1" }));
  api.engine.add(aJob({ id: "job_2", seq: 2, host: "192.0.2.1" }));
  const statusOf = async (path: string, by: string) => {
    const place = join(folder.path, path);
    mkdirSync(dirname(place), { recursive: true });
    await Bun.write(place, "content");
    const sent = request("GET", `/storage/${idOfFile(path)}`, { key: by });
    const response = await api.api.handle(sent);
    await response.body?.cancel();
    return response.status;
  };
  const ours = "downloads/job_1/0/x";
  const others = ["downloads/job_2/0/x", "downloads/job_9/0/x", "uploads/x"];
  expect(await statusOf(ours, key)).toBe(200);
  for (const path of others) expect([path, await statusOf(path, key)]).toEqual([path, 404]);
  expect(await statusOf(others[0] ?? "", KEY)).toBe(200);
  folder.remove();
});

test("a key that is limited to devices has their detached tasks", async () => {
  const api = new TestApi();
  const key = api.keys.add({ devices: { allow: ["10.0.0.0/8"], deny: [] } });
  const id = (n: number) => `task_${String(n).repeat(26)}`;
  for (const [n, host] of ["10.0.0.1", "192.0.2.1"].entries()) {
    const login = { driver: "linux", connectionArgs: { host }, driverArgs: {} };
    await api.engine.tasks.keep(login, { id: id(n), state: "running", command: "make", createdAt: NOON });
  }
  const { data } = await api.get("/detached-tasks", { key });
  expect((data as { host: string }[]).map(({ host }) => host)).toEqual(["10.0.0.1"]);
  expect((await api.get(`/detached-tasks/${id(1)}`, { key })).status).toBe(404);
  expect((await api.call("DELETE", `/detached-tasks/${id(1)}`, { key })).status).toBe(404);
});
