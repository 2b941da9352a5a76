import type { Database } from "bun:sqlite";
import { jobsAhead, LANES_AHEAD, type LaneInTurn, MOST_AHEAD } from "../../ahead.ts";
import { decodeSites } from "../../node-sites.ts";
import type { NodeLoad, Wait } from "../../storage.ts";
import { breathe } from "../patience.ts";
import type { Reader } from "../reader.ts";
import type { JobRow } from "../rows.ts";

/** Jobs looked at in one go: each may walk over `MOST_AHEAD` entries of an index, some 30 microseconds. */
const SLICE = 100;

type QueuedRow = Pick<JobRow, "seq" | "queue" | "priority" | "lane" | "run_at">;

/** What jobs of one queue share. */
interface QueueState {
  lanes: LaneInTurn[];
  holder: string | null;
  workers: Wait["workers"];
}

export function waits(
  db: Database,
  reader: Reader,
): (params: { ids: string[]; now?: number }) => Promise<(Wait | null)[]> {
  const queued = db.prepare<QueuedRow, [string]>(
    "SELECT seq, queue, priority, lane, run_at FROM jobs WHERE id = ? AND status = 'queued'",
  );
  const before = db.prepare<{ n: number }, [string, number, string, number]>(
    `SELECT count(*) AS n FROM (
       SELECT 1 FROM jobs INDEXED BY jobs_ready
       WHERE ready = 1 AND queue = +? AND priority = +? AND lane = +? AND seq < +? LIMIT ${MOST_AHEAD})`,
  );
  const stateOf = prepareQueueState(db);

  function waitOf(id: string, now: number, states: Map<string, QueueState>): Wait | null {
    const job = queued.get(id);
    if (!job) return null;
    const { seq, queue, priority, lane, run_at } = job;
    const state = states.get(queue) ?? stateOf(queue);
    states.set(queue, state);
    const inLane = before.get(queue, priority, lane, seq)?.n ?? 0;
    return {
      ahead: jobsAhead(state.lanes, { priority, lane, before: inLane }),
      startsAt: run_at !== null && run_at > now ? run_at : null,
      holder: state.holder,
      workers: state.workers,
    };
  }

  return async ({ ids, now }) => {
    const at = now ?? reader.clock.now();
    const found: (Wait | null)[] = [];
    for (let from = 0; from < ids.length; from += SLICE) {
      if (from > 0) await breathe();
      const slice = ids.slice(from, from + SLICE);
      const states = new Map<string, QueueState>();
      found.push(...(await reader.read(() => slice.map((id) => waitOf(id, at, states)))));
    }
    return found;
  };
}

function prepareQueueState(db: Database): (queue: string) => QueueState {
  const lanes = db.prepare<LaneInTurn, [string]>(
    `SELECT priority, lane, ready FROM lanes INDEXED BY lanes_next WHERE queue = +?
     ORDER BY priority DESC, served, first_seq LIMIT ${LANES_AHEAD}`,
  );
  const holder = db.prepare<{ id: string }, [string]>(
    "SELECT id FROM jobs INDEXED BY jobs_exclusive WHERE queue = ? AND status = 'started' AND exclusive = 1",
  );
  const suspended = db.prepare<{ all: 0 | 1 | null }, [string]>(
    'SELECT min(suspended) AS "all" FROM workers WHERE queue = ? AND died_at IS NULL',
  );
  return (queue) => {
    const all = suspended.get(queue)?.all ?? null;
    return {
      lanes: lanes.all(queue),
      holder: holder.get(queue)?.id ?? null,
      workers: all === null ? "none" : all === 1 ? "suspended" : "some",
    };
  };
}

export function nodeLoads(db: Database, { clock }: Reader): (params?: { now?: number }) => NodeLoad[] {
  type Row = Pick<NodeLoad, "name" | "capacity"> & { sites: string | null; heard: number };
  const living = db.prepare<Row, []>(
    "SELECT name, capacity, sites, last_heartbeat AS heard FROM nodes WHERE lost = 0 ORDER BY name",
  );
  const runs = db.prepare<{ node: string }, []>(
    "SELECT node FROM jobs INDEXED BY jobs_exclusive WHERE status = 'started' AND exclusive = 1",
  );
  return ({ now } = {}) => {
    const at = now ?? clock.now();
    const running = Map.groupBy(runs.all(), ({ node }) => node);
    return living.all().map(({ name, capacity, sites, heard }) => ({
      name,
      capacity,
      sites: decodeSites(sites),
      pinnedRuns: running.get(name)?.length ?? 0,
      silentMs: Math.max(0, at - heard),
    }));
  };
}
