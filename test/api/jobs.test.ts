import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { JobSchema } from "../../src/api/modules/jobs/schema.ts";
import { request, TestApi, wrongFields } from "./client.ts";
import { aJob, anEndedJob, anOutput, NOON } from "./memory-engine.ts";

function withJobs(count: number): TestApi {
  const api = new TestApi();
  for (let seq = 1; seq <= count; seq++) {
    api.engine.add(anEndedJob({ seq, createdAt: NOON + seq * 1000 }), [anOutput()]);
  }
  return api;
}

const ids = (jobs: { id: string }[]) => jobs.map(({ id }) => id);

describe("GET /job", () => {
  test("shows a job as the document does, and what goes beyond it", async () => {
    const api = new TestApi();
    const job = anEndedJob({ id: "job_123456", queue: "pinned_192.168.1.1", host: "192.168.1.1" });
    api.engine.add(job, [anOutput()]);
    const { data } = await api.get("/job?id=job_123456");
    expect(data).toEqual([
      {
        id: "job_123456",
        status: "finished",
        queue: "pinned_192.168.1.1",
        created_at: "2024-01-01T12:00:00.000+08:00",
        enqueued_at: "2024-01-01T12:00:01.000+08:00",
        started_at: "2024-01-01T12:00:02.000+08:00",
        ended_at: "2024-01-01T12:00:05.000+08:00",
        worker: "worker_001",
        result: {
          type: "success",
          retval: "Cisco IOS Software, Version 15.2...",
          error: null,
          outputs: [
            {
              command: "show version",
              stdout: "Cisco IOS Software, Version 15.2...",
              stderr: "",
              exit_status: null,
              ok: true,
              parsed: null,
              parse_error: null,
              started_at: "2024-01-01T12:00:02.000+08:00",
              duration: 2.9,
            },
          ],
          truncated: false,
        },
        duration: 3,
        queue_time: 1,
        driver: "netmiko",
        host: "192.168.1.1",
        node: "n1",
        command: ["show version"],
        attempts: 1,
        batch_id: null,
        waiting_on: null,
      },
    ]);
    expect(Value.Check(JobSchema, data[0])).toBe(true);
  });

  test("shows what is absent as null", async () => {
    const api = new TestApi();
    api.engine.add(aJob());
    const [job] = (await api.get("/job?id=job_1")).data;
    for (const name of [
      "started_at",
      "ended_at",
      "worker",
      "result",
      "duration",
      "queue_time",
      "node",
      "batch_id",
    ]) {
      expect(job[name]).toBeNull();
    }
  });

  test("shows what a queued job waits for, with and without results", async () => {
    const api = new TestApi();
    api.engine.add(aJob());
    const waiting = { message: "a retry's pause", ahead: 3, job: "job_0", until: NOON + 5000 };
    api.engine.waiting.set("job_1", { reason: "delayed", ...waiting });
    const shown = { ...waiting, reason: "delayed", until: "2024-01-01T12:00:05.000+08:00" };
    for (const path of ["/job?id=job_1", "/job", "/job?result=false"]) {
      const [job] = (await api.get(path)).data;
      expect(job.waiting_on).toEqual(shown);
      expect(Value.Check(JobSchema, job)).toBe(true);
    }
  });

  test("by id is alone decisive, and 404 when there is none", async () => {
    const api = withJobs(2);
    expect(ids((await api.get("/job?id=job_2&queue=elsewhere&status=queued&limit=1")).data)).toEqual([
      "job_2",
    ]);
    expect((await api.get("/job?id=job_9")).status).toBe(404);
  });

  test("lists newest first; order=asc turns it", async () => {
    const api = withJobs(3);
    expect(ids((await api.get("/job")).data)).toEqual(["job_3", "job_2", "job_1"]);
    expect(ids((await api.get("/job?order=asc")).data)).toEqual(["job_1", "job_2", "job_3"]);
  });

  test("narrows by every filter together", async () => {
    const api = new TestApi();
    const filters = {
      queue: "FifoQ",
      status: "finished",
      node: "n1",
      host: "192.0.2.1",
      worker: "w1",
      driver: "netmiko",
      batch_id: "batch_1",
    };
    const job = anEndedJob({ worker: "w1", batchId: "batch_1" });
    api.engine.add(job);
    const search = new URLSearchParams(filters).toString();
    expect(ids((await api.get(`/job?${search}`)).data)).toEqual(["job_1"]);
    for (const name of Object.keys(filters)) {
      const other = new URLSearchParams({
        ...filters,
        [name]: name === "status" ? "failed" : "198.51.100.7",
      });
      expect((await api.get(`/job?${other}`)).data).toEqual([]);
    }
  });

  test("takes a host in any spelling", async () => {
    const api = new TestApi();
    api.engine.add(aJob({ host: "router-1.example" }));
    api.engine.add(aJob({ seq: 2, host: "2001:db8::1" }));
    expect(ids((await api.get("/job?host=Router-1.Example.")).data)).toEqual(["job_1"]);
    expect(ids((await api.get("/job?host=2001:0DB8:0:0::1")).data)).toEqual(["job_2"]);
  });

  test.each([
    ["with an offset", "2024-01-01T12:00:02%2B08:00", "2024-01-01T12:00:03%2B08:00"],
    ["whose plus was not escaped", "2024-01-01T12:00:02+08:00", "2024-01-01T12:00:03+08:00"],
    ["in UTC", "2024-01-01T04:00:02Z", "2024-01-01T04:00:03.000Z"],
    ["in the server's zone", "2024-01-01T12:00:02", "2024-01-01 12:00:03"],
  ])("since and until take times %s", async (_how, since, until) => {
    expect(ids((await withJobs(4).get(`/job?since=${since}&until=${until}`)).data)).toEqual(["job_2"]);
  });

  test("result=false leaves results out and does not read them", async () => {
    const api = withJobs(1);
    const [job] = (await api.get("/job?result=false")).data;
    expect(job).not.toHaveProperty("result");
    expect(api.engine.queries.every(({ outputs }) => !outputs)).toBe(true);
    expect((await api.get("/job?id=job_1&result=false")).data[0]).not.toHaveProperty("result");
  });

  test("outputs=false leaves output alone out, and does not read it", async () => {
    const api = new TestApi();
    const error = { type: "ConfigError", message: "line 2 was refused", retryable: false } as const;
    const job = anEndedJob({ id: "job_1", status: "failed", result: { type: "failed", error } });
    api.engine.add(job, [anOutput()]);
    for (const path of ["/job?outputs=false", "/job?id=job_1&outputs=false"]) {
      const [job] = (await api.get(path)).data;
      expect(job.result).toEqual({ type: "failed", error, retval: null, outputs: [], truncated: false });
    }
    expect((await api.get("/jobs/job_1?outputs=false")).envelope.result).toMatchObject({
      type: 2,
      retval: null,
    });
    expect(api.engine.queries.every(({ outputs }) => !outputs)).toBe(true);
    expect((await api.get("/job?result=false&outputs=true")).data[0]).not.toHaveProperty("result");
  });
});

