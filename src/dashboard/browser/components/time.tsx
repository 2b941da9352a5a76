import { ago, fullTime } from "../format.ts";

/** How long ago; the moment itself stands behind it. */
export function Ago({ at }: { at: string | null }) {
  if (at === null) return <span class="muted">–</span>;
  return (
    <time dateTime={at} title={fullTime(at)}>
      {ago(at)}
    </time>
  );
}
