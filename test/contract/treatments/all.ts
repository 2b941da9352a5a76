import type { Stage } from "../stage.ts";
import type { Standing } from "../standing.ts";
import type { Treatments } from "../treatment.ts";
import { CANCEL_FILTERS, CANCELLING } from "./cancelling.ts";
import { FILTERS } from "./filters.ts";
import { HEALTH } from "./health.ts";
import { JOB_PROGRAMS } from "./job-programs.ts";
import { LIFE_CYCLE, QUEUES } from "./life-cycle.ts";
import { LISTS } from "./lists.ts";
import { OPERATIONS } from "./operations.ts";
import { STOP_FILTERS, STOPPING } from "./stopping.ts";
import { WORKER_PROGRAMS } from "./worker-programs.ts";

/** What only reads, on a product with jobs and workers of all statuses. */
export const STANDING: Treatments<Standing> = {
  blocks: [LISTS, JOB_PROGRAMS, WORKER_PROGRAMS, HEALTH, OPERATIONS],
  entries: [FILTERS],
};

/** What changes jobs and workers, each case with devices of its own. */
export const CHANGING: Treatments<Stage> = {
  blocks: [LIFE_CYCLE, CANCELLING, STOPPING],
  entries: [QUEUES, CANCEL_FILTERS, STOP_FILTERS],
};
