import { expect } from "bun:test";
import type { FuzzReport } from "./run.ts";

/** No fault, and enough requests that came far enough for that to say something. */
export function expectHarmless({ faults, statuses, handler, valid, parser }: FuzzReport): void {
  expect(faults.join("\n\n")).toBe("");
  expect(handler).toBeGreaterThan(0.5);
  expect(valid).toBeGreaterThan(0.3);
  expect(parser).toBeLessThan(0.05);
  const seen = Object.keys(statuses);
  for (const status of ["200", "201", "400", "401", "404", "405", "409", "415", "422"])
    expect(seen).toContain(status);
}
