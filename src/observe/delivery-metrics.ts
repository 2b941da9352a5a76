import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What an attempt at a delivery comes to. `failed`: to nothing, by a fault of ours; it is made again. */
export const ATTEMPT_OUTCOMES = ["delivered", "retry", "dead", "released", "failed"] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** What this process sends to receivers of webhooks, as Prometheus reads it. */
export interface DeliveryMetrics {
  /** An attempt begins; the answer is called with what it came to. */
  begin(): (outcome: AttemptOutcome, ms: number) => void;
  text(): Promise<string>;
}

/** Seconds: from a receiver nearby to the longest time-out of an attempt. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export function deliveryMetrics(): DeliveryMetrics {
  const registry = new Registry();
  const registers = [registry];
  const attempts = new Counter({
    name: "netpulse_webhook_attempts_total",
    help: "Attempts at deliveries of webhooks that this API has made.",
    labelNames: ["outcome"],
    registers,
  });
  const duration = new Histogram({
    name: "netpulse_webhook_attempt_duration_seconds",
    help: "From the begin of an attempt to what it came to.",
    labelNames: ["outcome"],
    buckets: BUCKETS,
    registers,
  });
  const underWay = new Gauge({
    name: "netpulse_webhook_attempts_under_way",
    help: "Attempts that this API makes now.",
    registers,
  });
  // A rate needs a zero to begin from.
  for (const outcome of ATTEMPT_OUTCOMES) {
    attempts.inc({ outcome }, 0);
    duration.zero({ outcome });
  }
  return {
    begin() {
      underWay.inc();
      return (outcome, ms) => {
        underWay.dec();
        attempts.inc({ outcome });
        duration.observe({ outcome }, ms / 1000);
      };
    },
    text: () => registry.metrics(),
  };
}
