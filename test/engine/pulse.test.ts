import { expect, test } from "bun:test";
import { StorageError } from "../../src/core/errors.ts";
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

test("a part of the store that does not answer costs the runs which it holds their renewal, and no others", async () => {
  const it = await claiming(2);
  const [here, away] = [await it.submit(), await it.submit()];
  const error = new StorageError("unavailable", "shard 2 is out of reach");
  it.line.away.push({ unanswered: { runs: [away.id], error } });
  await it.beat();
  expect(it.renewed).toEqual([`${here.id}#1`]);
  expect(it.errors.splice(0)).toEqual([error]);

  await it.beat();
  expect(it.renewed.slice(1).toSorted()).toEqual([`${here.id}#1`, `${away.id}#1`].toSorted());
  await it.dispose();
});

test("what a part of the store did not hear of a worker is told it again", async () => {
  const it = await claiming();
  const state = { name: it.worker, pid: 7, session: "connected" as const, sessionsOpened: 1 };
  it.report(state);
  it.line.away.push({ unanswered: { runs: [], error: new StorageError("unavailable", "out of reach") } });
  for (let n = 0; n < 3; n++) await it.beat();
  expect(it.line.beats.map(({ workers }) => workers)).toEqual([[state], [state], []]);
  it.errors.length = 0;
  await it.dispose();
});
