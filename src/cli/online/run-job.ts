import type { Command } from "commander";
import type { ExecRequest } from "../../client/index.ts";
import type { JobOptions } from "./device.ts";
import { EXIT, usage } from "./exit.ts";
import { follow } from "./follow.ts";
import { pendingJob, untilInterrupt } from "./interrupt.ts";
import { showResult } from "./job-result.ts";
import type { Work } from "./online.ts";
import { seconds } from "./values.ts";
import { showWaiting, waitedJob } from "./waiting.ts";

export interface RunOptions extends JobOptions {
  wait?: boolean;
  follow?: boolean;
  timeout?: number;
}

export function withRunOptions(command: Command): Command {
  return command
    .option("-f, --follow", "print what the device prints while it prints it")
    .option("--no-wait", "print the job's id and end")
    .option(
      "--timeout <s>",
      "give up waiting after so many seconds, with exit code 124; the job goes on",
      seconds,
    );
}

/** Submits a job, and waits for it as the options say. Answers with the exit code. */
export async function runJob(work: Work, request: ExecRequest, options: RunOptions): Promise<number> {
  const { client, screen, terminal } = work;
  if (options.follow && options.wait === false) throw usage("give --follow or --no-wait, not both");
  if (options.follow && options.timeout !== undefined) throw usage("give --follow or --timeout, not both");
  if (options.wait === false) {
    screen.list([await client.devices.exec(request)], [{ name: "id", of: ({ id }) => id }], "");
    return EXIT.done;
  }
  const timeoutMs = options.timeout === undefined ? undefined : options.timeout * 1000;
  return await untilInterrupt(terminal, screen.note.bind(screen), async (signal, isQueued) => {
    const { id } = await client.devices.exec(request);
    isQueued(pendingJob(client, id));
    if (options.follow) return await follow(client, screen, id, signal);
    const ended = client.jobs.wait(id, { signal, timeoutMs });
    const job = await showWaiting(work, waitedJob(client, id, signal), ended);
    return showResult(screen, job, { asData: request.parsing !== undefined });
  });
}
