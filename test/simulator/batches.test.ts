import { describe, expect, test } from "bun:test";
import type { Batch } from "../../src/storage/batches.ts";
import { type AskedBatch, type BatchHistory, judgeBatches } from "../support/faults/batches.ts";
import type { Asked, Typed } from "../support/faults/deliveries.ts";

const asked = (name: string): Asked => ({
  name,
  commands: [`${name} step 1`],
  retries: 0,
  answer: "accepted",
  ids: [name],
  cancelled: [],
});
const job = (id: string, status: BatchHistory["jobs"][number]["status"], batchId = "b") => ({
  id,
  status,
  command: [`${id} step 1`],
  batchId,
});
const typed = (command: string, at: number): Typed => ({
  ...{ at, device: "r1", line: 1, command, endedAt: at + 5, done: true, unattended: [] },
});
const NONE = { queued: 0, started: 0, finished: 0, failed: 0, cancelled: 0 };

const bulk: AskedBatch = {
  name: "bulk",
  asked: ["one", "two", "three"].map(asked),
  canary: 1,
  stopAfter: 2,
  ids: ["b"],
  answered: true,
  cancelAsked: false,
  retryOf: null,
};
const batch: Batch = {
  id: "b",
  createdAt: 0,
  fingerprint: null,
  jobs: 3,
  canary: ["one"],
  stopAfter: 2,
  resultTtlMs: 1,
  retryOf: null,
  phase: "open",
  reason: null,
  stored: true,
  watched: false,
};
const well: BatchHistory = {
  asked: [bulk],
  typed: [typed("one step 1", 0), typed("two step 1", 20), typed("three step 1", 30)],
  jobs: [job("one", "finished"), job("two", "finished"), job("three", "failed")],
  endings: [
    { id: "one", status: "finished", at: 10 },
    { id: "two", status: "finished", at: 25 },
    { id: "three", status: "failed", at: 35 },
  ],
  starts: [
    { id: "one", at: 0 },
    { id: "two", at: 20 },
    { id: "three", at: 30 },
  ],
  batches: [{ batch, counts: { ...NONE, finished: 2, failed: 1 } }],
  phases: [
    { id: "b", phase: "releasing", at: 12 },
    { id: "b", phase: "open", at: 13 },
  ],
};

/** Its canary has failed, and what was held is cancelled. */
const stopped: BatchHistory = {
  ...well,
  typed: [typed("one step 1", 0)],
  jobs: [job("one", "failed"), job("two", "cancelled"), job("three", "cancelled")],
  endings: [
    { id: "one", status: "failed", at: 10 },
    { id: "two", status: "cancelled", at: 12 },
    { id: "three", status: "cancelled", at: 12 },
  ],
  starts: [{ id: "one", at: 0 }],
  batches: [
    { batch: { ...batch, phase: "stopped", reason: "why" }, counts: { ...NONE, failed: 1, cancelled: 2 } },
  ],
  phases: [{ id: "b", phase: "stopped", at: 12 }],
};

const withBatch = (history: BatchHistory, change: Partial<Batch>): BatchHistory => ({
  ...history,
  batches: history.batches.map((each) => ({ ...each, batch: { ...each.batch, ...change } })),
});
const withAsked = (history: BatchHistory, change: Partial<AskedBatch>): BatchHistory => ({
  ...history,
  asked: history.asked.map((each) => ({ ...each, ...change })),
});

/** A retry of one entry, whose job has ended so. */
function retried(status: "finished" | "failed" | null, answer: Asked["answer"] = "accepted"): BatchHistory {
  const again: AskedBatch = {
    ...{
      ...bulk,
      name: "again",
      asked: [1, 2, 3].map((n) => ({ ...asked(`again-${n}`), answer: "refused" })),
    },
    ...{ canary: 0, stopAfter: null, ids: ["c"], retryOf: { batch: bulk, cancelled: false } },
  };
  const place = again.asked[2];
  if (place) place.answer = answer;
  const record = { ...batch, id: "c", jobs: answer === "accepted" ? 1 : 0, canary: [], stopAfter: null };
  return {
    ...well,
    asked: [bulk, again],
    jobs: [...well.jobs, ...(status ? [job("again-3", status, "c")] : [])],
    batches: [...well.batches, { batch: record, counts: { ...NONE, ...(status && { [status]: 1 }) } }],
  };
}

