import { useState } from "preact/hooks";

/** The way through a listing by cursors: back goes the way one came. */
export interface Trail {
  /** Of the page that is shown; undefined on the first. */
  cursor: string | undefined;
  place: number;
  older(cursor: string): void;
  newer(): void;
}

/** Begins anew when `listing` changes. */
export function useTrail(listing: string): Trail {
  const [trail, setTrail] = useState<{ listing: string; cursors: string[] }>({ listing, cursors: [] });
  const cursors = trail.listing === listing ? trail.cursors : [];
  return {
    cursor: cursors.at(-1),
    place: cursors.length,
    older: (cursor) => setTrail({ listing, cursors: [...cursors, cursor] }),
    newer: () => setTrail({ listing, cursors: cursors.slice(0, -1) }),
  };
}

interface PagerProps {
  trail: Trail;
  next: string | null;
  /** How many there are on this page. */
  shown: number;
  what: string;
}

export function Pager({ trail, next, shown, what }: PagerProps) {
  if (trail.place === 0 && next === null) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      <button type="button" disabled={trail.place === 0} onClick={trail.newer}>
        ← Newer
      </button>
      <span>
        Page {trail.place + 1} · {shown} {what}
      </span>
      <button type="button" disabled={next === null} onClick={() => next !== null && trail.older(next)}>
        Older →
      </button>
    </nav>
  );
}
