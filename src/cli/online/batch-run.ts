import { type Batch, isOver, type Job, type Netpulse } from "../../client/index.ts";
import { EXIT } from "./exit.ts";
import { type Pending, untilInterrupt } from "./interrupt.ts";
import { remark, statusPaint } from "./job-result.ts";
import type { Work } from "./online.ts";
import { Progress } from "./progress.ts";
import type { Column } from "./screen.ts";
import { counted, duration } from "./text.ts";

/** The API may be away for so long while a batch is watched. */
const PATIENCE_MS = 60_000;

/** Waits for a batch's end with a bar, from its submission on. Ctrl-C asks whether what is queued is to be cancelled. */
export async function watchBatch(work: Work, submit: () => Promise<string>): Promise<Batch> {
  const { client, screen, terminal } = work;
  const progress = new Progress(work);
  try {
    return await untilInterrupt(terminal, screen.note.bind(screen), async (signal, isQueued) => {
      const id = await submit();
      isQueued(pendingBatch(client, id));
      for await (const batch of client.batches.watch(id, { signal, retryForMs: PATIENCE_MS })) {
        progress.update(countsOf(batch));
        if (isOver(batch)) return batch;
      }
      throw new Error("a batch was watched, and not to its end");
    });
  } finally {
    progress.end();
  }
}

function pendingBatch(client: Netpulse, id: string): Pending {
  return {
    what: id,
    later: `netpulse batch wait ${id}, netpulse batch cancel ${id}`,
    cancel: () => cancelledText(client, id),
  };
}

async function cancelledText(client: Netpulse, id: string): Promise<string> {
  const { cancelled_count: count } = await client.batches.cancel(id);
  return `${counted(count, "queued job")} cancelled; what has started goes on`;
}

function countsOf({ counts, forgotten, size }: Batch) {
  const { finished, failed, cancelled } = counts;
  return { done: finished + failed + cancelled + forgotten, failed, total: size };
}

/** 0 when all went well, 1 when nothing did, else 4. */
export function codeOf(well: number, all: number): number {
  if (well === all) return EXIT.done;
  return well === 0 ? EXIT.failed : EXIT.partly;
}

/** What became of one device. */
export interface Outcome {
  host: string;
  status: Job["status"] | "refused";
  duration: number | null;
  error: string;
  output: string;
  job: string | null;
}

export function outcomeOf(job: Job): Outcome {
  const outputs = job.result?.outputs ?? [];
  return {
    host: job.host,
    status: job.status,
    duration: job.duration,
    error: remark(job),
    output: outputs.map(({ stdout, stderr }) => `${stdout}${stderr}`).join("\n"),
    job: job.id,
  };
}

export const outcomeColumns: Column<Outcome>[] = [
  { name: "host", of: ({ host }) => host },
  {
    name: "status",
    of: ({ status }) => status,
    paint: ({ status }) => (status === "refused" ? "red" : statusPaint({ status })),
  },
  { name: "duration", of: ({ duration: seconds }) => (seconds === null ? "" : duration(seconds)) },
  { name: "job", of: ({ job }) => job, whole: true },
  { name: "error", of: ({ error }) => error },
];