describe("waiting for a job's end", () => {
  test("holds the answer until the job has ended", async () => {
    const api = new TestApi();
    const job = api.engine.add(aJob({ status: "started" }));
    const ended = Promise.withResolvers<void>();
    const waiting = Promise.withResolvers<number>();
    api.engine.onWait = async (_signal, waitMs) => {
      waiting.resolve(waitMs);
      await ended.promise;
    };
    const answer = api.get("/job?id=job_1&wait=30.5");
    expect(await waiting.promise).toBe(30_500);
    Object.assign(job, anEndedJob());
    ended.resolve();
    expect((await answer).data[0].status).toBe("finished");
  });

  test("ends when the client goes away", async () => {
    const api = new TestApi();
    api.engine.add(aJob());
    const client = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    api.engine.onWait = (signal) => {
      signal.addEventListener("abort", () => resolve());
      client.abort();
      return promise;
    };
    const response = await api.api.handle(request("GET", "/job?id=job_1&wait=60", { signal: client.signal }));
    expect(response.status).toBe(200);
  });

  test("ends when the API stops", async () => {
    const api = new TestApi();
    api.engine.add(aJob());
    api.engine.onWait = (signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve());
      api.api.release();
      return promise;
    };
    expect((await api.get("/job?id=job_1&wait=60")).data[0].status).toBe("queued");
  });

  test("does not wait when not asked to", async () => {
    const api = withJobs(1);
    api.engine.onWait = () => Promise.reject(new Error("it waited"));
    expect((await api.get("/job?id=job_1")).status).toBe(200);
    expect((await api.get("/job?id=job_1&wait=0")).status).toBe(200);
  });
});

