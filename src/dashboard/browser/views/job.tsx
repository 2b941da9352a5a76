import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type JobState, NotFound } from "../../../client/index.ts";
import { isFinal } from "../../../core/job.ts";
import { Badge } from "../components/badge.tsx";
import { useConfirm } from "../components/dialog.tsx";
import { commandOf } from "../components/job-table.tsx";
import { Empty, ErrorNotice, Loading, Notice } from "../components/notice.tsx";
import { Outputs } from "../components/output.tsx";
import { Timeline } from "../components/timeline.tsx";
import { Waiting } from "../components/waiting.tsx";
import { saveText } from "../download.ts";
import { useLiveJob } from "../model/live-job.ts";
import { hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

export function JobView({ id }: { id: string }) {
  const { job, error } = useLiveJob(id);
  if (error instanceof NotFound) {
    return (
      <>
        <Crumb />
        <Empty title="There is no such job">
          It may be forgotten: an ended job is kept for its result_ttl.
        </Empty>
      </>
    );
  }
  if (job.state === null)
    return error === null ? <Loading /> : <ErrorNotice error={error} doing="follow the job" />;
  return (
    <>
      <Crumb />
      <Head job={job.state} />
      <ErrorNotice error={error} doing="follow the job" />
      <Problem job={job.state} />
      <div class="job-grid">
        <section class="panel">
          <h2>Timeline</h2>
          <Timeline job={job.state} />
        </section>
        <Facts job={job.state} />
      </div>
      <OutputHead job={job.state} count={job.outputs.length} />
      {job.outputs.length === 0 ? (
        <Empty title={isFinal(job.state.status) ? "Nothing was printed" : "Nothing was printed yet"} />
      ) : (
        <Outputs outputs={job.outputs} over={job.ended} />
      )}
    </>
  );
}

function Crumb() {
  return (
    <p class="crumb">
      <a href={hrefTo(["jobs"])}>← Jobs</a>
    </p>
  );
}

function Head({ job }: { job: JobState }) {
  const again = hrefTo(["console"], { again: job.id });
  return (
    <header class="head job-head">
      <div>
        <h1>
          <code>{commandOf(job)}</code>
        </h1>
        <p class="muted">
          <Badge of={job.status} /> on <a href={hrefTo(["devices", job.host])}>{job.host}</a> ·{" "}
          <code class="id">{job.id}</code>
        </p>
      </div>
      <div class="actions">
        <EndButton job={job} />
        <a class="button" href={again}>
          Run again
        </a>
      </div>
    </header>
  );
}

function EndButton({ job: { id, status } }: { job: JobState }) {
  const { api } = useSession();
  const [confirm, ask] = useConfirm();
  if (isFinal(status)) return null;
  const question =
    status === "queued"
      ? {
          title: "Cancel this job?",
          text: "It has not started: nothing of it reaches the device.",
          action: "Cancel the job",
          act: () => api.jobs.cancel(id),
        }
      : {
          title: "Abort this job?",
          text: "What it runs is interrupted. What it has done on the device stays done.",
          action: "Abort the job",
          act: () => api.jobs.abort(id),
        };
  return (
    <>
      <button type="button" class="danger" onClick={() => ask(question)}>
        {status === "queued" ? "Cancel" : "Abort"}
      </button>
      {confirm}
    </>
  );
}

function Problem({ job: { id, status, result } }: { job: JobState }) {
  if (result?.error) {
    const { type, message, retryable } = result.error;
    return (
      <Notice kind="error" title={type}>
        {message}
        {retryable && <p>The same request may succeed later.</p>}
      </Notice>
    );
  }
  return status === "queued" ? <Waiting id={id} /> : null;
}

function Facts({ job }: { job: JobState }) {
  return (
    <section class="panel">
      <h2>Facts</h2>
      <dl class="facts">
        <Fact name="Driver">{job.driver}</Fact>
        <Fact name="Queue">
          <a href={hrefTo(["jobs"], { queue: job.queue })}>{job.queue}</a>
        </Fact>
        <Fact name="Node">{job.node ?? "–"}</Fact>
        <Fact name="Worker">{job.worker ?? "–"}</Fact>
        <Fact name="Runs">{String(job.attempts)}</Fact>
        <Fact name="Batch">
          {job.batch_id === null ? "–" : <a href={hrefTo(["batches", job.batch_id])}>{job.batch_id}</a>}
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function OutputHead({ job, count }: { job: JobState; count: number }) {
  const { api } = useSession();
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setError(null);
    try {
      const parts: string[] = [];
      for await (const chunk of api.jobs.allOutput(job.id)) {
        if (chunk.kind === "command") parts.push(`\n# ${chunk.command}\n`);
        else if (chunk.kind === "output") parts.push(chunk.text);
      }
      saveText(`${job.id}.txt`, parts);
    } catch (reason) {
      setError(reason);
    }
  };
  return (
    <>
      <header class="head section">
        <h2>Output</h2>
        {count > 0 && (
          <button type="button" onClick={save}>
            All output
          </button>
        )}
      </header>
      <ErrorNotice error={error} doing="read the output" />
    </>
  );
}
