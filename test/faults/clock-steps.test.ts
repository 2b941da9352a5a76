import { afterEach, describe, expect, test } from "bun:test";
import { DeviceError } from "../../src/core/errors.ts";
import type { Job } from "../../src/core/job.ts";
import type { Script } from "../support/scripted-driver.ts";
import { endWorlds, world } from "../support/world.ts";

afterEach(endWorlds);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Seconds: longer than any step. */
const LONG = (10 * DAY) / 1_000;
const STEPS = [
  ["an hour ahead", HOUR],
  ["an hour back", -HOUR],
  ["a day ahead", DAY],
  ["a day back", -DAY],
] as const;
const AHEAD = STEPS.filter(([, step]) => step > 0);
const BACK = STEPS.filter(([, step]) => step < 0);

/** Two nodes, and a device that writes down what it gets and answers `held` only when the test lets it. */
async function running() {
  const seen: string[] = [];
  const answered = Promise.withResolvers<void>();
  const script: Script = async function* ({ operation }) {
    for (const [index, line] of (operation.kind === "command" ? operation.commands : []).entries()) {
      seen.push(line);
      yield { kind: "start", index };
      if (line === "held") await answered.promise;
      if (line === "later" && seen.filter((each) => each === line).length === 1)
        throw new DeviceError("ConnectionError", "no route to host");
      yield { kind: "data", index, stream: "stdout", text: `${line}\n` };
      yield { kind: "end", index, ok: true, exitStatus: 0 };
    }
  };
  const it = await world(script);
  const lost: string[] = [];
  const nodes = [await it.addNode("a", { lost }), await it.addNode("b", { lost })];
  const command = (text: string) => ({ operation: { kind: "command", text } as const });
  const held = [
    await it.submit({ ...command("held"), host: "10.0.0.1", executionTimeout: 3_600 }),
    await it.submit({ ...command("held"), host: "10.0.0.2", executionTimeout: 3_600, queueStrategy: "fifo" }),
  ];
  for (const job of held) await it.until(job, "started");
  return { ...it, seen, held, lost, nodes, command, answer: answered.resolve };
}

describe("while the wall clock is set", () => {
  test.each(STEPS)(
    "%s, no run is taken from its node, no worker dies, nothing runs twice",
    async (_, step) => {
      const it = await running();
      const workers = await it.storage.listWorkers({ filter: {}, limit: 100 });
      it.clock.stepWall(step);
      await it.clock.advance(MINUTE);
      expect(it.nodes.flatMap(({ reaped }) => reaped)).toEqual([]);
      expect(it.lost).toEqual([]);
      it.answer();
      for (const job of it.held) {
        expect((await it.until(job, "finished")).job).toMatchObject({ attempts: 1 });
      }
      expect(it.seen).toEqual(["held", "held"]);
      const after = await it.storage.listWorkers({ filter: {}, limit: 100 });
      expect(after.workers.map(({ name }) => name)).toEqual(workers.workers.map(({ name }) => name));
      expect(after.workers.filter(({ status }) => status === "dead")).toEqual([]);
      expect((await it.storage.examine({ limit: 5 })).findings).toEqual([]);
    },
  );

  test.each(STEPS)(
    "%s, what is submitted afterwards runs at once, in order, and can be listed",
    async (_, step) => {
      const it = await running();
      it.clock.stepWall(step);
      const jobs: Job[] = [];
      for (const text of ["one", "two"])
        jobs.push(await it.submit({ ...it.command(text), host: "10.0.0.3" }));
      for (const job of jobs) await it.until(job, "finished", 2_000);
      expect(it.seen.slice(2)).toEqual(["one", "two"]);
      const created = it.clock.now();
      const list = (filter: object) => it.storage.list({ filter, order: "asc", limit: 10 });
      const ids = (page: { jobs: Job[] }) => page.jobs.map(({ id }) => id);
      expect(ids(await list({}))).toEqual([...it.held, ...jobs].map(({ id }) => id));
      expect(ids(await list({ since: created - MINUTE, until: created + MINUTE }))).toEqual(
        jobs.map(({ id }) => id),
      );
    },
  );
});

describe("a wall clock that is set ahead", () => {
  test.each(AHEAD)("by %s, fails what waits with a ttl that has passed by it", async (_, step) => {
    const it = await running();
    const brief = await it.submit({ ...it.command("brief"), host: "10.0.0.1", ttl: 300 });
    const patient = await it.submit({ ...it.command("patient"), host: "10.0.0.1", ttl: 2 * (step / 1_000) });
    it.clock.stepWall(step);
    const { job } = await it.until(brief, "failed", 5_000);
    expect(job.result?.error?.type).toBe("JobExpired");
    it.answer();
    await it.until(patient, "finished");
    expect(it.seen).not.toContain("brief");
  });

  test.each(AHEAD)(
    "by %s, forgets results whose retention has passed by it, and no others",
    async (_, step) => {
      const it = await running();
      const brief = await it.submit({ ...it.command("brief"), host: "10.0.0.3", resultTtl: 60 });
      const kept = await it.submit({
        ...it.command("kept"),
        host: "10.0.0.3",
        resultTtl: 2 * (step / 1_000),
      });
      for (const job of [brief, kept]) await it.until(job, "finished");
      it.clock.stepWall(step);
      await it.clock.advance(15_000);
      const [gone, still] = await it.storage.get({ ids: [brief.id, kept.id] });
      expect(gone).toBeNull();
      expect(still).toMatchObject({ status: "finished" });
    },
  );

  test.each(AHEAD)("by %s, lets what was put off for a retry run at once", async (_, step) => {
    const it = await running();
    const job = await it.submit({ ...it.command("later"), host: "10.0.0.3", retries: 1, ttl: LONG });
    await putOff(it, job);
    it.clock.stepWall(step);
    await it.until(job, "finished", 1_000);
  });
});

/** Until the first attempt has failed and the second is a second away. */
async function putOff(it: Awaited<ReturnType<typeof running>>, job: Job): Promise<void> {
  while (!it.seen.includes("later")) await it.clock.advance(10);
  const { job: now } = await it.view(job);
  expect(now).toMatchObject({ status: "queued", attempts: 1 });
}

describe("a wall clock that is set back", () => {
  test.each(BACK)(
    "%s, keeps what waits for so much longer, and a free worker takes it all the same",
    async (_, step) => {
      const it = await running();
      const waiting = await it.submit({ ...it.command("waiting"), host: "10.0.0.1", ttl: 300 });
      it.clock.stepWall(step);
      await it.clock.advance(10 * MINUTE);
      expect((await it.view(waiting)).job.status).toBe("queued");
      it.answer();
      await it.until(waiting, "finished", 5_000);
    },
  );

  test.each(BACK)(
    "%s, has what was put off for a retry wait until the clock shows its moment again",
    async (_, step) => {
      const it = await running();
      const job = await it.submit({
        ...it.command("later"),
        host: "10.0.0.3",
        retries: 1,
        ttl: LONG,
      });
      await putOff(it, job);
      it.clock.stepWall(step);
      await it.clock.advance(10 * MINUTE);
      expect((await it.view(job)).job.status).toBe("queued");
      it.clock.stepWall(-step);
      await it.until(job, "finished", 5_000);
    },
  );
});
