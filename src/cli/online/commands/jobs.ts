import type { Command } from "commander";
import { Conflict, type Job, type JobFilter, type JobQuery, NotFound } from "../../../client/index.ts";
import { JOB_STATUSES, type JobStatus } from "../../../core/job.ts";
import { EXIT, usage } from "../exit.ts";
import { follow } from "../follow.ts";
import { pendingJob, untilInterrupt } from "../interrupt.ts";
import { jobColumns, oneJobColumns } from "../job-result.ts";
import {
  type Act,
  type OnlineDeps,
  type OnlineOptions,
  online,
  type Work,
  withOnlineOptions,
} from "../online.ts";
import { count, moment, oneOf, whole } from "../values.ts";
import { defineWait } from "./jobs-wait.ts";

const title = {
  name: "netpulse jobs",
  summary: "List jobs, see, follow, wait for and cancel them.",
  help: `Examples:
  netpulse jobs ls --status failed --since 2h
  netpulse jobs watch job_01hk1jvbg0ng3ah6t48jfew500
  netpulse jobs cancel --host 192.0.2.1`,
};

/** `netpulse jobs ls|show|output|wait|watch|cancel`. */
export function jobsCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    defineList(command, act);
    defineShow(command, act);
    defineOutput(command, act);
    defineWait(command, act);
    defineWatch(command, act);
    defineCancel(command, act);
  });
}

interface FilterOptions extends OnlineOptions {
  host?: string;
  queue?: string;
  node?: string;
  worker?: string;
  driver?: string;
  batch?: string;
  since?: string;
  until?: string;
}

function withFilters(command: Command): Command {
  return command
    .option("--host <host>", "of this device")
    .option("--queue <name>", "of this queue: FifoQ, pinned_HOST")
    .option("--node <name>", "run by this node")
    .option("--worker <name>", "run by this worker")
    .option("--driver <name>", "of this driver")
    .option("--batch <id>", "of this batch")
    .option(
      "--since <time>",
      "created at or after this time: ISO-8601, or how long ago, as 30m, 2h, 7d",
      moment,
    )
    .option("--until <time>", "created before this time", moment);
}

function filterOf({ host, queue, node, worker, driver, batch, since, until }: FilterOptions): JobFilter {
  const filter = { host, queue, node, worker, driver, batch_id: batch, since, until };
  // Safe: what is undefined is taken out.
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as JobFilter;
}

interface ListOptions extends FilterOptions {
  status?: JobStatus;
  limit: number;
  oldestFirst?: boolean;
  result?: boolean;
}

function defineList(command: Command, act: Act): void {
  withOnlineOptions(withFilters(command.command("ls").alias("list")))
    .description("list jobs, newest first")
    .option("--status <status>", `one of ${JOB_STATUSES.join(", ")}`, oneOf(JOB_STATUSES))
    .option("--limit <n>", "at most so many", count, 100)
    .option("--oldest-first", "the other way round")
    .option("--result", "with results, in JSON")
    .allowExcessArguments(false)
    .action((options: ListOptions) =>
      act(options, async ({ client, screen }) => {
        const { status, limit, oldestFirst = false, result = false } = options;
        const query: JobQuery = {
          ...filterOf(options),
          ...(status && { status }),
          order: oldestFirst ? "asc" : "desc",
          result,
        };
        const jobs: Job[] = [];
        for await (const job of client.jobs.all({ ...query, limit: Math.min(limit, 1000) })) {
          if (jobs.push(job) >= limit) break;
        }
        screen.list(jobs, jobColumns, "no such job");
        return EXIT.done;
      }),
    );
}

function defineShow(command: Command, act: Act): void {
  withOnlineOptions(command.command("show"))
    .description("show one job and what it printed")
    .argument("<id>", "the job")
    .action((id: string, options: OnlineOptions) =>
      act(options, async ({ client, screen }) => {
        const job = await client.jobs.get(id);
        screen.record(job, oneJobColumns);
        const outputs = screen.format === "people" ? (job.result?.outputs ?? []) : [];
        for (const { command: sent, stdout, stderr } of outputs) {
          screen.line("");
          screen.heading(`# ${sent}`);
          screen.output(`${stdout}${stderr}`.replace(/\n?$/, "\n"));
        }
        return EXIT.done;
      }),
    );
}

