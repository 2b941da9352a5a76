import type { Database } from "bun:sqlite";

/** A lane with ready jobs, as it stands in one claim. */
export interface Lane {
  priority: number;
  lane: string;
  ready: number;
  served: number;
  first_seq: number;
}

interface Level {
  /** Claims so far. */
  tick: number;
  /** Claims of this call. */
  claims: number;
}

type LaneRow = Lane & { tick: number };

/**
 * Whose turn it is in a queue, for the requests of one claim call: the lanes at its head are read once, take turns
 * in memory, and what has changed is written once.
 */
export interface Turns {
  /** The lane whose turn it is; null when there is none, or the queue is exclusive and busy. */
  next(): Lane | null;
  /** The next lane has given a job: it goes behind all others of its priority. */
  served(): void;
  /** An exclusive queue has a started job: it yields no more. */
  close(): void;
  write(): void;
}

export function prepareTurns(db: Database): (queue: string, requests: number) => Turns {
  // Each request takes one turn, or some more where jobs have to be ended: then the head is read anew.
  const head = db.prepare<LaneRow, [string, number]>(
    `SELECT l.priority, l.lane, l.ready, l.served, l.first_seq, v.tick
     FROM lanes AS l INDEXED BY lanes_next CROSS JOIN levels AS v ON v.queue = l.queue AND v.priority = l.priority
     WHERE l.queue = +?1
       AND NOT EXISTS (SELECT 1 FROM jobs WHERE queue = +?1 AND status = 'started' AND exclusive = 1)
     ORDER BY l.priority DESC, l.served, l.first_seq
     LIMIT +?2`,
  );
  const LEVEL = "queue = ?1 AND priority = ?2";
  const endLane = db.prepare(`DELETE FROM lanes WHERE ${LEVEL} AND lane = ?3`);
  const serve = db.prepare(`UPDATE lanes SET ready = ?4, served = ?5 WHERE ${LEVEL} AND lane = ?3`);
  const endLevel = db.prepare(`DELETE FROM levels WHERE ${LEVEL} AND depth = ?3`);
  const advance = db.prepare(`UPDATE levels SET depth = depth - ?3, tick = tick + ?3 WHERE ${LEVEL}`);

  return (queue, requests) => {
    let lanes: Lane[] = [];
    let levels = new Map<number, Level>();
    let changed = new Set<Lane>();
    /** Turns that can be told from what was read. */
    let known = 0;
    let closed = false;

    function read(): void {
      const rows = head.all(queue, requests);
      lanes = rows;
      changed = new Set();
      levels = new Map(rows.map(({ priority, tick }) => [priority, { tick, claims: 0 }]));
      known = rows.length < requests ? Number.POSITIVE_INFINITY : requests;
    }

    function write(): void {
      for (const { priority, lane, ready, served } of changed) {
        if (ready === 0) endLane.run(queue, priority, lane);
        else serve.run(queue, priority, lane, ready, served);
      }
      for (const [priority, { claims }] of levels) {
        if (claims === 0 || endLevel.run(queue, priority, claims).changes > 0) continue;
        advance.run(queue, priority, claims);
      }
    }

    read();
    return {
      write,
      close() {
        closed = true;
      },
      next() {
        if (known === 0) {
          write();
          read();
        }
        return closed ? null : (lanes[0] ?? null);
      },
      served() {
        const lane = lanes.shift();
        const level = lane && levels.get(lane.priority);
        if (!lane || !level) throw new Error("no lane was next");
        known -= 1;
        level.claims += 1;
        lane.ready -= 1;
        lane.served = 2 * (level.tick + level.claims);
        changed.add(lane);
        if (lane.ready > 0) lanes.splice(endOfPriority(lanes, lane.priority), 0, lane);
      },
    };
  };
}

/** Lanes are ordered by priority, highest first. */
function endOfPriority(lanes: Lane[], priority: number): number {
  const end = lanes.findIndex((lane) => lane.priority < priority);
  return end === -1 ? lanes.length : end;
}
