import { describe, expect, test } from "bun:test";
import { adoptionDelayMs, PLACEMENTS, type Placement } from "../../src/engine/placement.ts";

/** A node's delay at a load, at the most unlucky and at the luckiest throw. */
const slow = (rule: Placement, share: number, waiting = 0) =>
  adoptionDelayMs(rule, { share, waiting }, () => 1);
const fast = (rule: Placement, share: number, waiting = 0) =>
  adoptionDelayMs(rule, { share, waiting }, () => 0);

describe("the delay before a node adopts", () => {
  test("by least_load grows with the load, and differs by more than a throw also where little is in use", () => {
    const loads = [0, 0.001, 0.005, 0.02, 0.1, 0.5, 0.9, 0.999];
    for (const [n, load] of loads.slice(1).entries())
      expect(fast("least_load", load)).toBeGreaterThan(slow("least_load", loads[n] ?? 0));
  });

  test("by pack shrinks with the load, until the node is full", () => {
    const loads = [0.999, 0.9, 0.5, 0.1, 0.02, 0.005, 0.001, 0];
    for (const [n, load] of loads.slice(1).entries())
      expect(fast("pack", load)).toBeGreaterThan(slow("pack", loads[n] ?? 0));
  });

  test("by random goes by the throw alone", () => {
    expect(slow("random", 0.1)).toBe(slow("random", 0.9));
    expect(slow("random", 0)).toBeGreaterThan(fast("random", 0.9));
  });

  test.each(PLACEMENTS)("by %s is longest for a full node, which would have to end a session", (rule) => {
    for (const load of [0, 0.5, 0.99]) expect(fast(rule, 1)).toBeGreaterThan(slow(rule, load, 1_000) + 9);
    expect(slow(rule, 1)).toBeLessThan(300);
  });

  test("goes by the throw rather than by small differences where many devices come at once", () => {
    expect(slow("least_load", 0.01, 40)).toBeGreaterThan(fast("least_load", 0.1, 40));
    expect(slow("least_load", 0.1, 1_000)).toBeLessThan(fast("least_load", 0.9, 1_000));
  });

  test.each(PLACEMENTS)("by %s is short: a device that nobody has waits for a tenth of a second", (rule) => {
    for (const load of [0, 0.5, 0.99]) expect(slow(rule, load)).toBeLessThanOrEqual(102);
  });
});
