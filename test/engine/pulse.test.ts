import { expect, test } from "bun:test";
import { claiming } from "../support/claiming.ts";

test("a job that is run again before the answer to its hand-back came is not taken for the lost run", async () => {
  const it = await claiming();
  const job = await it.submit();
  it.line.next("settle", "unanswered", "lost");
  await it.handBack(job);
  expect(it.started).toEqual([job.id, job.id]);
  expect([...it.slots.runs()]).toHaveLength(2);

  await it.beat();
  await it.end(job);
  await it.clock.advance(1_000);
  expect(await it.status(job)).toBe("finished");
  await it.dispose();
});
