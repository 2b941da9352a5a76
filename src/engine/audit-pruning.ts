import type { Clock } from "../core/clock.ts";
import type { AuditStore } from "../storage/audit.ts";
import { Repeat, type Service } from "./repeat.ts";

const ROUND_MS = 60_000;
const BATCH = 500;
/** A round ends after this many batches, so that a large backlog does not hold the writer. */
const BATCHES = 20;

/** Forgets audit entries whose retention has run out. Run by APIs, which write them; any number of them may. */
export function auditPruning(
  audit: Pick<AuditStore, "pruneAudit">,
  clock: Clock,
  { retentionMs, onError }: { retentionMs: number; onError: (error: unknown) => void },
): Service {
  async function round(): Promise<void> {
    const before = clock.now() - retentionMs;
    for (let batch = 0; batch < BATCHES; batch++) {
      const { pruned } = await audit.pruneAudit({ before, max: BATCH });
      if (pruned < BATCH) return;
    }
  }
  return new Repeat({ clock, everyMs: ROUND_MS, round, onError });
}
