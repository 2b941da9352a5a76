import type { Job } from "../core/job.ts";

/** `Claim.readyAt`, told by the end of the job's stay in its queue: that alone outlasts a run that was handed back. */
export function readyAt({ expiresAt, enqueuedAt }: Job, ttlMs: number | null): number {
  return expiresAt === null || ttlMs === null ? enqueuedAt : expiresAt - ttlMs;
}
