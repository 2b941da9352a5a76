import { DEFAULT_SITE, type Site, siteOfQueue } from "../core/device.ts";
import { isPinnedQueue, type Job } from "../core/job.ts";
import { MOST_AHEAD } from "../storage/ahead.ts";
import { HELD, type NodeLoad, type Storage, type Wait } from "../storage/storage.ts";

export const WAITING_REASONS = [
  "position",
  "device_busy",
  "capacity",
  "no_node",
  "suspended",
  "delayed",
  "held",
] as const;

/** Why a queued job has not started. */
export interface Waiting {
  reason: (typeof WAITING_REASONS)[number];
  /** For people. */
  message: string;
  /** Jobs of its queue before it, `MOST_AHEAD` for that many or more; null where nobody has counted. */
  ahead: number | null;
  /** The started job of its pinned queue. */
  job: string | null;
  /** Wall-clock ms before which it may not start. */
  until: number | null;
}

/** For the answer to a submission, which is not worth a question to the store. */
export function queuedJustNow(): Waiting {
  const message = "it was queued just now; ask for the job to see what it waits for";
  return { reason: "position", message, ahead: null, job: null, until: null };
}

/** A job whose batch has a canary. */
export function heldBack(ahead: number | null = null): Waiting {
  const message = "it is held back until the first jobs of its batch, the canary, have finished well";
  return { reason: "held", message, ahead, job: null, until: null };
}

/**
 * What each of the queued jobs waits for, by id: two questions to the store for all of them, none where none is queued.
 * A node that was silent for `silenceMs` counts as gone: whether it was declared lost depends on there being another.
 */
export async function waitingOf(
  storage: Storage,
  silenceMs: number,
  jobs: readonly Job[],
): Promise<Map<string, Waiting>> {
  const queued = jobs.filter(({ status }) => status === "queued");
  if (queued.length === 0) return new Map();
  const ids = queued.map(({ id }) => id);
  const [waits, loads] = await Promise.all([storage.waits({ ids }), storage.nodeLoads()]);
  const nodes = loads.filter((node) => node.silentMs < silenceMs);
  return new Map(queued.map((job, n) => [job.id, reasonOf(job, waits[n] ?? null, nodes)]));
}

function reasonOf(job: Job, wait: Wait | null, nodes: readonly NodeLoad[]): Waiting {
  if (wait === null) return { ...placed(0), message: "it has just left its queue" };
  const { ahead, startsAt, holder, workers } = wait;
  const because = (reason: Waiting["reason"], message: string): Waiting => ({
    reason,
    message,
    ahead,
    job: holder,
    until: startsAt,
  });
  if (startsAt === HELD) return heldBack(ahead);
  if (startsAt !== null) return because("delayed", delayed(job));
  if (nodes.length === 0)
    return because("no_node", "no node is alive; start one with netpulse node, or serve");
  const site = siteOfQueue(job.queue);
  const reaching = site === undefined ? nodes : nodes.filter((node) => serves(node, site));
  if (site !== undefined && reaching.length === 0) return because("no_node", unserved(site));
  if (workers === "suspended") return because("suspended", "all workers of its queue are suspended");
  if (holder !== null) return because("device_busy", `job ${holder} is started on its device${then(ahead)}`);
  if (workers === "none") return unowned(job, reaching, because) ?? untaken(ahead);
  return placed(ahead);
}

/** A queue without a worker, of a site that these nodes serve; null where one is about to make it. */
function unowned(
  { queue }: Job,
  nodes: readonly NodeLoad[],
  because: (reason: Waiting["reason"], message: string) => Waiting,
): Waiting | null {
  if (!isPinnedQueue(queue))
    return because(
      "no_node",
      `no living node has a worker for ${queue}: worker.fifo is 0, or they were just stopped`,
    );
  const taking = nodes.filter(({ capacity }) => capacity > 0);
  if (taking.length === 0)
    return because("no_node", "no living node that serves its site takes pinned queues: worker.pinned is 0");
  if (taking.some(({ capacity, pinnedRuns }) => pinnedRuns < capacity)) return null;
  const places = taking.reduce((sum, { capacity }) => sum + capacity, 0);
  return because(
    "capacity",
    `every node that serves its site is full: all ${places} pinned workers run a job; add nodes or raise worker.pinned`,
  );
}

/** One that has not told its sites may serve any. */
function serves({ sites }: NodeLoad, site: Site): boolean {
  return sites === null || sites.includes(site);
}

function unserved(site: Site): string {
  const whose = site === null ? "devices without a site" : `the site ${site}`;
  return `no living node serves ${whose}; add ${site ?? DEFAULT_SITE} to the node.sites of one that reaches the device`;
}

function untaken(ahead: number): Waiting {
  const { message, ...place } = placed(ahead);
  return { ...place, message: `${message}; no node has taken its device yet` };
}

function placed(ahead: number): Waiting {
  const message = ahead === 0 ? "it is next in its queue" : `${countOf(ahead)} before it in its queue`;
  return { reason: "position", message, ahead, job: null, until: null };
}

function delayed({ attempts }: Job): string {
  return attempts > 0 ? "it pauses before it is tried again" : "its moment has not come yet";
}

function then(ahead: number): string {
  return ahead === 0 ? "" : `, and ${countOf(ahead)} before it`;
}

function countOf(ahead: number): string {
  if (ahead >= MOST_AHEAD) return `${MOST_AHEAD} jobs or more are`;
  return ahead === 1 ? "1 job is" : `${ahead} jobs are`;
}
