import { isPinnedQueue } from "../../../core/job.ts";
import type { HealthReport } from "../../../engine/engine.ts";
import { VERSION } from "../../../observe/version.ts";
import type { ProbeResult } from "../health/probe.ts";
import { addJobTimes } from "./job-times.ts";
import { NODE_METRICS } from "./nodes.ts";
import { Page } from "./page.ts";

/** What the store and this process are like at this moment: made for each scrape, so that nothing that is gone stays. */
export function stateMetrics({ ok, report }: ProbeResult, now: number): Promise<string> {
  const page = new Page();
  page.gauge("netpulse_up", "1 when all is well, 0 when something is down; /health says what.", ok ? 1 : 0);
  page.gauge("netpulse_build_info", "1; the version is a label.", 1, { version: VERSION });
  addStorage(page, report);
  // Nothing is said of what is not known: a zero would be taken for one.
  if (report?.storage.ok) {
    addQueue(page, report, now);
    addDeliveries(page, report.deliveries, now);
    addNodes(page, report.nodes);
  }
  addProcess(page, now);
  return page.text();
}

function addStorage(page: Page, report: HealthReport | null): void {
  const { ok, name, latencyMs, sizeBytes } = report?.storage ?? {
    ok: false,
    name: "unknown",
    latencyMs: null,
    sizeBytes: null,
  };
  page.gauge("netpulse_storage_up", "1 when the store answers.", ok ? 1 : 0, { store: name });
  if (latencyMs !== null) {
    page.gauge("netpulse_storage_latency_seconds", "A read and a write of the store.", latencyMs / 1000);
  }
  if (sizeBytes !== null) {
    page.gauge(
      "netpulse_storage_size_bytes",
      "The database file, or the memory Redis uses for data.",
      sizeBytes,
    );
  }
}

function addQueue(page: Page, report: HealthReport, now: number): void {
  const { oldestHeartbeat, ...workers } = report.workers;
  page.gauges("netpulse_jobs", "Jobs that are kept.", "status", report.jobs);
  page.gauges("netpulse_workers", "Workers; those that died are listed for a while.", "status", workers);
  page.gauges("netpulse_sessions", "Device sessions of living workers.", "state", report.sessions);
  if (oldestHeartbeat !== null) {
    const age = Math.max(0, now - oldestHeartbeat) / 1000;
    page.gauge(
      "netpulse_oldest_heartbeat_age_seconds",
      "Since the living worker longest unheard was heard of.",
      age,
    );
  }
  const kinds = Object.entries(byKind(report.queues));
  const pick = (value: (queues: HealthReport["queues"]) => number) =>
    Object.fromEntries(kinds.map(([kind, queues]) => [kind, value(queues)]));
  const age = (queues: HealthReport["queues"]) =>
    queues.reduce((oldest, { oldestAt }) => Math.max(oldest, now - oldestAt), 0) / 1000;
  const depth = (queues: HealthReport["queues"]) => queues.reduce((sum, queue) => sum + queue.depth, 0);
  page.gauges(
    "netpulse_queues",
    "Queues in which jobs wait.",
    "kind",
    pick((queues) => queues.length),
  );
  page.gauges("netpulse_queue_depth", "Jobs that wait.", "kind", pick(depth));
  page.gauges(
    "netpulse_queue_oldest_age_seconds",
    "Since the job that waits longest was enqueued.",
    "kind",
    pick(age),
  );
}

/** Those that were delivered are not told of: counting them all takes long. */
function addDeliveries(page: Page, { firstDueAt, ...counts }: HealthReport["deliveries"], now: number): void {
  page.gauges("netpulse_webhook_deliveries", "Webhooks that are owed, and dead letters.", "state", counts);
  page.gauge(
    "netpulse_webhook_overdue_seconds",
    "Since the delivery that is due longest was due; 0 when none is.",
    firstDueAt === null ? 0 : Math.max(0, now - firstDueAt) / 1000,
  );
}

/** A series for each device would be too many. */
function byKind(queues: HealthReport["queues"]): Record<"fifo" | "pinned", HealthReport["queues"]> {
  const [pinned, fifo] = [true, false].map((kind) =>
    queues.filter(({ queue }) => isPinnedQueue(queue) === kind),
  );
  return { fifo: fifo ?? [], pinned: pinned ?? [] };
}

/** What a node did not tell is left out. */
function addNodes(page: Page, nodes: HealthReport["nodes"]): void {
  for (const { name: node, silentMs, report } of nodes) {
    const help = "Since the node was last heard of.";
    page.gauge("netpulse_node_heartbeat_age_seconds", help, silentMs / 1000, { node });
    for (const { of, name, kind, help, labels } of NODE_METRICS) {
      const value = report[of];
      if (value !== undefined) page[kind](name, help, value, { node, ...labels });
    }
    if (report.jobTimes) addJobTimes(page, node, report.jobTimes);
  }
}

function addProcess(page: Page, now: number): void {
  const { user, system } = process.cpuUsage();
  const startedAt = now / 1000 - process.uptime();
  page.gauge("netpulse_process_resident_memory_bytes", "Memory of this process.", process.memoryUsage.rss());
  page.gauge("netpulse_process_start_time_seconds", "When this process started, Unix time.", startedAt);
  page.counter("netpulse_process_cpu_seconds_total", "CPU time of this process.", (user + system) / 1e6);
}
