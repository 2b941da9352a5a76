import { afterEach, describe, expect, test } from "bun:test";
import { encodeFrame, type OutputFrame } from "../../src/core/output-log.ts";
import { readOutput, shownOutputs } from "../../src/engine/outputs.ts";
import { succeeded } from "../../src/storage/storage.ts";
import { sqliteBackend } from "../storage/sqlite/backend.ts";
import { bytes, Factory } from "../support/factory.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const start = (index: number): OutputFrame => ({ kind: "start", index, at: 1000, command: `show ${index}` });
const data = (index: number, text: string): OutputFrame => ({ kind: "data", index, stream: "stdout", text });
const end = (index: number): OutputFrame => ({
  kind: "end",
  index,
  ok: true,
  exitStatus: null,
  durationMs: 10,
});

/** A job that has printed this, and has ended unless it still runs. */
async function jobWith(frames: OutputFrame[], options: { runs?: boolean } = {}) {
  const { storage, dispose } = await sqliteBackend();
  ends.push(dispose);
  await storage.migrate();
  const make = new Factory(storage);
  const { token } = await make.started();
  let offset = 0;
  for (const frame of frames) {
    const line = bytes(encodeFrame(frame));
    await storage.appendOutput({ token, offset, bytes: line });
    offset += line.length;
  }
  if (options.runs !== true) await make.settle(token, succeeded(), { tailOffset: offset });
  const shown = async (max: number) => {
    const [job] = await storage.get({ ids: [token.id] });
    return (await shownOutputs(storage, job ? [job] : [], max)).get(token.id);
  };
  return { storage, id: token.id, size: offset, shown };
}

const line = (n: number) => `${n} ${"ü".repeat(2000)}\n`;
/** Two commands, some 4 KB a frame. */
const LONG = [
  start(0),
  ...Array.from({ length: 100 }, (_, n) => data(0, line(n))),
  end(0),
  start(1),
  data(1, line(0)),
  end(1),
];

describe("what a result shows", () => {
  test("is all of the output where that is short enough, to the byte", async () => {
    const { shown, size } = await jobWith(LONG);
    const whole = await shown(size);
    expect(whole?.truncated).toBe(false);
    expect(whole?.outputs[0]?.stdout).toBe(Array.from({ length: 100 }, (_, n) => line(n)).join(""));
    expect(await shown(10 * size)).toEqual(whole);
    expect((await shown(size - 1))?.truncated).toBe(true);
  });

  test("is otherwise its beginning in whole frames, and how its commands ended", async () => {
    const { shown } = await jobWith(LONG);
    for (const max of [10_000, 10_001, 10_002, 10_003]) {
      const { outputs = [], truncated } = (await shown(max)) ?? {};
      expect(truncated).toBe(true);
      expect(outputs).toHaveLength(1);
      expect(outputs[0]).toMatchObject({ stdout: line(0) + line(1), ok: true, durationMs: 10 });
    }
  });

  test("is nothing of a job that runs", async () => {
    const { shown } = await jobWith(LONG, { runs: true });
    expect(await shown(1_000_000)).toBeUndefined();
  });
});

describe("reading a log part by part", () => {
  test("brings every frame once, whatever the size of the parts", async () => {
    const { storage, id, size } = await jobWith(LONG);
    for (const max of [5000, 64_000, 10 * size]) {
      const frames: OutputFrame[] = [];
      for (let offset = 0, ended = false; !ended; ) {
        const part = await readOutput(storage, { id, offset, max });
        frames.push(...part.frames);
        expect(part.next).toBeGreaterThan(offset);
        ({ next: offset, ended } = part);
      }
      expect(frames).toEqual(LONG);
    }
  });

  test("of a job that runs, it has not ended where there is no more yet", async () => {
    const { storage, id, size } = await jobWith(LONG, { runs: true });
    expect(await readOutput(storage, { id, offset: size, max: 1000 })).toEqual({
      frames: [],
      next: size,
      ended: false,
    });
  });

  test.each([1, 7, 1_000_000])("refuses %d, where no part begins", async (offset) => {
    const { storage, id } = await jobWith(LONG);
    const refused = readOutput(storage, { id, offset, max: 10_000 });
    await expect(refused).rejects.toMatchObject({ kind: "invalid", fields: [{ loc: ["query", "offset"] }] });
  });

  test("knows unknown jobs", async () => {
    const { storage } = await jobWith([]);
    await expect(readOutput(storage, { id: "job_unknown", offset: 0, max: 1000 })).rejects.toMatchObject({
      kind: "not_found",
    });
  });
});
