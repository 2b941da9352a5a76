import { beforeEach, describe, expect, test } from "bun:test";
import { jobsCommand } from "../../../src/cli/online/commands/jobs.ts";
import { RequestError } from "../../../src/core/errors.ts";
import { aJob, anEndedJob, anOutput, NOON } from "../../api/memory-engine.ts";
import { type OnlineWorld, onlineWorld, people } from "./support.ts";

let world: OnlineWorld;
beforeEach(async () => {
  world = await onlineWorld({ jobs: jobsCommand });
});

const ERROR = { type: "ConnectionError", message: "192.0.2.9:22 refused\x1b[2J", retryable: true } as const;

describe("netpulse jobs ls", () => {
  beforeEach(() => {
    world.engine.add(anEndedJob({ id: "job_1", seq: 1 }));
    world.engine.add(
      aJob({ id: "job_2", seq: 2, host: "192.0.2.9", command: ["show a", "evil \x1b]0;x\x07"] }),
    );
  });

  test("prints lines with tabs into a pipe, newest first", async () => {
    expect(await world.netpulse(["jobs", "ls"])).toEqual({
      code: 0,
      out:
        "job_2\tqueued\t192.0.2.9\tnetmiko\tshow a; evil ␛]0;x␇\t2024-01-01T12:00:00.000+08:00\t\n" +
        "job_1\tfinished\t192.0.2.1\tnetmiko\tshow version\t2024-01-01T12:00:00.000+08:00\t3 s\n",
      err: "",
    });
  });

  test("prints a table with colours to a terminal, as wide as it is", async () => {
    const { out } = await world.netpulse(["jobs", "ls"], { terminal: { ...people(), columns: 72 } });
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toStartWith("\x1b[1mID ");
    expect(out).toContain("\x1b[32mfinished\x1b[0m");
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(72);
    expect(out).toContain("…");
  });

  test("says on stderr that there is none, to people", async () => {
    expect(await world.netpulse(["jobs", "ls", "--host", "10.0.0.1"], { terminal: people() })).toEqual({
      code: 0,
      out: "",
      err: "no such job\n",
    });
  });

  test("passes every filter on", async () => {
    const filters = ["--status", "failed", "--host", "h1", "--queue", "q", "--node", "n", "--worker", "w"];
    const more = [
      "--driver",
      "d",
      "--batch",
      "b",
      "--since",
      "2024-01-01T00:00:00Z",
      "--until",
      "2024-01-02T00:00:00Z",
    ];
    await world.netpulse(["jobs", "ls", ...filters, ...more, "--oldest-first", "--limit", "7"]);
    expect(world.engine.queries[0]).toEqual({
      filter: {
        status: "failed",
        host: "h1",
        queue: "q",
        node: "n",
        worker: "w",
        driver: "d",
        batchId: "b",
        since: Date.UTC(2024, 0, 1),
        until: Date.UTC(2024, 0, 2),
      },
      order: "asc",
      limit: 7,
      outputs: false,
    });
    await world.netpulse(["jobs", "ls", "--since", "2h"]);
    expect(Math.abs((world.engine.queries[1]?.filter.since ?? 0) - (Date.now() - 7_200_000))).toBeLessThan(
      60_000,
    );
  });

  test("reads as many pages as it takes, and no more", async () => {
    for (let seq = 3; seq <= 2500; seq++) world.engine.add(aJob({ id: `job_${seq}`, seq }));
    const { out } = await world.netpulse(["jobs", "ls", "--limit", "2100", "--csv"]);
    expect(out.split("\r\n")).toHaveLength(2102);
    expect(world.engine.queries).toHaveLength(3);
  });

  test("--json has what the API has, --csv the columns", async () => {
    const json = JSON.parse((await world.netpulse(["jobs", "ls", "--json", "--result"])).out);
    expect(json.map(({ id }: { id: string }) => id)).toEqual(["job_2", "job_1"]);
    expect(json[1].result.type).toBe("success");
    const csv = (await world.netpulse(["jobs", "ls", "--csv"])).out;
    expect(csv).toStartWith("id,status,host,driver,command,created,duration\r\njob_2,queued,");
  });

  test.each([
    [["--status", "finishd"], "Did you mean finished?"],
    [["--since", "yesterday"], "as 30m, 2h or 7d"],
    [["--limit", "0"], "whole number above 0"],
    [["--hots", "a"], "Did you mean --host?"],
    [["extra"], "too many arguments"],
  ])("refuses %p", async (argv, message) => {
    const { code, err } = await world.netpulse(["jobs", "ls", ...argv]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test("a mistyped subcommand is answered with the nearest", async () => {
    const { code, err } = await world.netpulse(["jobs", "cancl", "job_1"]);
    expect(code).toBe(2);
    expect(err).toContain("Did you mean cancel?");
  });
});

describe("netpulse jobs show and wait", () => {
  test("show prints what is known, and the output without what would control the terminal", async () => {
    world.engine.add(anEndedJob(), [anOutput({ stdout: "line\x1b[2J\n" }), anOutput({ command: "show b" })]);
    const { code, out } = await world.netpulse(["jobs", "show", "job_1"], { terminal: people() });
    expect(code).toBe(0);
    expect(out).toContain("\x1b[32mfinished\x1b[0m");
    expect(out).toContain("# show version\x1b[0m\nline␛[2J\n");
    expect(out).toContain("# show b");
    expect(out).not.toContain("\x1b[2J");
  });

  test("wait prints the output alone, as it is, into a pipe", async () => {
    const job = world.engine.add(aJob(), [anOutput({ stdout: "raw\x1b[1m" })]);
    world.engine.onWait = async () => void Object.assign(job, anEndedJob());
    expect(await world.netpulse(["jobs", "wait", "job_1"])).toEqual({
      code: 0,
      out: "raw\x1b[1m\n",
      err: "",
    });
  });

  test("wait names several commands above their output, and ends with the job's failure", async () => {
    const outputs = [
      anOutput({ stdout: "one" }),
      anOutput({ command: "show b", stdout: "two", stderr: "bad" }),
    ];
    world.engine.add(anEndedJob({ status: "failed", result: { type: "failed", error: ERROR } }), outputs);
    expect(await world.netpulse(["jobs", "wait", "job_1"])).toEqual({
      code: 1,
      out: "# show version\none\n# show b\ntwo\nbad\n",
      err: "netpulse: ConnectionError: 192.0.2.9:22 refused␛[2J\n",
    });
    const csv = (await world.netpulse(["jobs", "wait", "job_1", "--csv"])).out;
    expect(csv).toStartWith(
      "command,ok,exit_status,stdout,stderr,duration\r\nshow version,true,,one,,2.9\r\n",
    );
    expect(JSON.parse((await world.netpulse(["jobs", "wait", "job_1", "--json"])).out).id).toBe("job_1");
  });

  test("output prints all of it, and wait says where it shows a part", async () => {
    world.engine.logs.set("job_1", [
      { kind: "start", index: 0, at: NOON, command: "show a" },
      { kind: "data", index: 0, stream: "stdout", text: "one, " },
      { kind: "data", index: 1, stream: "stdout", text: "two\n" },
    ]);
    expect((await world.netpulse(["jobs", "output", "job_1"])).out).toBe("one, two\n");
    expect((await world.netpulse(["jobs", "output", "job_1", "--index", "1"])).out).toBe("two\n");
    const lines = (await world.netpulse(["jobs", "output", "job_1", "--json"])).out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).kind)).toEqual(["command", "output", "output"]);
    expect((await world.netpulse(["jobs", "output", "job_1", "--csv"])).out).toBe(
      '0,stdout,"one, "\r\n1,stdout,"two\n"\r\n',
    );
    world.engine.add(anEndedJob());
    const job = world.engine.job.bind(world.engine);
    world.engine.job = async (params) => ({ ...(await job(params)), truncated: true });
    const { code, err } = await world.netpulse(["jobs", "wait", "job_1"]);
    expect({ code, err }).toEqual({
      code: 0,
      err: "this is a part of it; netpulse jobs output job_1 prints all\n",
    });
  });

  test("wait takes several, and tells what became of each, with how far it is", async () => {
    world.engine.add(anEndedJob({ id: "job_3", seq: 3 }));
    world.engine.add(
      anEndedJob({ id: "job_4", seq: 4, status: "failed", result: { type: "failed", error: ERROR } }),
    );
    const argv = ["jobs", "wait", "job_3", "job_4", "job_3"];
    const { code, out, err } = await world.netpulse(argv);
    expect({ code, err }).toEqual({ code: 4, err: "" });
    expect(out).toMatch(
      /^192\.0\.2\.1\tfinished\t3 s\tjob_3\t\n192\.0\.2\.1\tfailed\t3 s\tjob_4\t\w+: .*\n$/,
    );
    expect((await world.netpulse(argv, { terminal: people() })).err).toMatch(/\] 2\/2 .*\x1b\[31m1 failed/);
    expect(JSON.parse((await world.netpulse([...argv, "--json"])).out)).toHaveLength(2);
    expect((await world.netpulse(["jobs", "wait", "job_3", "job_99"])).code).toBe(5);
  });

  test("Ctrl-C while several are waited for asks, and cancels those that are queued", async () => {
    for (const seq of [5, 6]) world.engine.add(aJob({ id: `job_${seq}`, seq }));
    world.engine.add(aJob({ id: "job_7", seq: 7, status: "started" }));
    let press = () => {};
    world.engine.onWait = async () => {
      press();
      press = () => {};
    };
    const terminal = {
      ...people("y"),
      onInterrupt(heard: () => void) {
        press = heard;
        return () => {};
      },
    };
    const { code, err } = await world.netpulse(["jobs", "wait", "job_5", "job_6", "job_7"], { terminal });
    expect(code).toBe(130);
    expect(err).toContain("interrupted; 2 queued jobs cancelled; what has started goes on");
  });

  test("wait gives up after --timeout with 124", async () => {
    world.engine.add(aJob());
    const { code, err } = await world.netpulse(["jobs", "wait", "job_1", "--timeout", "0.05"]);
    expect({ code, err }).toEqual({
      code: 124,
      err: "netpulse: job_1 has not ended within 0.05 s; it goes on\n",
    });
  });

  test.each(["show", "wait", "watch"])("%s of an unknown job ends with 5", async (command) => {
    world.engine.onFollow = () => {
      throw new RequestError("not_found", "no such job");
    };
    expect((await world.netpulse(["jobs", command, "job_9"])).code).toBe(5);
  });
});

