import { type FilterFields, FilterForm } from "../components/filter-form.tsx";
import { go } from "../router.ts";

type Query = Readonly<Record<string, string>>;

const FIELDS: FilterFields = {
  texts: [
    ["queue", "Queue", "FifoQ or pinned_192.0.2.1"],
    ["host", "Device", "192.0.2.1"],
    ["node", "Node", "node-1"],
    ["worker", "Worker", "worker_…"],
    ["driver", "Driver", "netmiko"],
    ["batch_id", "Batch", "batch_…"],
  ],
  times: [
    ["since", "Created since"],
    ["until", "Created before"],
  ],
};

/** Every filter that the API has; each is looked up in an index there. */
export function JobFilters({ query }: { query: Query }) {
  const names = [...[...FIELDS.texts, ...FIELDS.times].map(([name]) => name), "order"];
  const given = names.filter((name) => query[name] !== undefined).length;
  return (
    <details class="filters panel" open={given > 0}>
      <summary>
        Filters {given > 0 && <span class="count">{given}</span>}{" "}
        <small class="muted">exact, and all of them</small>
      </summary>
      <FilterForm
        fields={FIELDS}
        query={query}
        apply={(values) => go(["jobs"], values)}
        clear={() => go(["jobs"], query.status === undefined ? {} : { status: query.status })}
      >
        {(values, set) => (
          <label>
            Order
            <select
              value={values.order ?? ""}
              onChange={({ currentTarget }) => set("order", currentTarget.value)}
            >
              <option value="">newest first</option>
              <option value="asc">oldest first</option>
            </select>
          </label>
        )}
      </FilterForm>
    </details>
  );
}
