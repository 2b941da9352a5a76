import { expect, test } from "bun:test";
import { FINAL_STATUSES, JOB_STATUSES, TRANSITIONS } from "../../src/core/job.ts";

const DOC = new URL("../../docs/job-states.md", import.meta.url);

test("the diagram in docs/job-states.md draws exactly the transition table", async () => {
  const text = await Bun.file(DOC).text();
  const drawn = [...text.matchAll(/^ +(\w+) --> (\w+) : (\w+)$/gm)].map(([, from, to, name]) => ({
    name,
    from,
    to,
  }));
  const table = Object.entries(TRANSITIONS).map(([name, { from, to }]) => ({ name, from, to }));
  expect(drawn.toSorted(byName)).toEqual(table.toSorted(byName));
});

test("no transition leaves a final status, and every status can be reached", () => {
  const left = new Set<string>(Object.values(TRANSITIONS).map(({ from }) => from));
  for (const status of FINAL_STATUSES) expect(left).not.toContain(status);
  const reached = new Set<string>(["queued", ...Object.values(TRANSITIONS).map(({ to }) => to)]);
  expect([...reached].toSorted()).toEqual([...JOB_STATUSES].toSorted());
});

function byName(a: { name: string | undefined }, b: { name: string | undefined }): number {
  return String(a.name).localeCompare(String(b.name));
}
