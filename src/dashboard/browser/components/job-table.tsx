import type { Job } from "../../../client/index.ts";
import { duration } from "../format.ts";
import { hrefTo } from "../router.ts";
import { Badge } from "./badge.tsx";
import { Ago } from "./time.tsx";

/** Jobs of one page; there are never more rows than that. */
export function JobTable({ jobs, without = [] }: { jobs: readonly Job[]; without?: ("host" | "driver")[] }) {
  return (
    <div class="table-wrap panel">
      <table class="rows">
        <thead>
          <tr>
            <th>Status</th>
            {!without.includes("host") && <th>Device</th>}
            <th class="wide">Command</th>
            {!without.includes("driver") && <th class="optional">Driver</th>}
            <th class="number">Waited</th>
            <th class="number">Ran</th>
            <th>Created</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id} data-status={job.status}>
              <td>
                <Badge of={job.status} />
              </td>
              {!without.includes("host") && (
                <td>
                  <a href={hrefTo(["devices", job.host])}>{job.host}</a>
                </td>
              )}
              <td class="wide">
                <a data-row href={hrefTo(["jobs", job.id])} title={job.id}>
                  <code>{commandOf(job)}</code>
                </a>
                <Why job={job} />
              </td>
              {!without.includes("driver") && <td class="optional">{job.driver}</td>}
              <td class="number">{duration(job.queue_time)}</td>
              <td class="number">{duration(job.duration)}</td>
              <td>
                <Ago at={job.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function commandOf({ command }: Pick<Job, "command">): string {
  const [first = "(connects only)"] = command;
  return command.length > 1 ? `${first}  +${command.length - 1}` : first;
}

function Why({ job: { result, waiting_on } }: { job: Job }) {
  if (result?.error) {
    return (
      <small class="bad" title={result.error.message}>
        {result.error.type}
      </small>
    );
  }
  if (waiting_on && waiting_on.reason !== "position") {
    return <small class="muted">{waiting_on.message}</small>;
  }
  return null;
}
