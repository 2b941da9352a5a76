import type { Health, Job } from "../../../client/index.ts";
import { remark } from "../job-result.ts";
import { type Column, tableLines } from "../table-lines.ts";
import { duration, fit, oneLine, type Paint, pad, painted } from "../text.ts";
import type { Rate } from "./rates.ts";
import type { Sample } from "./sample.ts";

/** What there is to show. */
export interface Shown {
  url: string;
  /** Milliseconds since the epoch. */
  now: number;
  sample: Sample;
  rate: Rate | null;
  /** Jobs a second that ended, oldest first. */
  history: readonly number[];
  /** Why there is nothing newer. */
  trouble: string | null;
  paused: boolean;
}

export interface Size {
  rows: number;
  columns: number;
  color: boolean;
}

const LEAST_LIST = 3;
const HEALTH_PAINT = { ok: "green", degraded: "yellow", down: "red" } as const;

/** As many lines as there are rows, or fewer. */
export function view(shown: Shown, size: Size): string[] {
  const top = [...headLines(shown, size), ""];
  const lists = listsOf(shown, size);
  const room = size.rows - top.length - 1;
  const parts = shareRoom(
    room,
    lists.map((lines) => lines.length + 1),
  );
  const body = lists.flatMap((lines, at) => {
    const some = lines.slice(0, Math.max(0, (parts[at] ?? 0) - 1));
    return some.length > 1 ? [...some, ""] : [];
  });
  const keys = shown.paused ? "paused: p goes on, q ends" : "q ends, p pauses";
  const filler = Array.from({ length: Math.max(0, room - body.length) }, () => "");
  return [...top, ...body.slice(0, room), ...filler, painted(fit(keys, size.columns), "dim", size.color)];
}

/** Each gets what it needs, as long as the others have theirs. Where that is too little to be of use, the first go. */
function shareRoom(room: number, wanted: readonly number[]): number[] {
  const parts = fairParts(room, wanted);
  const first = wanted.findIndex((want) => want > 1);
  const tight = wanted.some((want, at) => want > 1 && (parts[at] ?? 0) < LEAST_LIST);
  if (!tight || first === -1) return parts;
  return shareRoom(room, wanted.with(first, 0));
}

function fairParts(room: number, wanted: readonly number[]): number[] {
  const parts = wanted.map(() => 0);
  for (let left = room; left > 0; left--) {
    const needy = wanted.map((want, at) => ({ at, lacks: want - (parts[at] ?? 0), has: parts[at] ?? 0 }));
    const next = needy.filter(({ lacks }) => lacks > 0).sort((a, b) => a.has - b.has)[0];
    if (next === undefined) break;
    parts[next.at] = next.has + 1;
  }
  return parts;
}

function headLines(shown: Shown, { columns, color }: Size): string[] {
  const { sample, rate, trouble, history } = shown;
  const { health, sessions, breakers, nodes } = sample;
  const { status, down } = health;
  const bold = (name: string) => painted(pad(name, 10), "bold", color);
  const line = (name: string, parts: Part[]) => bold(name) + joinParts(parts, columns - 10, color);
  return [
    joinParts(
      [
        [`netpulse ${health.version}`, "bold"],
        [shown.url, null],
        [`up ${duration(Math.round(health.uptime))}`, null],
        [[status, ...down].join(": "), HEALTH_PAINT[status]],
        [new Date(shown.now).toTimeString().slice(0, 8), "dim"],
      ],
      columns,
      color,
    ),
    ...(trouble === null ? [] : [painted(fit(trouble, columns), "red", color)]),
    line("jobs", [...jobParts(health, rate), [spark(history), "cyan"]]),
    line("workers", [
      [`${nodes} ${nodes === 1 ? "node" : "nodes"}`, nodes === 0 ? "red" : null],
      [`${health.workers.busy} busy`, null],
      [`${health.workers.idle} idle`, null],
      [`${health.workers.suspended} suspended`, health.workers.suspended > 0 ? "yellow" : null],
      [`${health.workers.dead} dead`, health.workers.dead > 0 ? "red" : null],
    ]),
    line("sessions", [
      [`${sessions.connected} connected`, null],
      [`${sessions.connecting} connecting`, null],
      [`${breakers} circuit breakers open`, breakers > 0 ? "yellow" : null],
    ]),
    line("service", serviceParts(health)),
  ];
}