function defineOutput(command: Command, act: Act): void {
  withOnlineOptions(command.command("output"))
    .description("print all that a job has printed so far, however much that is")
    .argument("<id>", "the job")
    .option("--index <n>", "only what this command printed, counted from 0", whole)
    .addHelpText("after", "\nWith --json and --csv each piece is a line.")
    .action((id: string, options: OnlineOptions & { index?: number }) =>
      act(options, async ({ client, screen }) => {
        const { index } = options;
        for await (const chunk of client.jobs.allOutput(id, index === undefined ? {} : { index })) {
          if (screen.format === "json") screen.jsonLine(chunk);
          else if (chunk.kind !== "output") continue;
          else if (screen.format === "csv") screen.csvRow([chunk.index, chunk.stream, chunk.text]);
          else screen.output(chunk.text);
        }
        return EXIT.done;
      }),
    );
}

function defineWatch(command: Command, act: Act): void {
  withOnlineOptions(command.command("watch"))
    .description("print what a job's device prints, while it prints it")
    .argument("<id>", "the job")
    .addHelpText("after", "\nWith --json and --csv each event is a line.")
    .action((id: string, options: OnlineOptions) =>
      act(options, async ({ client, screen, terminal }) =>
        untilInterrupt(terminal, screen.note.bind(screen), async (signal, isQueued) => {
          isQueued(pendingJob(client, id));
          return await follow(client, screen, id, signal);
        }),
      ),
    );
}

interface CancelOptions extends FilterOptions {
  abort?: boolean;
}

function defineCancel(command: Command, act: Act): void {
  withOnlineOptions(withFilters(command.command("cancel")))
    .description("cancel jobs that are queued: those named, or all that match")
    .argument("[ids...]", "the jobs")
    .option("--abort", "with ids: interrupt those that have started, too")
    .addHelpText(
      "after",
      "\nWithout ids, one of --host, --queue and --batch is required. Prints the ids of what was cancelled.",
    )
    .action((ids: string[], options: CancelOptions) =>
      act(options, async (work) =>
        ids.length > 0 ? cancelEach(work, ids, options) : cancelMatching(work, options),
      ),
    );
}

async function cancelMatching({ client, screen }: Work, options: CancelOptions): Promise<number> {
  const filter = filterOf(options);
  if (options.abort) throw usage("--abort takes the ids of jobs");
  if (!filter.host && !filter.queue && !filter.batch_id) {
    throw usage("say which jobs: give their ids, --host, --queue or --batch");
  }
  tellCancelled(screen, (await client.jobs.cancelWhere(filter)).cancelled_jobs);
  return EXIT.done;
}

/** All are tried; the code is that of the first that could not be cancelled. */
async function cancelEach({ client, screen }: Work, ids: string[], options: CancelOptions): Promise<number> {
  if (Object.keys(filterOf(options)).length > 0) throw usage("give ids or filters, not both");
  const cancelled: string[] = [];
  let refused = false;
  for (const id of ids) {
    try {
      await (options.abort ? client.jobs.abort(id) : client.jobs.cancel(id));
      cancelled.push(id);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      screen.note(`netpulse: ${id}: ${error.message}`);
      refused = true;
    }
  }
  tellCancelled(screen, cancelled);
  return refused ? EXIT.refused : EXIT.done;
}

function isRefusal(error: unknown): error is NotFound | Conflict {
  return error instanceof NotFound || error instanceof Conflict;
}

function tellCancelled(screen: Work["screen"], ids: string[]): void {
  screen.list(
    ids.map((id) => ({ id })),
    [{ name: "id", of: ({ id }) => id }],
    "nothing was queued",
  );
}
