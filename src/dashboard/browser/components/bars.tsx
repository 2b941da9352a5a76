import { count } from "../format.ts";

export interface Bar {
  label: string;
  value: number;
  /** What `data-state` a colour goes by. */
  state: string;
  href?: string;
}

/** Shares of a whole: one bar in pieces, and what they are. */
export function Shares({ title, bars }: { title: string; bars: Bar[] }) {
  const total = bars.reduce((sum, { value }) => sum + value, 0);
  return (
    <section class="panel">
      <h2>
        {title} <span class="count">{count(total)}</span>
      </h2>
      <div class="shares" aria-hidden="true">
        {bars
          .filter(({ value }) => value > 0)
          .map(({ label, value, state }) => (
            <i key={label} data-state={state} style={{ flexGrow: value }} />
          ))}
      </div>
      <ul class="keys">
        {bars.map(({ label, value, state, href }) => (
          <li key={label}>
            <i data-state={state} />
            {href === undefined ? label : <a href={href}>{label}</a>}
            <b>{count(value)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Numbers beside each other, longest first. */
export function Ranking({ bars, empty }: { bars: Bar[]; empty: string }) {
  const most = Math.max(...bars.map(({ value }) => value), 1);
  if (bars.length === 0) return <p class="muted">{empty}</p>;
  return (
    <ul class="ranking">
      {bars.map(({ label, value, state, href }) => (
        <li key={label}>
          <span>{href === undefined ? label : <a href={href}>{label}</a>}</span>
          <b>{count(value)}</b>
          <i data-state={state} style={{ width: `${(value / most) * 100}%` }} />
        </li>
      ))}
    </ul>
  );
}
