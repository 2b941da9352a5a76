import type { Health, Job, Netpulse } from "../../../client/index.ts";
import { type Metric, readMetrics, sumOf } from "./metrics.ts";

/** How it is at one moment. */
export interface Sample {
  health: Health;
  sessions: Record<"connected" | "connecting" | "none", number>;
  /** Circuit breakers that are not closed. */
  breakers: number;
  nodes: number;
  /** Runs that nodes have ended, since they were started. */
  ended: Ended;
  running: Job[];
  failures: Job[];
}

export type Ended = Map<string, { well: boolean; runs: number }>;

/** More than any terminal has lines. */
const MOST_JOBS = 50;

const STATES = ["connected", "connecting", "none"] as const;

export async function takeSample(client: Netpulse, signal: AbortSignal): Promise<Sample> {
  const options = { retryForMs: 0, signal };
  const [health, text, running, failures] = await Promise.all([
    client.system.health(options),
    client.system.metrics(options),
    client.jobs.list({ status: "started", result: false, limit: MOST_JOBS, order: "asc" }, options),
    client.jobs.list({ status: "failed", limit: MOST_JOBS }, options),
  ]);
  const metrics = readMetrics(text);
  const [connected, connecting, none] = STATES.map((state) => sumOf(metrics, "netpulse_sessions", { state }));
  return {
    health,
    sessions: { connected: connected ?? 0, connecting: connecting ?? 0, none: none ?? 0 },
    breakers: sumOf(metrics, "netpulse_node_breakers"),
    nodes: metrics.filter(({ name }) => name === "netpulse_node_heartbeat_age_seconds").length,
    ended: endedOf(metrics),
    running: running.items,
    failures: failures.items,
  };
}

function endedOf(metrics: readonly Metric[]): Ended {
  return new Map(
    metrics
      .filter(({ name }) => name === "netpulse_job_duration_seconds_count")
      .filter(({ labels }) => labels.result !== "retried")
      .map(({ labels, value }) => [
        `${labels.node}\0${labels.driver}\0${labels.result}`,
        { well: labels.result === "success", runs: value },
      ]),
  );
}
