import { describe, expect, test } from "bun:test";
import { RequestError } from "../../src/core/errors.ts";
import type { JobEvent } from "../../src/engine/follow.ts";
import { request, TestApi, wrongFields } from "./client.ts";
import { aJob, anEndedJob, NOON } from "./memory-engine.ts";

const place = { attempts: 1, offset: 52 };
const STATE: JobEvent = {
  kind: "state",
  job: aJob({ status: "started" }),
  place: { attempts: 1, offset: 0 },
};
const END: JobEvent = { kind: "state", job: anEndedJob(), place };

function telling(api: TestApi, events: JobEvent[]): void {
  api.engine.onFollow = async function* () {
    yield* events;
  };
}

function open(api: TestApi, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
  return api.api.handle(request("GET", "/job/job_1/events", { headers, ...(signal && { signal }) }));
}

/** A stream that tells its first event and then nothing. */
async function silent(api: TestApi) {
  api.engine.onFollow = async function* ({ signal }) {
    yield STATE;
    await new Promise<void>((resume) => signal.addEventListener("abort", () => resume()));
  };
  const response = await open(api);
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await read()).toBe("retry: 2000\n\n");
  expect(await read()).toStartWith("event: state\n");
  return { reader, read };
}

describe("GET /job/{id}/events", () => {
  test("tells each event with its place, and ends with the job", async () => {
    const api = new TestApi();
    telling(api, [
      STATE,
      {
        kind: "output",
        frames: [
          {
            frame: { kind: "start", index: 0, at: NOON, command: "show version" },
            place: { attempts: 1, offset: 10 },
          },
          {
            frame: { kind: "data", index: 0, stream: "stdout", text: "line\nevent: end\n" },
            place: { attempts: 1, offset: 30 },
          },
          { frame: { kind: "end", index: 0, ok: true, exitStatus: 0, durationMs: 240 }, place },
        ],
      },
      { kind: "reset", place: { attempts: 2, offset: 0 } },
      END,
    ]);
    const response = await open(api);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const events = (await response.text()).trimEnd().split("\n\n");
    expect(events.map((event) => event.split("\n").map((line) => line.slice(0, 60)))).toMatchObject([
      ["retry: 2000"],
      ["event: state", "id: 1-0", expect.stringContaining('"status":"started"')],
      [
        "event: command",
        "id: 1-10",
        'data: {"index":0,"command":"show version","at":"2024-01-01T1'.slice(0, 60),
      ],
      [
        "event: output",
        "id: 1-30",
        'data: {"index":0,"stream":"stdout","text":"line\\nevent: end\\n'.slice(0, 60),
      ],
      ["event: command_end", "id: 1-52", 'data: {"index":0,"ok":true,"exit_status":0,"duration":0.24}'],
      ["event: reset", "id: 2-0", "data: {}"],
      ["event: end", "id: 1-52-end", expect.stringContaining("data: {")],
    ]);
    expect(JSON.parse(events.at(-1)?.split("data: ")[1] ?? "")).toMatchObject({
      id: "job_1",
      status: "finished",
      result: { type: "success", error: null },
    });
  });

  test("goes on behind Last-Event-ID, and says that there is nothing behind the end", async () => {
    const api = new TestApi();
    const asked: unknown[] = [];
    api.engine.onFollow = async function* ({ from }) {
      asked.push(from);
      yield END;
    };
    await (await open(api)).text();
    await (await open(api, { "last-event-id": "2-77" })).text();
    expect(asked).toEqual([null, { attempts: 2, offset: 77 }]);
    const ended = await open(api, { "last-event-id": "2-77-end" });
    expect([ended.status, await ended.text()]).toEqual([204, ""]);
  });

  test.each(["abc", "1", "1-", "-1-2", "1-2-3", "1-2-end "])("refuses the id %p", async (id) => {
    const answer = await new TestApi().get("/job/job_1/events", { headers: { "last-event-id": `x${id}` } });
    expect(answer.status).toBe(422);
    expect(Object.keys(wrongFields(answer))).toEqual(["header.Last-Event-ID"]);
  });

  test("refuses what it does not know, an unknown job, and who has no key", async () => {
    const api = new TestApi();
    expect((await api.get("/job/job_1/events?from=3")).status).toBe(422);
    expect((await api.get("/job/job_1/events", { key: null })).status).toBe(401);
    api.engine.fault = new RequestError("not_found", "no such job");
    expect((await api.get("/job/job_1/events")).status).toBe(404);
  });

  test("beats while nothing happens", async () => {
    const api = new TestApi();
    const { read, reader } = await silent(api);
    const beat = read();
    await api.clock.advance(15_000);
    expect(await beat).toBe(": still here\n\n");
    await reader.cancel();
    expect(api.clock.timers).toBe(0);
  });

  test("serves no more than server.max_streams, and others again when one ends", async () => {
    const api = new TestApi();
    const first = await silent(api);
    await silent(api);
    const refused = await api.get("/job/job_1/events");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("5");
    await first.reader.cancel();
    await silent(api);
  });

  test("a refused one holds no place", async () => {
    const api = new TestApi();
    api.engine.fault = new Error("broken");
    for (let n = 0; n < 5; n++) expect((await open(api)).status).toBe(500);
    api.engine.fault = null;
    await silent(api);
    await silent(api);
  });

  test("reads nothing ahead of its client, and cuts it off when it takes nothing", async () => {
    const api = new TestApi();
    let told = 0;
    let ended = false;
    api.engine.onFollow = async function* () {
      try {
        for (;;) {
          told += 1;
          yield STATE;
        }
      } finally {
        ended = true;
      }
    };
    const response = await open(api);
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    await reader.read();
    await reader.read();
    await api.clock.advance(29_000);
    expect(told).toBeLessThanOrEqual(2);
    expect(ended).toBe(false);
    await api.clock.advance(1_000);
    expect(ended).toBe(true);
    await expect(reader.read()).rejects.toThrow("took nothing");
  });

  test("ends when the API stops, so that clients come back elsewhere", async () => {
    const api = new TestApi();
    const { read } = await silent(api);
    const last = read();
    api.api.release();
    expect(await last).toBe("");
  });

  test("a store that goes away ends it without an end", async () => {
    const api = new TestApi();
    api.engine.onFollow = async function* () {
      yield STATE;
      throw new Error("gone");
    };
    expect(await (await open(api)).text()).not.toContain("event: end");
  });

  test("HEAD does not wait for it", async () => {
    const api = new TestApi();
    api.engine.onFollow = async function* ({ signal }) {
      yield STATE;
      await new Promise<void>((resume) => signal.addEventListener("abort", () => resume()));
    };
    const response = await api.api.handle(request("HEAD", "/job/job_1/events"));
    expect([response.status, response.body]).toEqual([200, null]);
    await silent(api);
    await silent(api);
  });
});
