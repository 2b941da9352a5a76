import { expect, setDefaultTimeout, test } from "bun:test";
import { expectHarmless } from "./expect.ts";
import { fuzz } from "./run.ts";

setDefaultTimeout(120_000);

test("1,500 hostile and harmless requests, made from the document, are answered as it promises", async () => {
  const report = await fuzz({ seed: 1, requests: 1_500 });
  expectHarmless(report);
  expect(report.requests).toBe(1_500);
});
