import type { JobResult } from "../../../core/job.ts";
import type { JobJson } from "../jobs/schema.ts";

/** A job without what its device printed, which the other events tell. */
export type JobStateJson = Omit<JobJson, "result"> & { result: JobResult | null };

/** What stands in `data` of an event, by its name. */
export interface EventDataJson {
  state: JobStateJson;
  command: { index: number; command: string; at: string };
  output: { index: number; stream: "stdout" | "stderr"; text: string };
  command_end: { index: number; ok: boolean; exit_status: number | null; duration: number };
  /** A piece of what a parser made of the output, as JSON. */
  parsed: { index: number; json: string };
  parsed_end: { index: number; parse_error: string | null };
  reset: Record<string, never>;
  end: JobStateJson;
}
