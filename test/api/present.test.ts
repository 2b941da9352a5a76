import { describe, expect, test } from "bun:test";
import { presenter } from "../../src/api/present.ts";
import type { Job } from "../../src/core/job.ts";
import type { CommandOutput } from "../../src/core/output-log.ts";
import { aJob, anEndedJob, anOutput } from "./memory-engine.ts";

const present = presenter("UTC");

function resultOf(job: Partial<Job>, outputs: Partial<CommandOutput>[]) {
  return present.job({ job: anEndedJob(job), outputs: outputs.map(anOutput), waiting: null }).result;
}

const retvalOf = (job: Partial<Job>, outputs: Partial<CommandOutput>[]) => resultOf(job, outputs)?.retval;

describe("retval", () => {
  test("of one command given as text is its output", () => {
    expect(retvalOf({ retvalShape: "text" }, [{ stdout: "up" }])).toBe("up");
  });

  test("of a config given as text is the output of all its lines", () => {
    expect(retvalOf({ retvalShape: "text" }, [{ stdout: "a\n" }, { stdout: "" }, { stdout: "b\n" }])).toBe(
      "a\nb\n",
    );
  });

  test("of a list is the output by command", () => {
    const outputs = [
      { command: "show clock", stdout: "12:00" },
      { command: "show ip int", stdout: "up" },
    ];
    expect(retvalOf({ retvalShape: "map" }, outputs)).toEqual({ "show clock": "12:00", "show ip int": "up" });
  });

  test("of a list that repeats a command has its last output; outputs has all", () => {
    const outputs = [
      { command: "show clock", stdout: "12:00" },
      { command: "show clock", stdout: "12:01" },
    ];
    const result = resultOf({ retvalShape: "map" }, outputs);
    expect(result?.retval).toEqual({ "show clock": "12:01" });
    expect(result?.outputs.map(({ stdout }) => stdout)).toEqual(["12:00", "12:01"]);
  });

  test("takes any command as a key", () => {
    const retval = retvalOf({ retvalShape: "map" }, [{ command: "__proto__", stdout: "x" }]);
    expect(JSON.stringify(retval)).toBe('{"__proto__":"x"}');
  });

  test("is empty text when a command printed nothing", () => {
    expect(retvalOf({ retvalShape: "text" }, [{ stdout: "" }])).toBe("");
  });

  test("is null when nothing came back", () => {
    expect(retvalOf({ retvalShape: "text" }, [])).toBeNull();
    expect(retvalOf({ retvalShape: "map" }, [])).toBeNull();
    expect(retvalOf({ retvalShape: "text" }, [{ stdout: "", ok: null, durationMs: null }])).toBeNull();
  });

  test("has what an interrupted command had printed", () => {
    expect(retvalOf({ retvalShape: "text" }, [{ stdout: "half", ok: null, durationMs: null }])).toBe("half");
  });
});

describe("result", () => {
  test("is null until the job ends, even when something was printed", () => {
    const job = aJob({ status: "started", startedAt: 1 });
    expect(present.job({ job, outputs: [anOutput()], waiting: null }).result).toBeNull();
  });

  test("of a failure has type, error and the output before it", () => {
    const error = { type: "TimeoutError", message: "waited 10 s for the prompt", retryable: true } as const;
    const result = resultOf({ status: "failed", result: { type: "timeout", error } }, [
      { ok: true },
      { ok: null, durationMs: null, stdout: "partial" },
    ]);
    expect(result).toMatchObject({
      type: "timeout",
      error,
      outputs: [{ ok: true }, { ok: null, duration: null }],
    });
  });

  test("of a cancelled job is null", () => {
    expect(
      present.job({ job: aJob({ status: "cancelled", endedAt: 1 }), outputs: [], waiting: null }).result,
    ).toBeNull();
  });
});

test("a job that ran while the clock was set back took no negative time", () => {
  const job = anEndedJob({ enqueuedAt: 7_200_000, startedAt: 3_600_000, endedAt: 0 });
  expect(present.job({ job, outputs: [], waiting: null })).toMatchObject({ queue_time: 0, duration: 0 });
});
