import { useState } from "preact/hooks";
import { TimeInput } from "../components/time-input.tsx";
import { go } from "../router.ts";

type Query = Readonly<Record<string, string>>;

const FIELDS = [
  ["queue", "Queue", "FifoQ or pinned_192.0.2.1"],
  ["host", "Device", "192.0.2.1"],
  ["node", "Node", "node-1"],
  ["worker", "Worker", "worker_…"],
  ["driver", "Driver", "netmiko"],
  ["batch_id", "Batch", "batch_…"],
] as const;

const TIMES = [
  ["since", "Created since"],
  ["until", "Created before"],
] as const;

/** Every filter that the API has; each is looked up in an index there. */
export function JobFilters({ query }: { query: Query }) {
  const names = [...FIELDS, ...TIMES].map(([name]) => name);
  const given =
    names.filter((name) => query[name] !== undefined).length + (query.order === undefined ? 0 : 1);
  const [values, setValues] = useState<Record<string, string>>({ ...query });
  const set = (name: string, value: string) => setValues({ ...values, [name]: value });
  const submit = (event: Event) => {
    event.preventDefault();
    go(["jobs"], values);
  };
  return (
    <details class="filters panel" open={given > 0}>
      <summary>
        Filters {given > 0 && <span class="count">{given}</span>}{" "}
        <small class="muted">exact, and all of them</small>
      </summary>
      <form class="fields" onSubmit={submit}>
        {FIELDS.map(([name, label, example]) => (
          <label key={name}>
            {label}
            <input
              name={name}
              placeholder={example}
              spellcheck={false}
              value={values[name] ?? ""}
              onInput={({ currentTarget }) => set(name, currentTarget.value.trim())}
            />
          </label>
        ))}
        {TIMES.map(([name, label]) => (
          <TimeInput
            key={name}
            name={name}
            label={label}
            value={values[name]}
            set={(iso) => set(name, iso)}
          />
        ))}
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
        <div class="actions">
          <button type="submit" class="primary">
            Apply
          </button>
          <button
            type="button"
            onClick={() => go(["jobs"], query.status === undefined ? {} : { status: query.status })}
          >
            Clear
          </button>
        </div>
      </form>
    </details>
  );
}
