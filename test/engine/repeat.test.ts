import { expect, test } from "bun:test";
import { Repeat } from "../../src/engine/repeat.ts";
import { FakeClock } from "../support/clock.ts";

function repeating(round: () => Promise<void> = async () => {}) {
  const clock = new FakeClock();
  const rounds: number[] = [];
  const errors: unknown[] = [];
  const began = clock.monotonic();
  const repeat = new Repeat({
    clock,
    everyMs: 1000,
    onError: (error) => errors.push(error),
    async round() {
      rounds.push(clock.monotonic() - began);
      await round();
    },
  });
  return { clock, repeat, rounds, errors };
}

test("runs its round at every interval until it is stopped, and leaves no timer", async () => {
  const { clock, repeat, rounds } = repeating();
  await repeat.start();
  await clock.advance(3500);
  await repeat.stop();
  await clock.advance(5000);
  expect(rounds).toEqual([1000, 2000, 3000]);
  expect(clock.timers).toBe(0);
});

test("a round that fails is reported and the next one comes all the same", async () => {
  const { clock, repeat, rounds, errors } = repeating(async () => {
    throw new Error("no");
  });
  await repeat.start();
  await clock.advance(2000);
  expect(rounds).toHaveLength(2);
  expect(errors).toHaveLength(2);
  await repeat.stop();
});

test("never runs two rounds at once: the pause begins when a round ends", async () => {
  const { clock, repeat, rounds } = repeating(
    () =>
      new Promise((resolve) => {
        clock.after(1500, resolve);
      }),
  );
  await repeat.start();
  await clock.advance(5000);
  expect(rounds).toEqual([1000, 3500]);
});

test("stop waits for the round that runs", async () => {
  const held = Promise.withResolvers<void>();
  const { clock, repeat } = repeating(() => held.promise);
  await repeat.start();
  await clock.advance(1000);
  let stopped = false;
  const stopping = repeat.stop().then(() => {
    stopped = true;
  });
  await clock.settle();
  expect(stopped).toBe(false);
  held.resolve();
  await stopping;
});

test("hurry brings the next round forward once, and never puts it off", async () => {
  const { clock, repeat, rounds } = repeating();
  await repeat.start();
  repeat.hurry(100);
  repeat.hurry(500);
  await clock.advance(1000);
  expect(rounds).toEqual([100]);
  await clock.advance(100);
  expect(rounds).toEqual([100, 1100]);
  await repeat.stop();
});

test("hurry during a round counts from its end", async () => {
  const { clock, repeat, rounds } = repeating(async () => {
    if (rounds.length === 1) repeat.hurry(100);
  });
  await repeat.start();
  await clock.advance(1200);
  expect(rounds).toEqual([1000, 1100]);
  await repeat.stop();
});
