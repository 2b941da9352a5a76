import { describe, expect, test } from "bun:test";
import type { Job } from "../../src/core/job.ts";
import { type Asked, type Deliveries, judgeDeliveries, type Typed } from "../support/faults/deliveries.ts";

const asked: Asked = {
  name: "job-1",
  commands: ["job-1 step 1", "job-1 step 2"],
  retries: 0,
  answer: "accepted",
  ids: ["a"],
  cancelled: [],
};
const job = { id: "a", status: "finished", queue: "pinned_r1", command: asked.commands, attempts: 1 } as Job;
const typed = (command: string, at: number, change: Partial<Typed> = {}): Typed => ({
  at,
  device: "r1",
  line: 1,
  command,
  endedAt: at + 10,
  done: true,
  unattended: [],
  ...change,
});
const well: Deliveries = {
  asked: [asked],
  typed: [typed("job-1 step 1", 0), typed("job-1 step 2", 10)],
  jobs: [job],
  endings: [{ id: "a", status: "finished", at: 20 }],
};
const ofTwo = (second: Typed[]): Deliveries => ({
  ...well,
  asked: [asked, { ...asked, name: "job-2", commands: ["job-2 step 1"], ids: ["b"] }],
  jobs: [job, { ...job, id: "b", command: ["job-2 step 1"] }],
  endings: [...well.endings, { id: "b", status: "finished", at: 90 }],
  typed: [...well.typed, ...second].sort((a, b) => a.at - b.at),
});

test("what went well is found well", () => {
  expect(judgeDeliveries(well)).toEqual([]);
  expect(judgeDeliveries(ofTwo([typed("job-2 step 1", 50)]))).toEqual([]);
});

test("a retry on the line of the first run is no run beside its successor", () => {
  const other = ofTwo([typed("job-2 step 1", 50), typed("job-1 step 1", 100), typed("job-1 step 2", 110)]);
  const retried = { ...asked, retries: 1 };
  const [, second] = other.asked;
  const jobs = other.jobs.map((each) => (each.id === "a" ? { ...each, attempts: 2 } : each));
  const endings = other.endings.map((each) => ({ ...each, at: 200 }));
  const given = { ...other, asked: second ? [retried, second] : [], jobs, endings };
  expect(judgeDeliveries(given)).toEqual([]);
});

test("what hangs while nobody can stop it may be overlapped", () => {
  const hung = typed("job-1 step 1", 0, { endedAt: null, done: false, unattended: [{ from: 5, to: 60 }] });
  const other = ofTwo([typed("job-2 step 1", 50, { line: 2 })]);
  const jobs = other.jobs.map((each) => (each.id === "a" ? { ...each, status: "failed" as const } : each));
  const endings = other.endings.map((each) => (each.id === "a" ? { ...each, status: "failed" } : each));
  const given = { ...other, jobs, endings, typed: [hung, ...other.typed.slice(-1)] };
  expect(judgeDeliveries(given)).toEqual([]);
  const late = { ...hung, unattended: [{ from: 5, to: 49 }] };
  expect(judgeDeliveries({ ...given, typed: [late, ...other.typed.slice(-1)] })).toEqual([
    "r1: job-2 step 1 and job-1 step 1 ran at once",
  ]);
});

describe("is found", () => {
  const cases: [what: string, given: Deliveries, words: string][] = [
    ["a lost job", { ...well, jobs: [], typed: [], endings: [] }, "was accepted and is lost"],
    ["a job that nobody asked for", { ...well, asked: [] }, "nobody asked"],
    ["a job stored twice", { ...well, jobs: [job, { ...job, id: "b" }] }, "2 jobs of one request"],
    ["a job without an end", { ...well, jobs: [{ ...job, status: "queued" }], endings: [] }, "has not ended"],
    ["an end told twice", { ...well, endings: [...well.endings, ...well.endings] }, "has ended as"],
    [
      "a command seen twice",
      { ...well, typed: [...well.typed, typed("job-1 step 2", 15)] },
      "2 times with 0",
    ],
    [
      "a finished job that did not run whole",
      { ...well, typed: [typed("job-1 step 1", 0)] },
      "saw all of it",
    ],
    [
      "a command after the end",
      { ...well, endings: [{ id: "a", status: "finished", at: 5 }] },
      "after its job",
    ],
    [
      "a cancelled job that reached a device",
      {
        ...well,
        jobs: [{ ...job, status: "cancelled" }],
        endings: [{ id: "a", status: "cancelled", at: 1 }],
      },
      "was cancelled and reached",
    ],
    ["two commands at once", ofTwo([typed("job-2 step 1", 15, { line: 2 })]), "ran at once"],
    [
      "typing beside a successor",
      ofTwo([typed("job-2 step 1", 9, { line: 2, endedAt: 9 })]),
      "beside its successor",
    ],
  ];
  test.each(cases)("%s", (_, given, words) => {
    expect(judgeDeliveries(given).join("\n")).toContain(words);
  });
});
