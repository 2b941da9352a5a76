import type { AuditEntry, AuditFilter } from "../../../client/index.ts";
import { EXIT } from "../exit.ts";
import { type OnlineDeps, type OnlineOptions, online, withOnlineOptions } from "../online.ts";
import type { Column } from "../screen.ts";
import { briefTime } from "../text.ts";
import { count, moment, oneOf } from "../values.ts";

const OUTCOMES = ["done", "refused"] as const;

const title = {
  name: "netpulse audit",
  summary: "List who did what to which device, newest first.",
  help: `Examples:
  netpulse audit --host 192.0.2.1 --since 7d
  netpulse audit --outcome refused --csv > refused.csv
  netpulse audit --key deploy --action config --limit 1000 --json

The key needs the scope admin.`,
};

interface AuditOptions extends OnlineOptions {
  key?: string;
  action?: string;
  outcome?: (typeof OUTCOMES)[number];
  host?: string;
  site?: string;
  job?: string;
  batch?: string;
  since?: string;
  until?: string;
  limit: number;
}

/** `netpulse audit`. */
export function auditCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withOnlineOptions(command)
      .option("--key <name>", "by this key; local:USER for a command on a machine itself")
      .option("--action <what>", "exec, config, connect, cancel, …")
      .option("--outcome <outcome>", `one of ${OUTCOMES.join(", ")}`, oneOf(OUTCOMES))
      .option("--host <host>", "on this device")
      .option("--site <site>", "on devices of this site")
      .option("--job <id>", "about this job")
      .option("--batch <id>", "about this batch")
      .option("--since <time>", "at or after this time: ISO-8601, or how long ago, as 30m, 2h, 7d", moment)
      .option("--until <time>", "before this time", moment)
      .option("--limit <n>", "at most so many", count, 100)
      .allowExcessArguments(false)
      .action((options: AuditOptions) =>
        act(options, async ({ client, screen }) => {
          const entries: AuditEntry[] = [];
          for await (const entry of client.audit.all(filterOf(options))) {
            if (entries.push(entry) >= options.limit) break;
          }
          screen.list(entries, columns, "no such entry");
          return EXIT.done;
        }),
      );
  });
}

function filterOf({ key, action, outcome, host, site, job, batch, since, until }: AuditOptions): AuditFilter {
  const filter = { key, action, outcome, host, site, job_id: job, batch_id: batch, since, until };
  // Safe: what is undefined is taken out.
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as AuditFilter;
}

const columns: Column<AuditEntry>[] = [
  { name: "at", of: ({ at }) => at, brief: ({ at }) => briefTime(at), whole: true },
  { name: "key", of: ({ key }) => key },
  { name: "action", of: ({ action }) => action },
  {
    name: "outcome",
    of: ({ outcome }) => outcome,
    paint: ({ outcome }) => (outcome === "refused" ? "red" : null),
  },
  { name: "site", of: ({ site }) => site },
  { name: "host", of: ({ host }) => host },
  { name: "job", of: ({ job_id }) => job_id, whole: true },
  { name: "batch", of: ({ batch_id }) => batch_id },
  { name: "detail", of: ({ detail }) => detail },
];
