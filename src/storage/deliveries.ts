import type { FinalStatus } from "../core/job.ts";
import type { DeliveryAttempt, DeliveryState } from "../core/webhook.ts";

/** What is stored with a job so that somebody is told of its end. */
export interface NewWebhook {
  /** Whom it goes to, as `https://host:port`. Deliveries to one take turns with those to others. */
  target: string;
  /** How long an attempt may take, ms. */
  timeoutMs: number;
  /** Where it goes and how, secrets included; bound to the job. */
  sealed: Uint8Array;
}

/** The word of a job's end, on its way or as it came to rest. There is one for a job, and it is forgotten with it. */
export interface Delivery {
  jobId: string;
  /** What the job has ended as. */
  status: FinalStatus;
  target: string;
  state: DeliveryState;
  /** Attempts since it became pending. */
  tries: number;
  /** When the job ended, milliseconds since the epoch. */
  createdAt: number;
  /** When it is sent next, or, while it is being sent, when others may take it for left alone; null: never. */
  dueAt: number | null;
  /** When it was delivered, or given up. */
  settledAt: number | null;
  /** The last ones, the newest last. */
  attempts: DeliveryAttempt[];
}

/** A delivery that is this caller's to send, until its lease is over. `claim` fences what comes of it. */
export interface DeliveryClaim {
  delivery: Delivery;
  /** Grows with each claim of a delivery. */
  claim: number;
  /** As it was stored, or replaced by a replay. */
  sealed: Uint8Array;
}

/** What an attempt came to. */
export type DeliveryOutcome =
  /** What it takes to send it is erased. */
  | { kind: "delivered" }
  | { kind: "retry"; delayMs: number }
  /** Its job is kept for so long from now, if it would be forgotten earlier. */
  | { kind: "dead"; keepMs: number }
  /** Handed back: due at once, and no try was spent. */
  | { kind: "released" };

/** Deliveries that did not go, or not yet. Of each at most `MOST_COUNTED` are counted. */
export interface DeliveryCounts {
  pending: number;
  dead: number;
  /** The moment at which the first of those that are pending is due; one that is being sent is due with the end of its lease. */
  firstDueAt: number | null;
}

/** A count of more would hold up others. */
export const MOST_COUNTED = 100_000;
/** Attempts that are remembered of a delivery. */
export const MOST_ATTEMPTS = 20;
/** A job whose delivery is pending is not forgotten; it is looked at again after so long, ms. */
export const OWED_MS = 60_000;

/**
 * Who is told of jobs' ends. A delivery becomes pending in the atom that ends its job, whichever that is: no end is
 * without its delivery, and none has two. Delivered is at least once: a lease that lapsed, or a lost answer, sends again.
 */
export interface DeliveryStore {
  /**
   * Takes deliveries that are due, `perTarget` of one target at most, those first, of a shard, whose target has waited longest. Each is
   * leased for its own time-out and `marginMs`. `busy`: how many of a target the caller is sending already. `nextInMs`:
   * how long until another is due of a target that may get more; null when none is. An answer that gets lost costs a lease.
   */
  claimDeliveries(params: {
    max: number;
    perTarget: number;
    busy: Readonly<Record<string, number>>;
    marginMs: number;
    now?: number;
  }): Promise<{ claims: DeliveryClaim[]; nextInMs: number | null }>;
  /**
   * What an attempt came to. Idempotent by claim: `already` when it was told before. `lost`: the lease lapsed and it is
   * another's now, or the job is gone.
   */
  settleDelivery(params: {
    jobId: string;
    claim: number;
    outcome: DeliveryOutcome;
    attempt: DeliveryAttempt | null;
    now?: number;
  }): Promise<"ok" | "already" | "lost">;
  /** null: the job has no webhook, has not ended, or was forgotten. */
  getDelivery(params: { jobId: string }): Promise<Delivery | null>;
  countDeliveries(): Promise<DeliveryCounts>;
  /** A page, that of the newest job first. Goes on after `next` of the page before. */
  listDeliveries(params: {
    state?: DeliveryState;
    limit: number;
    after?: string;
  }): Promise<{ deliveries: Delivery[]; next: string | null }>;
  /**
   * Makes one pending that came to rest, due at once and with all its tries anew. With `webhook` it goes there from now
   * on; `erased`: it needs one, as it was delivered. `pending`: it is on its way, and was left so.
   */
  replayDelivery(params: {
    jobId: string;
    webhook?: NewWebhook;
    now?: number;
  }): Promise<"replayed" | "pending" | "erased" | "unknown">;
}

/** Those that the caller sends as many to as it may. */
export function fullTargets(busy: Readonly<Record<string, number>>, perTarget: number): string[] {
  return Object.keys(busy).filter((target) => (busy[target] ?? 0) >= perTarget);
}
