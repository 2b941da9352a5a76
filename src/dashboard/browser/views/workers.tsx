import { useState } from "preact/hooks";
import type { WorkerFilter } from "../../../client/index.ts";
import { Empty, ErrorNotice, Loading } from "../components/notice.tsx";
import { Pager, useTrail } from "../components/pager.tsx";
import { SearchBox } from "../components/search-box.tsx";
import { WorkerActions, WorkerTable } from "../components/worker-table.tsx";
import { count, duration } from "../format.ts";
import type { Metrics } from "../model/metrics.ts";
import { type Telemetry, useTelemetry } from "../model/telemetry.ts";
import { usePoll } from "../poll.ts";
import { go, hrefTo } from "../router.ts";
import { useSession } from "../session.ts";

type Query = Readonly<Record<string, string>>;

const STATUSES = ["busy", "idle", "suspended", "dead"];
const EVERY_MS = 2000;
const PAGE = 50;

export function WorkersView({ query, telemetry }: { query: Query; telemetry: Telemetry }) {
  const { api } = useSession();
  const listing = JSON.stringify(query);
  const trail = useTrail(listing);
  const paging = trail.cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor: trail.cursor };
  const { data, error, loading, refresh } = usePoll(
    (signal) => api.workers.list({ ...(query as WorkerFilter), ...paging }, { signal }),
    EVERY_MS,
    `${listing} ${trail.cursor ?? ""}`,
  );
  const { reading } = useTelemetry(telemetry);
  return (
    <>
      <header class="head">
        <h1>Workers and nodes</h1>
      </header>
      {reading !== null && <Nodes metrics={reading.metrics} onDone={refresh} />}
      <Filters query={query} />
      <ErrorNotice error={error} doing="list workers" />
      <div aria-busy={loading}>
        {data === null ? (
          error === null && <Loading />
        ) : data.items.length === 0 ? (
          <Empty title={Object.keys(query).length === 0 ? "No worker is there" : "No worker is like that"}>
            Workers belong to nodes. Is one running, with this store?
          </Empty>
        ) : (
          <WorkerTable workers={data.items} onDone={refresh} />
        )}
      </div>
      {data !== null && (
        <Pager trail={trail} next={data.nextCursor} shown={data.items.length} what="workers" />
      )}
    </>
  );
}

function Nodes({ metrics, onDone }: { metrics: Metrics; onDone(): void }) {
  const nodes = metrics.all("netpulse_node_heartbeat_age_seconds");
  if (nodes.length === 0) return null;
  return (
    <div class="nodes">
      {nodes.map(({ labels: { node = "" }, value: age }) => (
        <section key={node} class="panel node">
          <header>
            <h2>
              <a href={hrefTo(["workers"], { node })}>{node}</a>
            </h2>
            <WorkerActions
              what={`all workers of ${node}`}
              target={{ node }}
              suspended={null}
              onDone={onDone}
            />
          </header>
          <NodeFacts metrics={metrics} node={node} age={age} />
        </section>
      ))}
    </div>
  );
}

function NodeFacts({ metrics, node, age }: { metrics: Metrics; node: string; age: number }) {
  const of = (name: string, labels: Record<string, string> = {}) =>
    count(metrics.sum(`netpulse_node_${name}`, { node, ...labels }));
  const facts = [
    ["Heard of", age < 1 ? "just now" : `${duration(age)} ago`],
    ["Runs", of("claims_total")],
    ["Connected", of("connects_total", { result: "opened" })],
    ["Not connected", of("connects_total", { result: "failed" })],
    ["Logins refused", of("logins_refused_total")],
    ["Open breakers", of("breakers", { state: "open" })],
    ["Evictions", of("evictions_total")],
  ];
  return (
    <dl class="facts in-row">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Filters({ query }: { query: Query }) {
  const { status: wanted, ...others } = query;
  const [host, setHost] = useState(query.host ?? "");
  const submit = (text: string) => go(["workers"], { ...query, host: text });
  return (
    <div class="bar">
      <nav class="chips" aria-label="Status">
        <a href={hrefTo(["workers"], others)} aria-current={wanted === undefined ? "true" : undefined}>
          all
        </a>
        {STATUSES.map((status) => (
          <a
            key={status}
            href={hrefTo(["workers"], { ...others, status })}
            aria-current={status === wanted ? "true" : undefined}
          >
            {status}
          </a>
        ))}
      </nav>
      {query.node !== undefined && (
        <a class="chip" href={hrefTo(["workers"], { ...query, node: undefined })}>
          node {query.node} ✕
        </a>
      )}
      <SearchBox
        label="Workers of a device"
        placeholder="Device"
        value={host}
        set={setHost}
        onSubmit={submit}
      />
    </div>
  );
}
