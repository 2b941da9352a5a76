import type { Command } from "commander";
import type { Netpulse, StoppedWorker, Worker, WorkerFilter, WorkerTarget } from "../../../client/index.ts";
import { CommandError, EXIT, usage } from "../exit.ts";
import {
  type Act,
  type OnlineDeps,
  type OnlineOptions,
  online,
  type Work,
  withOnlineOptions,
} from "../online.ts";
import type { Column } from "../screen.ts";
import { briefTime, duration, type Paint } from "../text.ts";
import { oneOf } from "../values.ts";

const title = {
  name: "netpulse workers",
  summary: "List and see workers, stop, suspend and resume them.",
  help: `Examples:
  netpulse workers ls --status busy
  netpulse workers suspend --node edge-2
  netpulse workers stop worker_w667g0gpkn`,
};

const STATUSES = ["busy", "idle", "suspended", "dead"] as const;

/** `netpulse workers ls|show|stop|suspend|resume`. */
export function workersCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    defineList(command, act);
    defineShow(command, act);
    defineAction(command, act, "stop", "stop workers: what they run is interrupted, and fails", stop);
    defineAction(command, act, "suspend", "let workers finish what they run, and take nothing new", suspend);
    defineAction(command, act, "resume", "let suspended workers take jobs again", resume);
  });
}

interface FilterOptions extends OnlineOptions {
  queue?: string;
  node?: string;
  host?: string;
}

function withFilters(command: Command): Command {
  return withOnlineOptions(command)
    .option("--queue <name>", "that listen on this queue: FifoQ, pinned_HOST")
    .option("--node <name>", "of this node")
    .option("--host <host>", "of this device");
}

function filterOf({ queue, node, host }: FilterOptions): WorkerTarget {
  return {
    ...(queue !== undefined && { queue }),
    ...(node !== undefined && { node }),
    ...(host !== undefined && { host }),
  };
}

function defineList(command: Command, act: Act): void {
  withFilters(command.command("ls").alias("list"))
    .description("list workers")
    .option("--status <status>", `one of ${STATUSES.join(", ")}`, oneOf(STATUSES))
    .allowExcessArguments(false)
    .action((options: FilterOptions & { status?: (typeof STATUSES)[number] }) =>
      act(options, async ({ client, screen }) => {
        const { status } = options;
        const filter: WorkerFilter = { ...filterOf(options), ...(status !== undefined && { status }) };
        screen.list(await Array.fromAsync(client.workers.all(filter)), columns, "no such worker");
        return EXIT.done;
      }),
    );
}

function defineShow(command: Command, act: Act): void {
  withOnlineOptions(command.command("show"))
    .description("all that is known of one worker")
    .argument("<name>", "the worker")
    .action((name: string, options: OnlineOptions) =>
      act(options, async ({ client, screen }) => {
        screen.record(await workerNamed(client, name), oneColumns);
        return EXIT.done;
      }),
    );
}

/** The API lists by what workers work for, not by name. */
async function workerNamed(client: Netpulse, name: string): Promise<Worker> {
  for await (const worker of client.workers.all()) {
    if (worker.name === name) return worker;
  }
  throw new CommandError(EXIT.refused, `there is no worker ${JSON.stringify(name)}`);
}

const PAINTS: Record<Worker["status"], Paint | null> = {
  busy: "cyan",
  idle: "green",
  suspended: "yellow",
  dead: "red",
};

const columns: Column<Worker>[] = [
  { name: "name", of: ({ name }) => name, whole: true },
  { name: "status", of: ({ status }) => status, paint: ({ status }) => PAINTS[status] },
  { name: "node", of: ({ node }) => node },
  { name: "queues", of: ({ queues }) => queues.join(", ") },
  { name: "session", of: ({ session }) => session },
  { name: "jobs", of: ({ current_jobs }) => current_jobs.join(", ") },
  { name: "done", of: ({ successful_job_count }) => successful_job_count },
  { name: "failed", of: ({ failed_job_count }) => failed_job_count },
  {
    name: "heard_of",
    of: ({ last_heartbeat }) => last_heartbeat,
    brief: ({ last_heartbeat }) => briefTime(last_heartbeat),
  },
];

const oneColumns: Column<Worker>[] = [
  ...columns,
  { name: "host", of: ({ host }) => host },
  { name: "hostname", of: ({ hostname }) => hostname },
  { name: "pid", of: ({ pid }) => pid },
  { name: "memory", of: ({ memory_mb }) => (memory_mb === null ? null : `${memory_mb} MiB, of its process`) },
  { name: "born_at", of: ({ birth_at }) => birth_at },
  { name: "busy", of: ({ busy_seconds }) => duration(busy_seconds) },
  {
    name: "mean_job",
    of: ({ mean_job_duration: mean }) => (mean === null ? null : duration(mean)),
  },
  { name: "sessions_opened", of: ({ sessions_opened }) => sessions_opened },
];

type Action = (work: Work, target: WorkerTarget) => Promise<void>;

function defineAction(command: Command, act: Act, name: string, description: string, action: Action): void {
  withFilters(command.command(name))
    .description(description)
    .argument("[name]", "the worker; else all that match --queue, --node and --host")
    .action((worker: string | undefined, options: FilterOptions) =>
      act(options, async (work) => {
        await action(work, targetOf(worker, options));
        return EXIT.done;
      }),
    );
}

function targetOf(name: string | undefined, options: FilterOptions): WorkerTarget {
  const filter = filterOf(options);
  const filters = Object.keys(filter).length;
  if (name !== undefined && filters > 0) throw usage("give a name or filters, not both");
  if (name === undefined && filters === 0)
    throw usage("say which workers: give a name, --queue, --node or --host");
  return name === undefined ? filter : { name };
}

const stoppedColumns: Column<StoppedWorker>[] = [
  { name: "worker", of: ({ worker }) => worker },
  { name: "status", of: ({ status }) => status },
  { name: "interrupted", of: ({ jobs }) => jobs.join(", ") },
];

async function stop({ client, screen }: Work, target: WorkerTarget): Promise<void> {
  screen.list(await client.workers.stop(target), stoppedColumns, "no such worker");
}

async function suspend({ client, screen }: Work, target: WorkerTarget): Promise<void> {
  names(screen, await client.workers.suspend(target));
}

async function resume({ client, screen }: Work, target: WorkerTarget): Promise<void> {
  names(screen, await client.workers.resume(target));
}

function names(screen: Work["screen"], workers: string[]): void {
  screen.list(
    workers.map((name) => ({ name })),
    [{ name: "name", of: ({ name }) => name }],
    "no such worker",
  );
}
