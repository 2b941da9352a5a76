import { expect, test } from "bun:test";
import { launchChaos } from "./launch.ts";

const ROUNDS = 3;
const TIMEOUT_MS = 300_000;

test(
  "whatever is killed, frozen or cut off, each job ends once, and devices see what clients were told",
  async () => {
    const report = await launchChaos({ seed: 1, rounds: ROUNDS, deadline: TIMEOUT_MS - 10_000 });
    expect(report.problems.slice(0, 10)).toEqual([]);
    expect(report.rounds).toBe(ROUNDS);
    // A world in which nothing works contradicts no promise.
    expect(report.byStatus.finished ?? 0).toBeGreaterThan(report.jobs / 2);
    expect(report.typed).toBeGreaterThan(report.jobs / 2);
    expect(Object.keys(report.faults).length).toBeGreaterThanOrEqual(ROUNDS);
  },
  TIMEOUT_MS,
);
