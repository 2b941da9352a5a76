/** A job as lanes see it. */
interface Waiting {
  seq: number;
  lane: string;
}

interface Lane {
  /** The claim that served it last; for one that got work since, half a claim before the last one of then. */
  served: number;
  /** The sequence of the job that brought it in. */
  since: number;
  /**
   * Whether the contract says where it stands. It does not for a lane that got work while all it had was past its
   * TTL: whether such jobs still count as work depends on when they are put aside.
   */
  certain: boolean;
}

/** Whose turn it is among the lanes of one queue and priority. */
export class Lanes {
  #claims = 0;
  readonly #lanes = new Map<string, Lane>();

  /** The lane has a job more that may start; `fresh` and `stale` say what it had: in time, and past its TTL. */
  arrive({ lane, seq }: Waiting, { fresh, stale }: { fresh: number; stale: number }): void {
    if (fresh > 0) return;
    const served = this.#claims - 0.5;
    this.#lanes.set(lane, { served, since: seq, certain: stale === 0 });
  }

  /** A job of the lane was started. */
  serve({ lane, seq }: Waiting): void {
    this.#claims += 1;
    this.#lanes.set(lane, { served: this.#claims, since: seq, certain: true });
  }

  /** The lane has no job any more. */
  empty(lane: string): void {
    this.#lanes.delete(lane);
  }

  /**
   * Which of the first jobs of the lanes may be next: one, but for lanes whose place is uncertain, and for those that
   * have waited equally long: they may go by the sequence of the job they came with or of the first they have.
   */
  next<J extends Waiting>(heads: J[]): J[] {
    const certain = heads.filter((job) => this.#of(job).certain);
    const longest = Math.min(...certain.map((job) => this.#of(job).served));
    const equal = certain.filter((job) => this.#of(job).served === longest);
    const bySeq = equal.toSorted((a, b) => a.seq - b.seq).slice(0, 1);
    const bySince = equal.toSorted((a, b) => this.#of(a).since - this.#of(b).since).slice(0, 1);
    return [...bySeq, ...bySince, ...heads.filter((job) => !this.#of(job).certain)];
  }

  /**
   * The lanes of these jobs in the order of their turns: by the sequence of the job that they came with, or of the
   * first they have, where they have waited equally long. null: the contract does not say where one of them stands.
   */
  inTurn<J extends Waiting>(jobs: J[], tie: "came with" | "first"): J[][] | null {
    if (jobs.some((job) => !this.#of(job).certain)) return null;
    const lanes = [...Map.groupBy(jobs, ({ lane }) => lane).values()].map((lane) =>
      lane.toSorted((a, b) => a.seq - b.seq),
    );
    const served = ([first]: J[]) => (first ? this.#of(first).served : 0);
    const came = ([first]: J[]) => (first ? (tie === "first" ? first.seq : this.#of(first).since) : 0);
    return lanes.toSorted((a, b) => served(a) - served(b) || came(a) - came(b));
  }

  #of(job: Waiting): Lane {
    const lane = this.#lanes.get(job.lane);
    if (!lane) throw new Error(`the model lost the lane ${job.lane}`);
    return lane;
  }
}
