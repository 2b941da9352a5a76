import { expect, test } from "bun:test";
import { ConnectRate } from "../../src/worker/connect-rate.ts";
import { FakeClock } from "../support/clock.ts";

function rateOf(perSecond: number, burst: number) {
  const clock = new FakeClock();
  const rate = new ConnectRate(clock, { perSecond, burst });
  const through: string[] = [];
  const ask = (name: string, signal = new AbortController().signal) =>
    rate.take(signal).then(() => void through.push(name));
  return { clock, rate, through, ask };
}

test("a burst goes at once, the rest at the rate, in the order in which they came", async () => {
  const { clock, through, ask } = rateOf(10, 2);
  for (const name of ["a", "b", "c", "d"]) void ask(name);
  await clock.settle();
  expect(through).toEqual(["a", "b"]);
  await clock.advance(99);
  expect(through).toEqual(["a", "b"]);
  await clock.advance(1);
  expect(through).toEqual(["a", "b", "c"]);
  void ask("late");
  await clock.advance(100);
  expect(through).toEqual(["a", "b", "c", "d"]);
});

test("a quiet time saves up a burst and no more", async () => {
  const { clock, through, ask } = rateOf(10, 2);
  await clock.advance(3_600_000);
  for (const name of ["a", "b", "c"]) void ask(name);
  await clock.settle();
  expect(through).toEqual(["a", "b"]);
});

test("in a long run no more go through than the rate and the burst allow", async () => {
  const { clock, through, ask } = rateOf(7, 3);
  for (let n = 0; n < 200; n++) void ask(`${n}`);
  await clock.advance(10_000);
  expect(through.length).toBeWithin(72, 74);
});

test("who gives up is told the reason, and takes nobody's turn", async () => {
  const { clock, rate, through, ask } = rateOf(10, 1);
  const gone = new Error("the job was aborted");
  const abort = new AbortController();
  void ask("a");
  const asked = ask("b", abort.signal);
  void ask("c");
  abort.abort(gone);
  await expect(asked).rejects.toBe(gone);
  await expect(ask("d", AbortSignal.abort(gone))).rejects.toBe(gone);
  await clock.advance(100);
  expect(through).toEqual(["a", "c"]);
  expect(rate.waiting).toBe(0);
});

test("however many wait, one timer runs, and none when nobody waits", async () => {
  const { clock, ask } = rateOf(10, 1);
  const abort = new AbortController();
  void ask("a");
  for (let n = 0; n < 50; n++) ask(`${n}`, abort.signal).catch(() => {});
  expect(clock.timers).toBe(1);
  abort.abort(new Error("enough"));
  await clock.settle();
  expect(clock.timers).toBe(0);
});
