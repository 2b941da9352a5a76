import { expect, setDefaultTimeout, test } from "bun:test";
import type { StorageError } from "../../src/core/errors.ts";
import { on, startHeldJob } from "../e2e/support/held-job.ts";
import { openJournal } from "../support/faults/journal.ts";
import { Judge } from "../support/faults/judge.ts";
import { random } from "../support/faults/random.ts";
import { Scribe } from "../support/faults/scribe.ts";
import { served } from "../support/faults/served.ts";
import { smallDisk } from "../support/faults/small-disk.ts";
import { openStore } from "../support/faults/store.ts";
import { tempDir } from "../support/tempdir.ts";

setDefaultTimeout(20_000);

/** Takes up what room there is with few requests. */
const LONG = Array.from({ length: 100 }, () => "x".repeat(4_000));

test("a disk that fills up in the middle of writing fails calls clearly and does nothing by halves; freed, it goes on", async () => {
  await using disk = await smallDisk(24);
  using folder = tempDir("journal");
  const storage = await openStore(`sqlite:${disk.file("netpulse.db")}`);
  await using _closed = { [Symbol.asyncDispose]: () => storage.close() };
  const refused: StorageError[] = [];
  let told = 0;
  let space = Promise.withResolvers<void>();
  let full = Promise.withResolvers<void>();
  const scribe = new Scribe({
    storage,
    journal: openJournal(folder.file("journal")),
    random: random(4),
    node: "scribe",
    onTold() {
      told += 1;
      if (told % 300 === 0 && told < 1_000) disk.fill();
      if (told === 1_200) scribe.stop();
    },
    async again(error) {
      refused.push(error);
      full.resolve();
      await space.promise;
    },
  });
  const writing = scribe.run();
  for (let time = 0; time < 3; time++) {
    await Promise.race([full.promise, writing]);
    // What is small may still fit in.
    expect((await storage.counts()).queued).toBeGreaterThan(0);
    disk.free();
    full = Promise.withResolvers();
    space.resolve();
    space = Promise.withResolvers();
    await storage.ping();
  }
  await writing;
  expect(new Set(refused.map(({ kind }) => kind))).toEqual(new Set(["unavailable"]));
  expect(refused[0]?.message).toMatch(/netpulse\.db.*disk is full/);
  const judge = new Judge(random(4));
  await judge.afterwards(storage, folder.file("journal"));
  await judge.atTheEnd(storage);
  expect(judge.problems.slice(0, 3)).toEqual([]);
});

test("serve on a full disk refuses with 503, goes on reading, ends what runs, and recovers by itself", async () => {
  await using disk = await smallDisk(24);
  await using it = await served({ dataDir: disk.path });
  const running = await startHeldJob(it.api, it.device);
  disk.fill();
  const refused = await refusal();
  expect(refused).toMatchObject({ status: 503, message: "the store does not answer; try again shortly" });
  await it.netpulse.waitForOutput(/disk is full/);
  expect(await it.api.job(running.id)).toMatchObject({ status: "started" });
  it.device.release();
  disk.free();
  expect(await it.api.ended(running.id)).toMatchObject({ status: "finished", attempts: 1 });
  expect(await it.api.run(on(it.other, { command: "show clock" }))).toMatchObject({ status: "finished" });
  expect(it.device.count("show users")).toBe(1);

  /** The write-ahead log has room of its own: only when that is used up does a request meet the full disk. */
  async function refusal() {
    for (;;) {
      const answer = await it.api.tryExec(on(it.device, { command: LONG }));
      if (answer.status !== 201) return answer;
    }
  }
});
