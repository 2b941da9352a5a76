import { expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { platforms } from "../../../drivers/cli/platforms/index.ts";
import { DeviceError } from "../../../src/device/driver.ts";
import { FakeClock } from "../../support/clock.ts";
import type { Step } from "../../support/replay.ts";
import { parseTranscript, type Transcript } from "../../support/transcript.ts";
import { BabblingDevice } from "./support/babbling.ts";
import { type Outcome, open, run } from "./support/session.ts";

/** Sessions that were right once, with a few bytes changed, so that the engine comes to the ends of its ways. */

const transcripts = await Promise.all(
  platforms.map(async ({ deviceType }) => {
    const file = Bun.file(join(import.meta.dir, "platforms", `${deviceType}.transcript`));
    return [deviceType, parseTranscript(await file.text())] as const;
  }),
);

/** What the device prints at first, and behind each thing that is typed. */
function answersOf(steps: readonly Step[]): Uint8Array[] {
  const answers: (string | Uint8Array)[][] = [[]];
  for (const step of steps) {
    if ("reads" in step) answers.push([]);
    else if ("prints" in step) answers.at(-1)?.push(step.prints);
  }
  return answers.map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));
}

interface Mutation {
  how: "cut off" | "drop" | "insert" | "repeat" | "flip" | "skip" | "other";
  answer: number;
  at: number;
  size: number;
  junk: Uint8Array;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  how: fc.constantFrom("cut off", "drop", "insert", "repeat", "flip", "skip", "other"),
  answer: fc.nat(200),
  at: fc.nat(2000),
  size: fc.integer({ min: 1, max: 30 }),
  junk: fc.uint8Array({ minLength: 1, maxLength: 12 }),
});

function mutated(answers: readonly Uint8Array[], mutations: readonly Mutation[]): Uint8Array[] {
  const changed = [...answers];
  for (const { how, answer, at, size, junk } of mutations) {
    const index = answer % changed.length;
    const bytes = changed[index] ?? new Uint8Array();
    const from = at % (bytes.length + 1);
    const [head, piece, tail] = [
      bytes.subarray(0, from),
      bytes.subarray(from, from + size),
      bytes.subarray(from + size),
    ];
    const parts: Record<Mutation["how"], Uint8Array[]> = {
      "cut off": [head],
      drop: [head, tail],
      insert: [head, junk, piece, tail],
      repeat: [head, piece, piece, tail],
      flip: [head, piece.map((byte) => byte ^ 0x20), tail],
      skip: [],
      other: [changed[at % changed.length] ?? new Uint8Array()],
    };
    changed[index] = Buffer.concat(parts[how]);
  }
  return changed;
}

function inPieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  return pieces.length === 0 ? [] : pieces;
}

/** All jobs of the transcript, as long as the device is there, on a clock that runs as fast as it can. */
async function outcomesOf(transcript: Transcript, device: BabblingDevice): Promise<Outcome[]> {
  const clock = new FakeClock();
  const { deviceType, secret } = transcript;
  const outcomes: Outcome[] = [];
  const finished = (async () => {
    const session = await open(device, { deviceType, clock, ...(secret === undefined ? {} : { secret }) });
    for (const { operation, driverArgs } of transcript.jobs) {
      if (device.ended) return;
      outcomes.push(await run(session, operation, { ...driverArgs, read_timeout: 10 }));
    }
  })().catch((error: unknown) => void outcomes.push({ outputs: [], ok: [], error }));
  let ended = false;
  void finished.then(() => {
    ended = true;
  });
  for (let seconds = 0; !ended && seconds < 3600; ) {
    await clock.settle();
    if (!device.silent) continue;
    seconds += 5;
    await clock.advance(5_000);
  }
  expect({ ended, timers: clock.timers }).toEqual({ ended: true, timers: 0 });
  return outcomes;
}

test.each(transcripts)("as it was, a session with %s goes on to its end", async (_deviceType, transcript) => {
  const outcomes = await outcomesOf(
    transcript,
    new BabblingDevice(answersOf(transcript.steps).map((all) => [all])),
  );
  expect<(string | null)[]>(outcomes.map(({ error }) => (error as DeviceError | null)?.type ?? null)).toEqual(
    transcript.jobs.map(({ error }) => error?.[0] ?? null),
  );
});

test.each(transcripts)(
  "whatever has changed in a session with %s, its jobs end in time, well or with a DeviceError",
  async (_deviceType, transcript) => {
    const answers = answersOf(transcript.steps);
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 64 }),
        async (mutations, size) => {
          const spoken = mutated(answers, mutations).map((bytes) => inPieces(bytes, size));
          for (const { error } of await outcomesOf(transcript, new BabblingDevice(spoken))) {
            if (error !== null) expect(error).toBeInstanceOf(DeviceError);
          }
        },
      ),
      { numRuns: 60 },
    );
  },
  60_000,
);

/** Without the unfinished line at which the device waits. */
function withoutEnd(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

/** How many answers come before the first line of the first job is typed. */
function beforeJobs({ steps, jobs }: Transcript): number {
  const [job] = jobs;
  const first = job?.operation.kind === "command" ? job.operation.commands[0] : job?.operation.lines[0];
  const typed = steps.flatMap((step) => ("reads" in step ? [step.reads] : []));
  return 1 + typed.findIndex((text) => text.trimEnd() === first);
}

test.each(transcripts)(
  "a job of a session with %s does not pass without the prompt behind its lines, whatever else has changed",
  async (_deviceType, transcript) => {
    const answers = answersOf(transcript.steps);
    const login = answers.slice(0, beforeJobs(transcript)).map((all) => [all]);
    const silent = answers.slice(login.length).map(withoutEnd);
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { maxLength: 3 }), async (mutations) => {
        const spoken = mutated(
          silent,
          mutations.filter(({ how }) => how !== "insert" && how !== "flip"),
        );
        const device = new BabblingDevice([...login, ...spoken.map((all) => [withoutEnd(all)])]);
        for (const { error, ok } of await outcomesOf(transcript, device)) {
          expect(error).toBeInstanceOf(DeviceError);
          expect(ok).not.toContain(true);
        }
      }),
      { numRuns: 20 },
    );
  },
  60_000,
);
