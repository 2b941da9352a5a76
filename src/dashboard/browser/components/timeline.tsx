import type { JobState } from "../../../client/index.ts";
import { duration, fullTime, timeOfDay } from "../format.ts";

interface Step {
  label: string;
  at: string | null;
  state: string;
}

/** From its queue to its end, and how long it was where. */
export function Timeline({ job }: { job: JobState }) {
  const steps: Step[] = [
    { label: "Queued", at: job.enqueued_at, state: "queued" },
    { label: "Started", at: job.started_at, state: "started" },
    { label: endOf(job), at: job.ended_at, state: job.ended_at === null ? "none" : job.status },
  ];
  const [waited, ran] = [job.queue_time ?? 0, job.duration ?? 0];
  return (
    <ol class="timeline" aria-label="Timeline">
      {steps.map(({ label, at, state }, place) => (
        <li key={label} data-state={at === null ? "none" : state}>
          <i />
          <strong>{label}</strong>
          {at === null ? <span class="muted">–</span> : <time title={fullTime(at)}>{timeOfDay(at)}</time>}
          {place === 1 && job.queue_time !== null && <span class="span-time">waited {duration(waited)}</span>}
          {place === 2 && job.duration !== null && <span class="span-time">ran {duration(ran)}</span>}
        </li>
      ))}
    </ol>
  );
}

function endOf({ status }: JobState): string {
  switch (status) {
    case "finished":
      return "Finished";
    case "failed":
      return "Failed";
    case "cancelled":
      return "Cancelled";
    default:
      return "Ended";
  }
}
