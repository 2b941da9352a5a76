import type { Batch } from "../../../client/index.ts";
import { plural } from "../format.ts";

const ORDER = ["finished", "failed", "cancelled", "started", "queued"] as const;

/** How far a batch has come. */
export function BatchBar({ batch: { counts, size } }: { batch: Batch }) {
  const parts = ORDER.filter((status) => counts[status] > 0);
  const words = parts.map((status) => `${counts[status]} ${status}`).join(", ");
  return (
    <div
      class="shares"
      role="img"
      aria-label={`of ${plural(size, "job")}: ${words || "none is kept"}`}
      title={words}
    >
      {parts.map((status) => (
        <i key={status} data-state={status} style={{ flexGrow: counts[status] }} />
      ))}
    </div>
  );
}
