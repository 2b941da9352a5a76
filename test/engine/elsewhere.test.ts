import { expect, test } from "bun:test";
import { Elsewhere } from "../../src/engine/elsewhere.ts";
import { FakeClock } from "../support/clock.ts";

function watching() {
  const clock = new FakeClock();
  return { clock, elsewhere: new Elsewhere(clock) };
}

test("a queue with a worker elsewhere is left alone until that ends", () => {
  const { elsewhere } = watching();
  elsewhere.note("pinned_a", "w1");
  elsewhere.ended("w2");
  expect(elsewhere.has("pinned_a")).toBe(true);
  elsewhere.ended("w1");
  expect(elsewhere.has("pinned_a")).toBe(false);
});

test("and for a second at most, should its end go unheard", async () => {
  const { clock, elsewhere } = watching();
  elsewhere.note("pinned_a", "w1");
  await clock.advance(999);
  expect(elsewhere.has("pinned_a")).toBe(true);
  await clock.advance(1);
  expect(elsewhere.has("pinned_a")).toBe(false);
});

test("the end of a former owner says nothing of the present one", () => {
  const { elsewhere } = watching();
  elsewhere.note("pinned_a", "w1");
  elsewhere.note("pinned_a", "w2");
  elsewhere.ended("w1");
  expect(elsewhere.has("pinned_a")).toBe(true);
});

test("of very many the oldest is forgotten", () => {
  const { elsewhere } = watching();
  for (let n = 0; n <= 10_000; n++) elsewhere.note(`pinned_${n}`, `w${n}`);
  expect(elsewhere.has("pinned_0")).toBe(false);
  expect(elsewhere.has("pinned_1")).toBe(true);
  expect(elsewhere.has("pinned_10000")).toBe(true);
});