type Part = [text: string, paint: Paint | null];

function jobParts({ jobs, queues }: Health, rate: Rate | null): Part[] {
  const oldest = Math.max(0, ...queues.map(({ oldest_age }) => oldest_age));
  return [
    [`${jobs.queued ?? 0} queued${oldest > 0 ? `, oldest ${duration(Math.round(oldest))}` : ""}`, null],
    [`${jobs.started ?? 0} running`, null],
    [`${perSecond(rate?.finished)} finished`, null],
    [`${perSecond(rate?.failed)} failed`, (rate?.failed ?? 0) > 0 ? "red" : null],
  ];
}

function serviceParts({ storage, api }: Health): Part[] {
  const latency = storage.latency === null ? "" : ` ${Number((storage.latency * 1000).toFixed(1))} ms`;
  return [
    [`${storage.name}${storage.ok ? latency : " down"}`, storage.ok ? null : "red"],
    [`${api.requests} requests a minute`, null],
    [`${Number((api.error_rate * 100).toFixed(2))} % of them failed`, api.ok ? null : "red"],
  ];
}

export function perSecond(rate: number | undefined): string {
  if (rate === undefined) return "-/s";
  return `${rate > 0 && rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

/** As many as have room; the last may be cut. */
function joinParts(parts: readonly Part[], room: number, color: boolean): string {
  let left = room;
  const texts: string[] = [];
  for (const [text, paint] of parts) {
    if (text === "" || left <= 0) continue;
    const fitting = fit(oneLine(text), left);
    texts.push(painted(fitting, paint, color));
    left -= Bun.stringWidth(fitting) + 2;
  }
  return texts.join("  ");
}

const BARS = "▁▂▃▄▅▆▇█";

/** The course of the rate; empty while nothing happens. */
function spark(history: readonly number[]): string {
  const most = Math.max(0, ...history);
  if (most === 0) return "";
  return history.map((value) => BARS[Math.round((value / most) * (BARS.length - 1))] ?? "").join("");
}

function listsOf({ sample, now }: Shown, { columns, color }: Size): string[][] {
  const options = { room: columns, color };
  const { queues } = sample.health;
  return [
    queues.length === 0 ? [] : tableLines(queues, queueColumns, options),
    sample.running.length === 0 ? [] : tableLines(sample.running, runningColumns(now), options),
    sample.failures.length === 0 ? [] : tableLines(sample.failures, failureColumns(now), options),
  ];
}

const queueColumns: Column<Health["queues"][number]>[] = [
  { name: "queue", of: ({ queue }) => queue },
  { name: "waiting", of: ({ depth }) => depth },
  { name: "oldest", of: ({ oldest_age }) => duration(Math.round(oldest_age)) },
];

const runningColumns = (now: number): Column<Job>[] => [
  { name: "running", of: ({ id }) => id, whole: true },
  { name: "host", of: ({ host }) => host },
  { name: "for", of: ({ started_at }) => since(started_at, now) },
  { name: "worker", of: ({ worker }) => worker },
  { name: "command", of: ({ command }) => command.join("; ") },
];

const failureColumns = (now: number): Column<Job>[] => [
  { name: "failed", of: ({ id }) => id, whole: true },
  { name: "host", of: ({ host }) => host },
  { name: "ago", of: ({ ended_at }) => since(ended_at, now) },
  { name: "why", of: remark, paint: () => "red" },
];

/** Clocks of two machines may differ. */
function since(time: string | null, now: number): string {
  return time === null ? "" : duration(Math.max(0, Math.round((now - Date.parse(time)) / 1000)));
}