describe("pages", () => {
  test("follow each other by cursor and by Link header, without gap or overlap", async () => {
    const api = withJobs(7);
    const seen: string[] = [];
    let path: string | null = "/job?limit=3&status=finished";
    for (let page = 0; path !== null; page++) {
      expect(page).toBeLessThan(3);
      const answer = await api.get(path);
      seen.push(...ids(answer.data));
      const { next_cursor, limit } = answer.envelope.pagination;
      expect(limit).toBe(3);
      const [, next = null] = /^<(.*)>; rel="next"$/.exec(answer.headers.get("link") ?? "") ?? [];
      expect(next === null).toBe(next_cursor === null);
      if (next !== null) expect(new URL(next, "http://x").searchParams.get("cursor")).toBe(next_cursor);
      path = next;
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((seq) => `job_${seq}`));
  });

  test("have 1000 entries at most, and that many by default", async () => {
    const { data, envelope } = await withJobs(1001).get("/job?result=false");
    expect(data).toHaveLength(1000);
    expect(envelope.pagination).toEqual({ next_cursor: expect.any(String), limit: 1000 });
  });

  test("the link does not hold the key", async () => {
    const api = withJobs(2);
    const { headers } = await api.get("/job?limit=1&X-API-KEY=test-key-0123456789", { key: null });
    expect(headers.get("link")).not.toContain("test-key");
  });

  test.each([
    ["other filters", "/job?limit=1&status=finished"],
    ["another order", "/job?limit=1&order=asc"],
  ])("a cursor does not go on with %s", async (_what, path) => {
    const api = withJobs(3);
    const { next_cursor } = (await api.get("/job?limit=1")).envelope.pagination;
    const answer = await api.get(`${path}&cursor=${next_cursor}`);
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)["query.cursor"]).toContain("filters and order must stay the same");
  });

  test("a cursor goes on with another limit and without results", async () => {
    const api = withJobs(4);
    const { next_cursor } = (await api.get("/job?limit=1")).envelope.pagination;
    expect(ids((await api.get(`/job?limit=2&result=false&cursor=${next_cursor}`)).data)).toEqual([
      "job_3",
      "job_2",
    ]);
  });

  test.each(["x", "e30", "bnVsbA", "W10", Buffer.from('{"v":1,"l":"","after":{}}').toString("base64url")])(
    "what is no cursor is refused: %s",
    async (cursor) => {
      expect((await withJobs(1).get(`/job?cursor=${cursor}`)).status).toBe(422);
    },
  );

  test("end early when they hold 16 MB, and go on where they ended", async () => {
    const api = new TestApi();
    for (let seq = 1; seq <= 40; seq++) {
      api.engine.add(anEndedJob({ seq }), [anOutput({ stdout: "x".repeat(300_000) })]);
    }
    const first = await api.get("/job");
    expect(JSON.stringify(first.data).length).toBeGreaterThan(16_000_000);
    expect(JSON.stringify(first.data).length).toBeLessThan(17_000_000);
    const rest = await api.get(`/job?cursor=${first.envelope.pagination.next_cursor}`);
    expect(first.data.length + rest.data.length).toBe(40);
    expect(rest.envelope.pagination.next_cursor).toBeNull();
    expect(rest.data.at(-1).result.retval).toBe("x".repeat(300_000));
  });
});

