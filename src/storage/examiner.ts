/** A store's look at itself: whether what is kept agrees with what it follows from. */
export interface Examiner {
  /**
   * Reads everything and names what must not be: a broken invariant, an index entry without its job, a job without
   * its index entry, what was left behind. Changes nothing. Called by `netpulse doctor` and by tests, never on a
   * job's path: it is the one call whose cost grows with the store, in steps that hold nobody up. What changes
   * meanwhile is looked at again before it is named. At most `limit` findings for each rule. A schema older than the
   * program's is the only finding of its store; a newer one is refused as by `migrate`.
   */
  examine(params: { limit: number }): Promise<Examination>;
}

/** What a look at a store came to. */
export interface Examination {
  /** What the store has, and what `migrate` would bring it to. */
  schema: { version: number; newest: number };
  findings: Finding[];
  /** How many of each thing were looked at: `jobs`, `workers`, … */
  looked: Record<string, number>;
}

/** Something that must not be. */
export interface Finding {
  /** The rule that is broken, in words: "every queued job is in its queue". */
  rule: string;
  /** What breaks it: a job's id, a queue, a key or a row. */
  subject: string;
  /** What was found and what should be, in words; no secret. */
  detail: string;
}
