import type { Command } from "commander";
import { Conflict, type Job } from "../../../client/index.ts";
import { codeOf, outcomeColumns, outcomeOf } from "../batch-run.ts";
import { type Pending, pendingJob, untilInterrupt } from "../interrupt.ts";
import { showResult } from "../job-result.ts";
import { type Act, type OnlineOptions, type Work, withOnlineOptions } from "../online.ts";
import { Progress } from "../progress.ts";
import { counted } from "../text.ts";
import { seconds } from "../values.ts";
import { showWaiting, waitedJob } from "../waiting.ts";

/** Each holds a connection. */
const AT_ONCE = 16;

/** `netpulse jobs wait ID…`. */
export function defineWait(command: Command, act: Act): void {
  withOnlineOptions(command.command("wait"))
    .description("wait until a job has ended, then print what it printed; of several, what became of each")
    .argument("<ids...>", "the jobs")
    .option(
      "--timeout <s>",
      "give up waiting after so many seconds, with exit code 124; what is waited for goes on",
      seconds,
    )
    .action((ids: string[], options: OnlineOptions & { timeout?: number }) =>
      act(options, async (work) => {
        const timeoutMs = options.timeout === undefined ? undefined : options.timeout * 1000;
        const [id = "", ...more] = ids;
        return more.length === 0
          ? await waitForOne(work, id, timeoutMs)
          : await waitForAll(work, [...new Set(ids)], timeoutMs);
      }),
    );
}

async function waitForOne(work: Work, id: string, timeoutMs: number | undefined): Promise<number> {
  const { client, screen, terminal } = work;
  const job = await untilInterrupt(terminal, screen.note.bind(screen), async (signal, isQueued) => {
    isQueued(pendingJob(client, id));
    const ended = client.jobs.wait(id, { signal, timeoutMs });
    return await showWaiting(work, waitedJob(client, id, signal), ended);
  });
  return showResult(screen, job);
}

async function waitForAll(work: Work, ids: string[], timeoutMs: number | undefined): Promise<number> {
  const { client, screen, terminal } = work;
  const progress = new Progress(work);
  const jobs = new Map<string, Job>();
  const tell = () => {
    const failed = [...jobs.values()].filter(({ status }) => status === "failed").length;
    progress.update({ done: jobs.size, failed, total: ids.length });
  };
  try {
    await untilInterrupt(terminal, screen.note.bind(screen), async (signal, isQueued) => {
      isQueued(pendingJobs(work, ids));
      tell();
      const left = [...ids];
      const one = async () => {
        for (let id = left.shift(); id !== undefined; id = left.shift()) {
          jobs.set(id, await client.jobs.wait(id, { signal, timeoutMs }));
          tell();
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    });
  } finally {
    progress.end();
  }
  const all = ids.flatMap((id) => jobs.get(id) ?? []);
  if (screen.format === "json") screen.json(all);
  else screen.list(all.map(outcomeOf), outcomeColumns, "");
  return codeOf(all.filter(({ status }) => status === "finished").length, ids.length);
}

function pendingJobs({ client }: Work, ids: string[]): Pending {
  return {
    what: counted(ids.length, "job"),
    later: "netpulse jobs wait, netpulse jobs cancel, with the same ids",
    async cancel() {
      let count = 0;
      for (const id of ids) {
        try {
          await client.jobs.cancel(id);
          count += 1;
        } catch (error) {
          if (!(error instanceof Conflict)) throw error;
        }
      }
      return `${counted(count, "queued job")} cancelled; what has started goes on`;
    },
  };
}
