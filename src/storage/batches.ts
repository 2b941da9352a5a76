/**
 * `canary`: the first jobs run and the rest is held. `releasing`: they finished well, the rest is let go. `open`: nothing
 * is held. `stopping`: what is queued is being cancelled. `stopped`: it was. Only forward, by `changeBatch`.
 */
export const BATCH_PHASES = ["canary", "releasing", "open", "stopping", "stopped"] as const;
export type BatchPhase = (typeof BATCH_PHASES)[number];

/** What is kept of jobs that were submitted together, beside the jobs. Nothing secret. */
export interface Batch extends BatchState {
  id: string;
  /** Wall-clock ms of the API that took it. */
  createdAt: number;
  /** Of what was asked for, keyed; tells a repeat from another body under the same id. */
  fingerprint: string | null;
  /** How many jobs it is made of. */
  jobs: number;
  /** Ids of the jobs that must finish well before the rest is released; empty: nothing is held. */
  canary: string[];
  /** So many failed jobs stop it. */
  stopAfter: number | null;
  /** How long its ended jobs are kept at least, ms. */
  resultTtlMs: number;
  /** The batch whose failed jobs it repeats. */
  retryOf: string | null;
}

/** What of a batch changes. */
export interface BatchState {
  phase: BatchPhase;
  /** Why it was stopped. */
  reason: string | null;
  /** All its jobs are stored, or whoever stored them has given up. */
  stored: boolean;
  /** Something of it is left to do for the nodes' maintenance. */
  watched: boolean;
}

/** Batches, shared by all who submit and by the maintenance of all nodes. */
export interface BatchStore {
  /** Stores a batch unless one with its id is there, and answers with the one that is. */
  addBatch(params: { batch: Batch }): Promise<{ batch: Batch; added: boolean }>;
  /** null: there is none, or it was forgotten. */
  getBatch(params: { id: string }): Promise<Batch | null>;
  /**
   * Changes the state of a batch that is in one of the phases `from`, in one atom, and answers with what it is then.
   * null: it is in none of them, or unknown; nothing was changed.
   */
  changeBatch(params: {
    id: string;
    from: readonly BatchPhase[];
    change: Partial<BatchState>;
  }): Promise<Batch | null>;
  /** A page of batches by id, or of the watched ones alone. Goes on after `next` of the page before. */
  listBatches(params: {
    watched: boolean;
    limit: number;
    after?: string;
  }): Promise<{ batches: Batch[]; next: string | null }>;
  /** Idempotent. */
  forgetBatch(params: { id: string }): Promise<void>;
}