describe("Ctrl-C while a job is waited for", () => {
  /** A terminal whose user presses Ctrl-C as soon as the API holds the answer. */
  function pressed(terminal: object) {
    const job = world.engine.add(aJob());
    let press = () => {};
    world.engine.onWait = (signal) => {
      press();
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    };
    return {
      job,
      terminal: {
        ...terminal,
        onInterrupt(heard: () => void) {
          press = heard;
          return () => {};
        },
      },
    };
  }

  test("asks, and cancels when told to", async () => {
    const { job, terminal } = pressed(people("y"));
    const { code, err } = await world.netpulse(["jobs", "wait", "job_1"], { terminal });
    expect({ code, err }).toEqual({ code: 130, err: "\nnetpulse: interrupted; job_1 is cancelled\n" });
    expect(job.status).toBe("cancelled");
  });

  test("says how one that has started is interrupted", async () => {
    const { job, terminal } = pressed(people("yes"));
    job.status = "started";
    const { code, err } = await world.netpulse(["jobs", "wait", "job_1"], { terminal });
    expect(code).toBe(130);
    expect(err).toContain("job_1 has started: netpulse jobs cancel --abort job_1 interrupts it");
  });

  test.each([
    ["told not to", people("n")],
    ["told nothing", people()],
    ["nobody can be asked", {}],
  ])("leaves it when %s, and says how it goes on", async (_when, given) => {
    const { job, terminal } = pressed(given);
    const { code, err } = await world.netpulse(["jobs", "wait", "job_1"], { terminal });
    expect(code).toBe(130);
    expect(err).toContain("it goes on: netpulse jobs wait job_1, netpulse jobs cancel job_1");
    expect(job.status).toBe("queued");
  });
});

