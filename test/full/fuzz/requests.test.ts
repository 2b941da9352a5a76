import { expect, test } from "bun:test";
import { expectHarmless } from "../../fuzz/expect.ts";
import { fuzz } from "../../fuzz/run.ts";
import { figure } from "../../support/figures.ts";

test("100,000 hostile and harmless requests are answered as the document promises", async () => {
  const report = await fuzz({ seed: 20, requests: 100_000, lines: 32 });
  expectHarmless(report);
  expect(report.requests).toBe(100_000);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  figure("hostile requests", "requests", String(report.requests));
  figure("hostile requests", "reached a handler", percent(report.handler));
  figure("hostile requests", "found valid by it", percent(report.valid));
  figure("hostile requests", "answers by status", JSON.stringify(report.statuses));
}, 3_600_000);
