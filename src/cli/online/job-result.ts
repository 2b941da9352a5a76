import type { Job } from "../../client/index.ts";
import { EXIT } from "./exit.ts";
import { showParsed } from "./records.ts";
import type { Column, Screen } from "./screen.ts";
import { briefTime, duration, harmless, type Paint } from "./text.ts";

const STATUS_PAINT: Record<Job["status"], Paint | null> = {
  queued: "yellow",
  started: "cyan",
  finished: "green",
  failed: "red",
  cancelled: "dim",
};

export function statusPaint({ status }: Pick<Job, "status">): Paint | null {
  return STATUS_PAINT[status];
}

/** Why it failed, or why it has not started. */
export function remark({ result, waiting_on }: Job): string {
  if (result?.error) return `${result.error.type}: ${result.error.message}`;
  return waiting_on?.message ?? "";
}

const outputColumns: Column<NonNullable<Job["result"]>["outputs"][number]>[] = [
  { name: "command", of: ({ command }) => command },
  { name: "ok", of: ({ ok }) => (ok === null ? "" : String(ok)) },
  { name: "exit_status", of: ({ exit_status }) => exit_status },
  { name: "stdout", of: ({ stdout }) => stdout },
  { name: "stderr", of: ({ stderr }) => stderr },
  { name: "duration", of: ({ duration }) => duration },
];

/**
 * What a job that has ended came to: its output, and on stderr why it failed. Answers with the exit code. `asData`:
 * what a parser made of the output stands in its place.
 */
export function showResult(screen: Screen, job: Job, { asData = false } = {}): number {
  const outputs = job.result?.outputs ?? [];
  if (screen.format === "json") screen.json(job);
  else if (asData) showData(screen, outputs);
  else if (screen.format === "csv") screen.list(outputs, outputColumns, "");
  else showOutputs(screen, outputs);
  for (const { command, parse_error: error } of outputs) {
    if (error !== null) screen.note(`the output of ${command} could not be parsed: ${error}`);
  }
  if (job.result?.truncated) screen.note(`this is a part of it; netpulse jobs output ${job.id} prints all`);
  if (job.status === "finished") return EXIT.done;
  screen.note(`netpulse: ${harmless(remark(job)) || `${job.id} was ${job.status}`}`);
  return job.result?.type === "timeout" ? EXIT.timeout : EXIT.failed;
}

/** What could not be parsed is printed as it came. In CSV there is room for data alone. */
function showData(screen: Screen, outputs: NonNullable<Job["result"]>["outputs"]): void {
  if (screen.format === "csv") {
    showParsed(
      screen,
      outputs.map(({ parsed }) => parsed),
    );
    return;
  }
  for (const output of outputs) {
    if (outputs.length > 1) screen.heading(`# ${output.command}`);
    if (output.parsed !== null && output.parsed !== undefined) showParsed(screen, output.parsed);
    else showOutputs(screen, [output]);
  }
}

/** With several commands each is named above its output. */
function showOutputs(screen: Screen, outputs: NonNullable<Job["result"]>["outputs"]): void {
  for (const { command, stdout, stderr } of outputs) {
    if (outputs.length > 1) screen.heading(`# ${command}`);
    for (const text of [stdout, stderr]) {
      if (text !== "") screen.output(text.endsWith("\n") ? text : `${text}\n`);
    }
  }
}

/** Of a listing. */
export const jobColumns: Column<Job>[] = [
  { name: "id", of: ({ id }) => id, whole: true },
  { name: "status", of: ({ status }) => status, paint: statusPaint },
  { name: "host", of: ({ host }) => host },
  { name: "driver", of: ({ driver }) => driver },
  { name: "command", of: ({ command }) => command.join("; ") },
  { name: "created", of: ({ created_at }) => created_at, brief: ({ created_at }) => briefTime(created_at) },
  { name: "duration", of: ({ duration: seconds }) => (seconds === null ? "" : duration(seconds)) },
];

/** Of one job. */
export const oneJobColumns: Column<Job>[] = [
  ...jobColumns.slice(0, 5),
  { name: "queue", of: ({ queue }) => queue },
  { name: "waiting_on", of: ({ waiting_on }) => waiting_on?.message ?? "" },
  { name: "created_at", of: ({ created_at }) => created_at },
  { name: "started_at", of: ({ started_at }) => started_at },
  { name: "ended_at", of: ({ ended_at }) => ended_at },
  { name: "worker", of: ({ worker }) => worker },
  { name: "node", of: ({ node }) => node },
  { name: "batch", of: ({ batch_id }) => batch_id },
  {
    name: "error",
    of: ({ result }) => (result?.error ? `${result.error.type}: ${result.error.message}` : ""),
  },
];