describe("netpulse jobs watch", () => {
  beforeEach(() => {
    const place = { attempts: 1, offset: 0 };
    world.engine.onFollow = async function* () {
      yield { kind: "state", job: aJob({ status: "started" }), place };
      yield {
        kind: "output",
        frames: [
          { frame: { kind: "start", index: 0, at: NOON, command: "show version" }, place },
          { frame: { kind: "data", index: 0, stream: "stdout", text: "IOS\n" }, place },
          { frame: { kind: "end", index: 0, ok: true, exitStatus: null, durationMs: 5 }, place },
        ],
      };
      yield {
        kind: "state",
        job: anEndedJob({ status: "failed", result: { type: "failed", error: ERROR } }),
        place,
      };
    };
  });

  test("prints output to stdout and the rest to stderr, and ends as the job", async () => {
    expect(await world.netpulse(["jobs", "watch", "job_1"])).toEqual({
      code: 1,
      out: "# show version\nIOS\n",
      err: "started\nfailed: ConnectionError: 192.0.2.9:22 refused␛[2J\n",
    });
  });

  test("prints each event as a line of JSON or CSV", async () => {
    const { out } = await world.netpulse(["jobs", "watch", "job_1", "--json"]);
    const events = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual(["state", "command", "output", "command_end", "end"]);
    const csv = await world.netpulse(["jobs", "watch", "job_1", "--csv"]);
    expect(csv.out).toBe(
      'state,,started\r\ncommand,0,show version\r\noutput,0,"IOS\n"\r\ncommand_end,0,ok\r\nend,,failed\r\n',
    );
  });
});

