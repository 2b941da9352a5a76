import type { Health } from "../../../client/index.ts";
import { EXIT } from "../exit.ts";
import { type OnlineDeps, type OnlineOptions, online, withOnlineOptions } from "../online.ts";
import type { Column } from "../screen.ts";
import { duration } from "../text.ts";

const title = {
  name: "netpulse health",
  summary: "How the service is: storage, workers, queues, jobs.",
  help: "Exit code 0 when all is well, 1 when something is down, 3 when the API cannot be reached.",
};

/** `netpulse health`. */
export function healthCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withOnlineOptions(command)
      .allowExcessArguments(false)
      .action((options: OnlineOptions) =>
        act(options, async ({ client, screen }) => {
          const health = await client.system.health();
          screen.record(health, columns);
          return health.status === "down" ? EXIT.failed : EXIT.done;
        }),
      );
  });
}

const PAINTS = { ok: "green", degraded: "yellow", down: "red" } as const;

const columns: Column<Health>[] = [
  { name: "status", of: ({ status }) => status, paint: ({ status }) => PAINTS[status] },
  { name: "down", of: ({ down }) => down.join("; "), paint: () => "red" },
  { name: "version", of: ({ version }) => version },
  { name: "uptime", of: ({ uptime }) => duration(uptime) },
  { name: "storage", of: ({ storage }) => storageText(storage) },
  { name: "workers", of: ({ workers: { oldest_heartbeat: _, ...counts } }) => countsText(counts) },
  { name: "jobs", of: ({ jobs }) => countsText(jobs) },
  { name: "queues", of: ({ queues }) => queuesText(queues) },
  {
    name: "requests",
    of: ({ api }) =>
      `${api.requests} in the last minute, ${Number((api.error_rate * 100).toFixed(2))} % of them failed`,
  },
];

function storageText({ name, ok, latency, size_bytes: size }: Health["storage"]): string {
  const parts = [
    ok ? "" : "down",
    latency === null ? "" : `${Number((latency * 1000).toFixed(1))} ms`,
    size === null ? "" : `${Number((size / 1024 ** 2).toFixed(1))} MiB`,
  ];
  return [name, ...parts.filter((part) => part !== "")].join(", ");
}

function countsText(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

/** The deepest of them. */
function queuesText(queues: Health["queues"]): string {
  const shown = queues
    .slice(0, 5)
    .map(({ queue, depth, oldest_age }) => `${queue}: ${depth}, oldest ${duration(oldest_age)}`);
  return [...shown, ...(queues.length > 5 ? [`${queues.length - 5} more`] : [])].join("; ");
}
