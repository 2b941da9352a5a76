import { useState } from "preact/hooks";
import { type Batch, Forbidden, type Netpulse, NotFound } from "../../../client/index.ts";
import { Badge } from "../components/badge.tsx";
import { BatchBar } from "../components/batch-bar.tsx";
import { Empty, ErrorNotice, Loading } from "../components/notice.tsx";
import { SearchBox } from "../components/search-box.tsx";
import { Ago } from "../components/time.tsx";
import { count } from "../format.ts";
import { usePoll } from "../poll.ts";
import { go, hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

const EVERY_MS = 5000;
const LATEST = 1000;
const SHOWN = 20;

export function BatchesView() {
  const { api } = useSession();
  const { data, error } = usePoll((signal) => readBatches(api, signal), EVERY_MS, "batches");
  const [id, setId] = useState("");
  const submit = (text: string) => {
    if (text !== "") go(["batches", text]);
  };
  return (
    <>
      <header class="head">
        <h1>Batches</h1>
        <p class="muted">of the latest 1,000 jobs and audit entries</p>
        <a class="button primary" href={hrefTo(["console"], { many: "yes" })}>
          Run on many devices
        </a>
      </header>
      <SearchBox
        label="Batch id; Enter opens it"
        placeholder="batch_…; Enter opens it"
        value={id}
        set={setId}
        onSubmit={submit}
      />
      <ErrorNotice error={error} doing="list batches" />
      {data === null ? error === null && <Loading /> : <BatchTable batches={data} />}
    </>
  );
}

function BatchTable({ batches }: { batches: readonly Batch[] }) {
  if (batches.length === 0) {
    return (
      <Empty title="There are no batches">
        One request for many devices makes a batch: <a href={hrefTo(["console"], { many: "yes" })}>run one</a>
        .
      </Empty>
    );
  }
  return (
    <div class="table-wrap panel">
      <table class="rows">
        <thead>
          <tr>
            <th>Phase</th>
            <th class="wide">Batch</th>
            <th>Progress</th>
            <th class="number">Jobs</th>
            <th class="number">Failed</th>
            <th>Created</th>
          </tr>
        </thead>
        <tbody>
          {batches.map((batch) => (
            <tr key={batch.id}>
              <td>
                <Badge of={`phase-${batch.phase}`}>{batch.phase}</Badge>
              </td>
              <td class="wide">
                <a data-row href={hrefTo(["batches", batch.id])}>
                  {batch.id}
                </a>
                {batch.reason !== null && <small class="muted">{batch.reason}</small>}
              </td>
              <td>
                <BatchBar batch={batch} />
              </td>
              <td class="number">{count(batch.size)}</td>
              <td class="number">{count(batch.counts.failed)}</td>
              <td>
                <Ago at={batch.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The API lists no batches; who was in one lately says which there are. */
async function readBatches(api: Netpulse, signal: AbortSignal): Promise<Batch[]> {
  const [jobs, audit] = await Promise.all([
    api.jobs.list({ limit: LATEST, result: false }, { signal }),
    api.audit.list({ limit: LATEST }, { signal }).catch(orNothing),
  ]);
  const ids = [...jobs.items, ...audit.items].map(({ batch_id }) => batch_id).filter((id) => id !== null);
  // Ids sort by creation.
  const latest = [...new Set(ids)].sort().reverse().slice(0, SHOWN);
  const found = await Promise.all(latest.map((id) => api.batches.get(id, { signal }).catch(orForgotten)));
  return found.filter((batch) => batch !== null);
}

function orNothing(error: unknown): { items: { batch_id: string | null }[] } {
  if (error instanceof Forbidden) return { items: [] };
  throw error;
}

function orForgotten(error: unknown): null {
  if (error instanceof NotFound) return null;
  throw error;
}
