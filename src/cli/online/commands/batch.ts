import type { Command } from "commander";
import type { Batch, Job } from "../../../client/index.ts";
import { codeOf, outcomeColumns, outcomeOf, watchBatch } from "../batch-run.ts";
import { EXIT } from "../exit.ts";
import { type Act, type OnlineDeps, type OnlineOptions, online, withOnlineOptions } from "../online.ts";
import type { Column } from "../screen.ts";
import { count } from "../values.ts";

const title = {
  name: "netpulse batch",
  summary: "See, wait for and cancel the jobs of one bulk request.",
  help: `Examples:
  netpulse batch show batch_01hk1jvbg0ng3ah6t48jfew5
  netpulse batch jobs batch_01hk1jvbg0ng3ah6t48jfew5 --limit 20

netpulse bulk --retry BATCH runs again what of a batch has failed.`,
};

/** `netpulse batch show|jobs|wait|cancel`. */
export function batchCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    defineShow(command, act);
    defineJobs(command, act);
    defineWait(command, act);
    defineCancel(command, act);
  });
}

const columns: Column<Batch>[] = [
  { name: "id", of: ({ id }) => id },
  { name: "phase", of: ({ phase }) => phase },
  { name: "reason", of: ({ reason }) => reason },
  { name: "created_at", of: ({ created_at }) => created_at },
  { name: "size", of: ({ size }) => size },
  ...(["queued", "started", "finished", "failed", "cancelled"] as const).map((status) => ({
    name: status,
    of: ({ counts }: Batch) => counts[status],
  })),
  { name: "forgotten", of: ({ forgotten }) => forgotten },
  { name: "retry_of", of: ({ retry_of }) => retry_of },
];

function defineShow(command: Command, act: Act): void {
  withOnlineOptions(command.command("show"))
    .description("how far it has come")
    .argument("<id>", "the batch")
    .action((id: string, options: OnlineOptions) =>
      act(options, async ({ client, screen }) => {
        screen.record(await client.batches.get(id), columns);
        return EXIT.done;
      }),
    );
}

function defineJobs(command: Command, act: Act): void {
  withOnlineOptions(command.command("jobs"))
    .description("list its jobs, those that failed first")
    .argument("<id>", "the batch")
    .option("--limit <n>", "at most so many", count)
    .action((id: string, options: OnlineOptions & { limit?: number }) =>
      act(options, async ({ client, screen }) => {
        const { limit = Number.POSITIVE_INFINITY } = options;
        const jobs: Job[] = [];
        for await (const job of client.batches.all(id)) {
          if (jobs.push(job) >= limit) break;
        }
        if (screen.format === "json") screen.json(jobs);
        else screen.list(jobs.map(outcomeOf), outcomeColumns, "it has no job");
        return EXIT.done;
      }),
    );
}

function defineWait(command: Command, act: Act): void {
  withOnlineOptions(command.command("wait"))
    .description("wait until all of its jobs have ended")
    .argument("<id>", "the batch")
    .addHelpText("after", "\nExit code 0 when all finished well, 4 when some did, 1 when none did.")
    .action((id: string, options: OnlineOptions) =>
      act(options, async (work) => {
        const batch = await watchBatch(work, async () => id);
        work.screen.record(batch, columns);
        return codeOf(batch.counts.finished, batch.size);
      }),
    );
}

function defineCancel(command: Command, act: Act): void {
  withOnlineOptions(command.command("cancel"))
    .description("cancel what of it is queued; what has started goes on")
    .argument("<id>", "the batch")
    .action((id: string, options: OnlineOptions) =>
      act(options, async ({ client, screen }) => {
        const { cancelled_jobs: jobs } = await client.batches.cancel(id);
        screen.list(
          jobs.map((job) => ({ id: job })),
          [{ name: "id", of: (job) => job.id }],
          "nothing was queued",
        );
        return EXIT.done;
      }),
    );
}
