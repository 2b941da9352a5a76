/** One step through what a shard has, in order. Rows may be few, or none, where more follow. */
export interface Step<Row, Place> {
  rows: Row[];
  /** Where to go on: everything up to here has been looked at. Null at the end. */
  next: Place | null;
}

export interface Merging<Row, Place> {
  /** Each asks one shard for at most `limit` rows that come after a place; null begins at the start. */
  sources: ((limit: number, after: Place | null) => Promise<Step<Row, Place>>)[];
  after: Place | null;
  wanted: number;
  placeOf(row: Row): Place;
  isBefore(place: Place, other: Place): boolean;
}

/**
 * The first `wanted` rows of all sources in one order; fewer only when there are no more. A row is taken once no
 * source can have one before it, so each is asked on only as far as the page reaches.
 */
export async function merge<Row, Place>(merging: Merging<Row, Place>): Promise<Row[]> {
  const { wanted, isBefore } = merging;
  const feeds = merging.sources.map((source) => new Feed(merging, source));
  const merged: Row[] = [];
  while (merged.length < wanted) {
    const first = earliest(feeds, isBefore);
    const behind = feeds.filter((feed) => feed.mayPrecede(first?.place));
    if (behind.length > 0) {
      const share = shareOf(wanted - merged.length, feeds.length);
      await Promise.all(behind.map((feed) => feed.ask(share)));
    } else if (first) {
      merged.push(first.take());
    } else {
      return merged;
    }
  }
  return merged;
}

/** Twice what each source would give if they had the same: one round is enough for most pages. */
function shareOf(rows: number, sources: number): number {
  return Math.min(rows, Math.ceil((2 * rows) / sources));
}

/** A row that its source has ready. */
interface Head<Row, Place> {
  place: Place;
  take(): Row;
}

function earliest<Row, Place>(
  feeds: Feed<Row, Place>[],
  isBefore: Merging<Row, Place>["isBefore"],
): Head<Row, Place> | undefined {
  return feeds
    .flatMap((feed) => feed.head() ?? [])
    .reduce<Head<Row, Place> | undefined>(
      (best, head) => (best && !isBefore(head.place, best.place) ? best : head),
      undefined,
    );
}

/** What one source has given so far. */
class Feed<Row, Place> {
  readonly #merging: Merging<Row, Place>;
  readonly #ask: Merging<Row, Place>["sources"][number];
  #rows: Row[] = [];
  #taken = 0;
  #reached: Place | null;
  #asked = false;

  constructor(merging: Merging<Row, Place>, ask: Merging<Row, Place>["sources"][number]) {
    this.#merging = merging;
    this.#ask = ask;
    this.#reached = merging.after;
  }

  async ask(limit: number): Promise<void> {
    const { rows, next } = await this.#ask(limit, this.#reached);
    this.#rows = rows;
    this.#taken = 0;
    this.#reached = next;
    this.#asked = true;
  }

  head(): Head<Row, Place> | null {
    const row = this.#rows[this.#taken];
    if (row === undefined) return null;
    const take = () => {
      this.#taken += 1;
      return row;
    };
    return { place: this.#merging.placeOf(row), take };
  }

  /** Whether it must be asked on before a row at `place` may be taken, or before nothing is left. */
  mayPrecede(place: Place | undefined): boolean {
    if (!this.#asked) return true;
    if (this.#taken < this.#rows.length || this.#reached === null) return false;
    return place === undefined || this.#merging.isBefore(this.#reached, place);
  }
}
