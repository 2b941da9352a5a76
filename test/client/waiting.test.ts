import { describe, expect, test } from "bun:test";
import { type Job, JobFailed, Netpulse, orThrow, WaitTimeout } from "../../src/client/index.ts";
import { StorageError } from "../../src/core/errors.ts";
import { aJob, anEndedJob } from "../api/memory-engine.ts";
import { FakeClock } from "../support/clock.ts";
import { clientWorld, EXEC } from "./support/api.ts";

describe("wait, from a real API,", () => {
  test("is held by the API and ends with the job", async () => {
    const { client, engine, way } = await clientWorld();
    const job = engine.add(aJob());
    engine.onWait = async () => void Object.assign(job, anEndedJob());
    expect((await client.jobs.wait("job_1")).status).toBe("finished");
    expect(way.requests).toEqual(["GET /job"]);
  });

  test("goes on where the API lets its waiters go, and over lost answers and a store that is away", async () => {
    const { client, engine, way } = await clientWorld();
    const job = engine.add(aJob());
    let asked = 0;
    engine.onWait = async () => {
      asked += 1;
      if (asked === 2) throw new StorageError("unavailable", "gone");
      if (asked === 4) Object.assign(job, anEndedJob());
    };
    way.fates = ["whole", "whole", "dropped"];
    expect((await client.jobs.wait("job_1")).status).toBe("finished");
    expect(asked).toBe(4);
  });

  test("ends with the caller's signal, and the API hears of it", async () => {
    const { client, engine } = await clientWorld();
    engine.add(aJob());
    const left = new AbortController();
    const heard = Promise.withResolvers<void>();
    engine.onWait = (signal) => {
      signal.addEventListener("abort", () => heard.resolve());
      left.abort(new Error("enough"));
      return heard.promise;
    };
    await expect(client.jobs.wait("job_1", { signal: left.signal })).rejects.toThrow("enough");
    await heard.promise;
    expect(engine.all[0]?.status).toBe("queued");
  });

  test("run throws what the job failed with", async () => {
    const { client, engine } = await clientWorld();
    const error = {
      type: "ConnectionError",
      message: "192.0.2.1:22 refused the connection",
      retryable: true,
    } as const;
    engine.onWait = async () => {
      Object.assign(engine.all[0] ?? {}, anEndedJob({ status: "failed", result: { type: "failed", error } }));
    };
    const failure: unknown = await client.devices.run(EXEC).catch((thrown: unknown) => thrown);
    if (!(failure instanceof JobFailed)) throw failure;
    expect(failure.message).toBe("ConnectionError: 192.0.2.1:22 refused the connection");
    expect([failure.type, failure.retryable, failure.job.id]).toEqual(["ConnectionError", true, "job_1"]);
  });

  test("run gives the job that finished", async () => {
    const { client, engine } = await clientWorld();
    engine.onWait = async () => void Object.assign(engine.all[0] ?? {}, anEndedJob());
    expect((await client.devices.run(EXEC)).status).toBe("finished");
  });
});

describe("wait, by the clock,", () => {
  /** A client whose every poll is answered as `answer` says, at the end of what it asked to be held. */
  function polling(answer: (poll: number) => Response | Promise<Response>) {
    const clock = new FakeClock();
    const polls: number[] = [];
    const client = new Netpulse({
      url: "http://np.example",
      clock,
      random: (bytes) => bytes.fill(0),
      async fetch(url) {
        polls.push(Number(new URL(url).searchParams.get("wait")));
        return await answer(polls.length);
      },
    });
    return { clock, polls, client };
  }
  const job = (status: string) =>
    Response.json({ code: 200, message: "success", data: [{ id: "j", status }] });

  test("asks for no more than is left of its time-out, then says so", async () => {
    const { clock, polls, client } = polling(async (poll) => {
      clock.jump((polls[poll - 1] ?? 0) * 1000);
      return job("started");
    });
    const error: unknown = await client.jobs
      .wait("j", { timeoutMs: 70_000 })
      .catch((thrown: unknown) => thrown);
    expect(polls).toEqual([50, 20]);
    expect(error).toBeInstanceOf(WaitTimeout);
    expect(error).toMatchObject({ jobId: "j", message: "j has not ended within 70 s" });
    expect(clock.timers).toBe(0);
  });

  test("looks once where there is no time", async () => {
    const { client, polls } = polling(() => job("finished"));
    expect((await client.jobs.wait("j", { timeoutMs: 0 })).status).toBe("finished");
    expect(polls).toEqual([0]);
  });

  test("is patient with an API that is away for a minute, and no longer", async () => {
    const { clock, client, polls } = polling(() => new Response("", { status: 503 }));
    let over = false;
    const error = client.jobs.wait("j").catch((thrown: unknown) => {
      over = true;
      return thrown;
    });
    for (let s = 0; s < 45; s++) await clock.advance(1000);
    expect(over).toBe(false);
    for (let s = 0; s < 20; s++) await clock.advance(1000);
    expect(over).toBe(true);
    expect(await error).toMatchObject({ name: "Unavailable" });
    expect(polls.length).toBeLessThan(20);
  });

  test("a time-out during an outage is a time-out, and names the outage", async () => {
    const { clock, client } = polling(() => new Response("", { status: 503 }));
    const error = client.jobs.wait("j", { timeoutMs: 3000 }).catch((thrown: unknown) => thrown);
    for (let step = 0; step < 40; step++) await clock.advance(100);
    expect(await error).toMatchObject({ name: "WaitTimeout", cause: { name: "Unavailable" } });
  });

  test("does not ask an API that answers at once again and again", async () => {
    const { clock, polls, client } = polling((poll) => job(poll === 4 ? "cancelled" : "queued"));
    const ended = client.jobs.wait("j");
    await clock.settle();
    expect(polls).toHaveLength(1);
    await clock.advance(10_000);
    expect((await ended).status).toBe("cancelled");
  });
});

test("orThrow passes what finished and throws the rest", () => {
  const ended = { id: "job_1", status: "finished", result: null } as Job;
  expect(orThrow(ended)).toBe(ended);
  expect(() => orThrow({ ...ended, status: "cancelled" })).toThrow("job_1 was cancelled");
});