describe("DELETE /job", () => {
  test("cancels a queued job by id", async () => {
    const api = new TestApi();
    api.engine.add(aJob());
    const { status, data } = await api.call("DELETE", "/job?id=job_1");
    expect(status).toBe(200);
    expect(data).toEqual({ cancelled_count: 1, cancelled_jobs: ["job_1"] });
    expect(api.engine.all[0]?.status).toBe("cancelled");
  });

  test("is 404 for an unknown job, 409 for one that has started or ended", async () => {
    const api = new TestApi();
    api.engine.add(aJob({ status: "started" }));
    api.engine.add(anEndedJob({ seq: 2 }));
    expect((await api.call("DELETE", "/job?id=job_9")).status).toBe(404);
    expect((await api.call("DELETE", "/job?id=job_1")).status).toBe(409);
    expect((await api.call("DELETE", "/job?id=job_2")).status).toBe(409);
    expect(api.engine.all[0]?.status).toBe("started");
  });

  test("force=true aborts one that has started", async () => {
    const api = new TestApi();
    api.engine.add(aJob({ status: "started" }));
    expect((await api.call("DELETE", "/job?id=job_1&force=false")).status).toBe(409);
    expect((await api.call("DELETE", "/job?id=job_1&force=true")).data.cancelled_jobs).toEqual(["job_1"]);
  });

  test("cancels all queued jobs of a queue, a host or a batch, and names every one", async () => {
    const api = new TestApi();
    api.engine.add(aJob({ seq: 1, queue: "pinned_a", host: "a", batchId: "batch_1" }));
    api.engine.add(aJob({ seq: 2, queue: "FifoQ", host: "a" }));
    api.engine.add(aJob({ seq: 3, queue: "FifoQ", host: "b", batchId: "batch_1" }));
    api.engine.add(anEndedJob({ seq: 4, queue: "FifoQ", host: "a" }));
    expect((await api.call("DELETE", "/job?host=A&queue=FifoQ")).data.cancelled_jobs).toEqual(["job_2"]);
    expect((await api.call("DELETE", "/job?batch_id=batch_1")).data.cancelled_jobs).toEqual([
      "job_1",
      "job_3",
    ]);
    expect((await api.call("DELETE", "/job?host=a")).data).toEqual({
      cancelled_count: 0,
      cancelled_jobs: [],
    });
  });

  test("by id the other filters do not matter", async () => {
    const api = new TestApi();
    api.engine.add(aJob());
    expect((await api.call("DELETE", "/job?id=job_1&queue=other")).data.cancelled_count).toBe(1);
  });

  test("with a status that cannot be cancelled cancels nothing", async () => {
    const api = new TestApi();
    api.engine.add(aJob());
    expect((await api.call("DELETE", "/job?queue=FifoQ&status=started")).data.cancelled_count).toBe(0);
    expect((await api.call("DELETE", "/job?queue=FifoQ&status=queued")).data.cancelled_count).toBe(1);
  });

  test.each([
    "/job",
    "/job?status=queued",
    "/job?driver=netmiko&since=2024-01-01",
    "/job?queue=",
    "/job?id=",
    "/job?hots=192.0.2.1",
    "/job?host=192.0.2.1&queu=FifoQ",
    "/job?queue=FifoQ&queue=FifoQ",
    "/job?queue=FifoQ&force=true",
    "/job?queue=FifoQ&limit=1",
    "/job?host=not%20a%20host",
  ])("never cancels more than was meant: %s is refused", async (path) => {
    const api = new TestApi();
    api.engine.add(aJob());
    expect((await api.call("DELETE", path)).status).toBe(422);
    expect(api.engine.all[0]?.status).toBe("queued");
  });
});

describe("wrong parameters are all named, with the way out and without their values", () => {
  test.each([
    ["/job?idd=job_1", { "query.idd": 'unknown parameter; did you mean "id"?' }],
    ["/job?stauts=queued", { "query.stauts": 'unknown parameter; did you mean "status"?' }],
    ["/job?limit=0", { "query.limit": "must be an integer from 1 to 1000" }],
    ["/job?limit=1e2", { "query.limit": "must be an integer from 1 to 1000" }],
    ["/job?limit=-1", { "query.limit": "must be an integer from 1 to 1000" }],
    ["/job?limit=10.5", { "query.limit": "must be an integer from 1 to 1000" }],
    ["/job?id=job_1&wait=61", { "query.wait": "must be seconds from 0 to 60" }],
    ["/job?wait=5", { "query.wait": "works with id only: one job's end is waited for" }],
    ["/job?result=no", { "query.result": "must be true or false" }],
    ["/job?order=up", { "query.order": 'must be one of "desc", "asc"' }],
    ["/job?host=a%20b", { "query.host": "is neither a host name nor an IP address" }],
    ["/job?since=yesterday", { "query.since": expect.stringContaining("is not a time; give ISO-8601") }],
    ["/job?since=2024-02-30", { "query.since": expect.stringContaining("is not a time") }],
    ["/job?queue=a&queue=b", { "query.queue": "is given more than once; keep one" }],
    [
      "/job?__proto__=1&constructor=2",
      { "query.__proto__": /unknown parameter/, "query.constructor": /unknown parameter/ },
    ],
  ])("%s", async (path, expected) => {
    const answer = await new TestApi().get(path);
    expect(answer.status).toBe(422);
    const wrong = wrongFields(answer);
    expect(Object.keys(wrong)).toEqual(Object.keys(expected));
    for (const [name, msg] of Object.entries(expected)) {
      if (msg instanceof RegExp) expect(wrong[name]).toMatch(msg);
      else expect(wrong[name]).toEqual(msg);
    }
  });

  test("in one answer", async () => {
    const answer = await new TestApi().get(
      "/job?status=hunter2hunter2&limit=many&host=!!&until=soon&foo=1&wait=5",
    );
    expect(Object.keys(wrongFields(answer)).sort()).toEqual(
      ["foo", "host", "limit", "status", "until", "wait"].map((name) => `query.${name}`),
    );
    expect(answer.message).toStartWith("wrong parameters: ");
    expect(answer.message).toContain("status");
    expect(JSON.stringify(answer.envelope)).not.toContain("hunter2hunter2");
  });
});
