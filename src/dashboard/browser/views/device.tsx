import type { Worker } from "../../../client/index.ts";
import { Badge } from "../components/badge.tsx";
import { JobTable } from "../components/job-table.tsx";
import { Empty, ErrorNotice, Loading, Notice } from "../components/notice.tsx";
import { WorkerTable } from "../components/worker-table.tsx";
import { breakerOf } from "../model/devices.ts";
import { usePoll } from "../poll.ts";
import { hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

const EVERY_MS = 3000;
const PAGE = 25;

export function DeviceView({ host }: { host: string }) {
  const { api } = useSession();
  const { data, error, refresh } = usePoll(
    async (signal) => {
      const [jobs, workers] = await Promise.all([
        api.jobs.list({ host, limit: PAGE, outputs: false }, { signal }),
        api.workers.list({ host }, { signal }),
      ]);
      return { jobs: jobs.items, workers: workers.items };
    },
    EVERY_MS,
    host,
  );
  return (
    <>
      <p class="crumb">
        <a href={hrefTo(["devices"])}>← Devices</a>
      </p>
      <header class="head">
        <h1>{host}</h1>
        <div class="actions">
          <a class="button" href={hrefTo(["jobs"], { host })}>
            All its jobs
          </a>
          <a class="button primary" href={hrefTo(["console"], { host })}>
            Run a command
          </a>
        </div>
      </header>
      <ErrorNotice error={error} doing="read about the device" />
      {data === null ? (
        error === null && <Loading />
      ) : (
        <>
          <State workers={data.workers} breaker={breakerOf(data.jobs)} />
          {data.workers.length > 0 && <WorkerTable workers={data.workers} onDone={refresh} />}
          <header class="head section">
            <h2>Last jobs</h2>
          </header>
          {data.jobs.length === 0 ? (
            <Empty title="It has no jobs">Ended jobs are kept for their result_ttl.</Empty>
          ) : (
            <JobTable jobs={data.jobs} without={["host"]} />
          )}
        </>
      )}
    </>
  );
}

function State({ workers, breaker }: { workers: Worker[]; breaker: ReturnType<typeof breakerOf> }) {
  const living = workers.filter(({ status }) => status !== "dead");
  const session = living.find((worker) => worker.session === "connected") ?? living[0];
  return (
    <>
      <div class="states">
        <span>
          Session <Badge of={session?.session ?? "asleep"} />
        </span>
        <span>
          Breaker <Badge of={`breaker-${breaker}`}>{breaker}</Badge>
        </span>
      </div>
      {breaker === "open" && (
        <Notice kind="error" title="Its circuit breaker was open">
          The last job was not let through, as the device, or its login, had failed several times in a row.
          The node tries it again after a while.
        </Notice>
      )}
      {session === undefined && (
        <p class="muted">It has no worker of its own now; one comes with its next pinned job.</p>
      )}
    </>
  );
}
