import { describe } from "bun:test";
import { apiKeysConformance } from "./storage/api-keys.ts";
import { auditConformance } from "./storage/audit.ts";
import { batchesConformance } from "./storage/batches.ts";
import { cancelConformance } from "./storage/cancel.ts";
import { cancelQueuedConformance } from "./storage/cancel-queued.ts";
import { claimConformance } from "./storage/claim.ts";
import { countsConformance } from "./storage/counts.ts";
import { cursorConformance } from "./storage/cursor.ts";
import { deliveriesConformance } from "./storage/deliveries.ts";
import { enqueueConformance } from "./storage/enqueue.ts";
import { examineConformance } from "./storage/examine.ts";
import { fencingConformance } from "./storage/fencing.ts";
import { filtersConformance } from "./storage/filters.ts";
import type { Backend, Setup } from "./storage/fixture.ts";
import { heartbeatConformance } from "./storage/heartbeat.ts";
import { hintsConformance } from "./storage/hints.ts";
import { hostKeysConformance } from "./storage/host-keys.ts";
import { idempotencyConformance } from "./storage/idempotency.ts";
import { lanesConformance } from "./storage/lanes.ts";
import { leasesConformance } from "./storage/leases.ts";
import { listConformance } from "./storage/list.ts";
import { migrateConformance } from "./storage/migrate.ts";
import { modelConformance } from "./storage/model.ts";
import { namesConformance } from "./storage/names.ts";
import { nodesConformance } from "./storage/nodes.ts";
import { operationsConformance } from "./storage/operations.ts";
import { outputConformance } from "./storage/output.ts";
import { processesConformance } from "./storage/processes.ts";
import { pruneConformance } from "./storage/prune.ts";
import { raceConformance } from "./storage/race.ts";
import { reapConformance } from "./storage/reap.ts";
import { repeatsConformance } from "./storage/repeats.ts";
import { sealingKeyConformance } from "./storage/sealing-key.ts";
import { secretsConformance } from "./storage/secrets.ts";
import { settleConformance } from "./storage/settle.ts";
import { setupOf } from "./storage/setup.ts";
import { skewConformance } from "./storage/skew.ts";
import { tasksConformance } from "./storage/tasks.ts";
import { waitsConformance } from "./storage/waits.ts";
import { workersConformance } from "./storage/workers.ts";

/**
 * What every backend must do, topic by topic, on the real thing. A backend passes when all of it does; there is
 * no way to leave a test out. `open` gives an empty store that is not migrated yet.
 */
export function storageConformance({ name, open }: { name: string; open(): Promise<Backend> }): void {
  describe(`storage on ${name}`, () => {
    const setup = setupOf(open);
    for (const topic of TOPICS) topic(setup);
  });
}

const TOPICS: ((setup: Setup) => void)[] = [
  migrateConformance,
  enqueueConformance,
  idempotencyConformance,
  claimConformance,
  lanesConformance,
  fencingConformance,
  settleConformance,
  cancelConformance,
  cancelQueuedConformance,
  raceConformance,
  heartbeatConformance,
  leasesConformance,
  reapConformance,
  outputConformance,
  listConformance,
  filtersConformance,
  cursorConformance,
  countsConformance,
  waitsConformance,
  pruneConformance,
  nodesConformance,
  workersConformance,
  hostKeysConformance,
  batchesConformance,
  secretsConformance,
  tasksConformance,
  apiKeysConformance,
  auditConformance,
  deliveriesConformance,
  namesConformance,
  skewConformance,
  sealingKeyConformance,
  examineConformance,
  operationsConformance,
  repeatsConformance,
  hintsConformance,
  processesConformance,
  modelConformance,
];