describe("netpulse jobs cancel", () => {
  beforeEach(() => {
    for (const seq of [1, 2, 3]) world.engine.add(aJob({ id: `job_${seq}`, seq, queue: "q" }));
    world.engine.add(aJob({ id: "job_4", seq: 4, status: "started", queue: "q" }));
  });

  test("cancels those named, and goes on past one that cannot be", async () => {
    const { code, out, err } = await world.netpulse(["jobs", "cancel", "job_1", "job_4", "job_9", "job_2"]);
    expect({ code, out }).toEqual({ code: 5, out: "job_1\njob_2\n" });
    expect(err).toBe("netpulse: job_4: the job has started\nnetpulse: job_9: no such job\n");
  });

  test("--abort takes those that have started as well", async () => {
    expect(await world.netpulse(["jobs", "cancel", "--abort", "job_4"])).toMatchObject({
      code: 0,
      out: "job_4\n",
    });
  });

  test("cancels all that match", async () => {
    expect(await world.netpulse(["jobs", "cancel", "--queue", "q"])).toMatchObject({
      code: 0,
      out: "job_1\njob_2\njob_3\n",
    });
  });

  test.each([
    [[], "say which jobs: give their ids, --host, --queue or --batch"],
    [["--node", "n1"], "say which jobs"],
    [["job_1", "--queue", "q"], "give ids or filters, not both"],
    [["--abort", "--queue", "q"], "--abort takes the ids of jobs"],
  ])("refuses %p, and cancels nothing", async (argv, message) => {
    const { code, err } = await world.netpulse(["jobs", "cancel", ...argv]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(world.engine.all.map(({ status }) => status)).toEqual(["queued", "queued", "queued", "started"]);
  });
});
