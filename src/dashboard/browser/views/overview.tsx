import { useMemo } from "preact/hooks";
import type { Job } from "../../../client/index.ts";
import { type Bar, Ranking, Shares } from "../components/bars.tsx";
import { Chart, type Series } from "../components/chart.tsx";
import { commandOf } from "../components/job-table.tsx";
import { ErrorNotice, Loading, Notice } from "../components/notice.tsx";
import { Ago } from "../components/time.tsx";
import { bytes, duration, plural, rate, shortCount } from "../format.ts";
import type { Point } from "../model/history.ts";
import { type Reading, type Telemetry, useTelemetry } from "../model/telemetry.ts";
import { usePoll } from "../poll.ts";
import { hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

export function OverviewView({ telemetry }: { telemetry: Telemetry }) {
  const { reading, error } = useTelemetry(telemetry);
  return (
    <>
      <header class="head">
        <h1>Overview</h1>
        {reading !== null && <Facts reading={reading} />}
      </header>
      <ErrorNotice error={error} doing="read how the service is" />
      {reading === null ? error === null && <Loading /> : <Board reading={reading} />}
    </>
  );
}

function Facts({ reading: { health } }: { reading: Reading }) {
  const { version, uptime, storage } = health;
  const size = storage.size_bytes === null ? "" : ` ${bytes(storage.size_bytes)}`;
  return (
    <p class="muted">
      Version {version} · up {duration(uptime)} · {storage.name}
      {size}
    </p>
  );
}

function Board({ reading }: { reading: Reading }) {
  const { health, points } = reading;
  return (
    <>
      {health.status !== "ok" && (
        <Notice
          kind="error"
          title={health.status === "down" ? "Something is down" : "More errors than allowed"}
        >
          {health.down.join("; ")}
        </Notice>
      )}
      <Tiles reading={reading} />
      <Charts points={points} />
      <States reading={reading} />
      <Failures />
    </>
  );
}

function Tiles({ reading: { health, metrics, points } }: { reading: Reading }) {
  const last = points.at(-1);
  const depth = metrics.sum("netpulse_queue_depth");
  const oldest = Math.max(0, ...metrics.all("netpulse_queue_oldest_age_seconds").map(({ value }) => value));
  const p95 = points.findLast(({ runP95 }) => runP95 !== null)?.runP95 ?? null;
  return (
    <dl class="tiles">
      <Tile
        label="Jobs a second"
        value={rate((last?.succeeded ?? 0) + (last?.failed ?? 0))}
        beside="in the last 15 s"
      />
      <Tile
        label="Waiting"
        value={shortCount(depth)}
        beside={depth === 0 ? "nothing waits" : `the oldest for ${duration(oldest)}`}
      />
      <Tile
        label="Running"
        value={shortCount(health.jobs.started ?? 0)}
        beside={`by ${plural(health.workers.busy, "worker")}`}
      />
      <Tile label="Job takes (p95)" value={duration(p95)} beside="from start to end" />
      <Tile
        label="API answers (p99)"
        value={duration(health.api.latency_p99)}
        beside={`${(health.api.error_rate * 100).toFixed(health.api.error_rate === 0 ? 0 : 1)} % errors`}
      />
    </dl>
  );
}

function Tile({ label, value, beside }: { label: string; value: string; beside: string }) {
  return (
    <div class="panel tile">
      <dt>{label}</dt>
      <dd>
        <b>{value}</b>
        <span>{beside}</span>
      </dd>
    </div>
  );
}

function Charts({ points }: { points: readonly Point[] }) {
  const times = useMemo(() => points.map(({ at }) => at), [points]);
  const series = useMemo(() => seriesOf(points), [points]);
  if (points.length < 2) {
    return (
      <div class="charts">
        {["Throughput", "Queue depth", "Latency"].map((title) => (
          <section key={title} class="panel chart">
            <h2>{title}</h2>
            <p class="muted plot-empty">The first points come in a few seconds.</p>
          </section>
        ))}
      </div>
    );
  }
  return (
    <div class="charts">
      <Chart title="Throughput, jobs/s" times={times} series={series.throughput} format={rate} />
      <Chart title="Queue depth" times={times} series={series.depth} format={shortCount} />
      <Chart title="Latency" times={times} series={series.latency} format={duration} />
    </div>
  );
}

function seriesOf(points: readonly Point[]): Record<"throughput" | "depth" | "latency", Series[]> {
  const line = (label: string, color: string, of: keyof Point, filled = false): Series => ({
    label,
    color,
    values: points.map((point) => point[of]),
    filled,
  });
  return {
    throughput: [
      line("succeeded", "--finished", "succeeded", true),
      line("failed", "--failed", "failed", true),
    ],
    depth: [line("FIFO", "--started", "fifo", true), line("pinned", "--accent", "pinned", true)],
    latency: [
      line("wait p50", "--queued", "waitP50"),
      line("wait p95", "--cancelled", "waitP95"),
      line("run p50", "--started", "runP50"),
      line("run p95", "--accent", "runP95"),
    ],
  };
}

const SESSION_COLORS = { connected: "finished", connecting: "started", none: "queued" } as const;

function States({ reading: { health, metrics } }: { reading: Reading }) {
  const { busy, idle, suspended, dead } = health.workers;
  const workers = Object.entries({ busy, idle, suspended, dead }).map(
    ([label, value]): Bar => ({
      label,
      value,
      state: label,
      href: hrefTo(["workers"], { status: label }),
    }),
  );
  const sessions = Object.entries(SESSION_COLORS).map(
    ([label, state]): Bar => ({
      label,
      state,
      value: metrics.sum("netpulse_sessions", { state: label }),
    }),
  );
  const jobs = ["queued", "started", "finished", "failed", "cancelled"].map(
    (status): Bar => ({
      label: status,
      value: health.jobs[status] ?? 0,
      state: status,
      href: hrefTo(["jobs"], { status }),
    }),
  );
  return (
    <div class="thirds">
      <Shares title="Workers" bars={workers} />
      <Shares title="Sessions" bars={sessions} />
      <Shares title="Jobs kept" bars={jobs} />
    </div>
  );
}

const LATEST = 200;
const FAILURES_MS = 10_000;

function Failures() {
  const { api } = useSession();
  const { data, error } = usePoll(
    (signal) => api.jobs.list({ status: "failed", limit: LATEST, outputs: false }, { signal }),
    FAILURES_MS,
    "failures",
  );
  if (data === null) return <ErrorNotice error={error} doing="list what failed" />;
  return (
    <div class="halves">
      <section class="panel">
        <h2>
          Failures by type <span class="count">latest {data.items.length}</span>
        </h2>
        <Ranking bars={byType(data.items)} empty="No job has failed." />
      </section>
      <section class="panel">
        <h2>
          Failed last <a href={hrefTo(["jobs"], { status: "failed" })}>all</a>
        </h2>
        {data.items.length === 0 && <p class="muted">Nothing to see here.</p>}
        <ul class="lately">
          {data.items.slice(0, 6).map((job) => (
            <Failed key={job.id} job={job} />
          ))}
        </ul>
      </section>
    </div>
  );
}

function Failed({ job }: { job: Job }) {
  return (
    <li>
      <a data-row href={hrefTo(["jobs", job.id])}>
        <span class="line">
          <b>{job.host}</b> <code>{commandOf(job)}</code>
        </span>
        <span class="line muted">
          {job.result?.error?.type}: {job.result?.error?.message}
        </span>
      </a>
      <Ago at={job.ended_at} />
    </li>
  );
}

function byType(jobs: readonly Job[]): Bar[] {
  const counts = new Map<string, number>();
  for (const { result } of jobs) {
    const type = result?.error?.type ?? "unknown";
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([label, value]) => ({ label, value, state: "failed" }));
}
