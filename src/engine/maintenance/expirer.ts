import type { JobError } from "../../core/job.ts";
import type { Storage } from "../../storage/storage.ts";

const BATCH = 500;

const EXPIRED: JobError = {
  type: "JobExpired",
  message:
    "no worker took the job within its ttl; raise ttl, or see GET /worker for what is busy and whether a node reaches its site",
  retryable: true,
};

/** Fails queued jobs whose TTL has run out. */
export async function expireQueued(storage: Storage): Promise<number> {
  let total = 0;
  for (;;) {
    const { ids } = await storage.expire({ max: BATCH, error: EXPIRED });
    total += ids.length;
    if (ids.length < BATCH) return total;
  }
}