test("what went well is found well", () => {
  expect(judgeBatches(well)).toEqual([]);
  expect(judgeBatches(stopped)).toEqual([]);
  expect(judgeBatches(retried("finished"))).toEqual([]);
});

test("of a batch without an answer only what is there is judged", () => {
  const unknown = bulk.asked.map((each) => ({ ...each, answer: "unknown" as const, ids: [] }));
  const untold = withAsked(well, { asked: unknown, ids: [], answered: false });
  expect(judgeBatches({ ...untold, jobs: [], batches: [], typed: [] })).toEqual([]);
  expect(judgeBatches(withBatch(untold, { stored: false, watched: true, phase: "releasing" }))).toEqual([]);
});

describe("is found", () => {
  const early = [typed("one step 1", 0), typed("two step 1", 9)];
  const both = [job("one", "finished"), job("two", "failed"), job("three", "failed")];
  const counted = (history: BatchHistory, counts: Partial<typeof NONE>): BatchHistory => ({
    ...history,
    batches: history.batches.map((each) => ({ ...each, counts: { ...NONE, ...counts } })),
  });
  const cases: [what: string, given: BatchHistory, words: string][] = [
    ["a lost batch", { ...well, batches: [] }, "its batch b is lost"],
    ["a batch that was made twice", withAsked(well, { ids: ["b", "c"] }), "it is several batches: b, c"],
    ["a batch of fewer jobs", withBatch(well, { jobs: 2 }), "it is of 2 jobs, and 3 were taken"],
    ["another canary", withBatch(well, { canary: ["two"] }), "its canary is two"],
    ["a stranger", { ...well, jobs: [...well.jobs, job("four", "finished")] }, "it has 1 jobs of others"],
    ["a wrong count", counted(well, { finished: 3 }), "3 of its jobs are counted as finished, 2 are"],
    ["a batch that is watched for ever", withBatch(well, { watched: true }), "has not come to its end: open"],
    ["a command before the canary's end", { ...well, typed: early }, "before the canary had finished"],
    ["a command after the canary's failure", { ...stopped, typed: well.typed }, "saw three step 1 before"],
    [
      "a limit that stops nothing",
      counted({ ...well, jobs: both }, { finished: 1, failed: 2 }),
      "2 of its jobs",
    ],
    ["a canary that stops nothing", withBatch(stopped, { phase: "open" }), "of its canary came failed"],
    ["a stop for nothing", withBatch(well, { phase: "stopped", reason: "so" }), "it was stopped: so"],
    [
      "a start after the stop",
      { ...stopped, starts: [...stopped.starts, { id: "two", at: 13 }] },
      "two started after it was stopped",
    ],
    ["a retry that leaves something out", retried(null, "refused"), "again-3 was failed and is not retried"],
    [
      "a retry of what went well",
      { ...retried("finished"), jobs: [...retried("finished").jobs, job("again-1", "finished", "c")] },
      "again-1 was run again after it was finished",
    ],
  ];
  test.each(cases)("%s", (_, given, words) => {
    expect(judgeBatches(given).join("\n")).toContain(words);
  });
});

test("a batch that somebody asked to cancel may be stopped, and what had started before may start again", () => {
  const cancelled = withAsked(withBatch(well, { phase: "stopped" }), { cancelAsked: true });
  const phases = [...well.phases, { id: "b", phase: "stopped" as const, at: 32 }];
  const starts = [...well.starts, { id: "three", at: 40 }];
  expect(judgeBatches({ ...cancelled, phases, starts })).toEqual([]);
});
