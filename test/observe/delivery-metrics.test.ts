import { expect, test } from "bun:test";
import { ATTEMPT_OUTCOMES, deliveryMetrics } from "../../src/observe/delivery-metrics.ts";
import { readMetrics } from "../support/prometheus.ts";

const NAME = "netpulse_webhook_attempt_duration_seconds";

test("attempts are counted by what they come to, with the time they took, and while they go on", async () => {
  const metrics = deliveryMetrics();
  const [first, second, third] = [metrics.begin(), metrics.begin(), metrics.begin()];
  first("delivered", 40);
  second("retry", 3_000);
  const series = Object.fromEntries(await readMetrics(await metrics.text()));
  expect(series).toMatchObject({
    'netpulse_webhook_attempts_total{outcome="delivered"}': 1,
    'netpulse_webhook_attempts_total{outcome="retry"}': 1,
    netpulse_webhook_attempts_under_way: 1,
    [`${NAME}_sum{outcome="retry"}`]: 3,
    [`${NAME}_bucket{le="0.025",outcome="delivered"}`]: 0,
    [`${NAME}_bucket{le="0.05",outcome="delivered"}`]: 1,
  });
  third("delivered", 1);
  const later = Object.fromEntries(await readMetrics(await metrics.text()));
  expect(later).toMatchObject({
    'netpulse_webhook_attempts_total{outcome="delivered"}': 2,
    netpulse_webhook_attempts_under_way: 0,
  });
});

test("each outcome is there from the start, for rates to begin at", async () => {
  const series = Object.fromEntries(await readMetrics(await deliveryMetrics().text()));
  for (const outcome of ATTEMPT_OUTCOMES) {
    expect(series[`netpulse_webhook_attempts_total{outcome="${outcome}"}`]).toBe(0);
    expect(series[`${NAME}_count{outcome="${outcome}"}`]).toBe(0);
  }
});
