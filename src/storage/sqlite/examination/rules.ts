import { MARKED } from "../marks.ts";

/**
 * What must hold in every moment, each rule with a query for what breaks it, as `subject` and `detail`. They are read
 * in one snapshot, so nothing here is ever half done.
 *
 * Left out on purpose, for it is right at times: a started job whose worker is dead or gone (its lease is not reaped
 * yet), expired and delayed jobs that still wait, ended jobs and answers past their retention (not pruned yet).
 */
export interface Rule {
  rule: string;
  sql: string;
}

const FINAL = "('finished', 'failed', 'cancelled')";

const JOBS: Rule[] = [
  {
    rule: "a started job has its token and who runs it",
    sql: `SELECT id AS subject, 'node ' || ifnull(node, '-') || ', worker ' || ifnull(worker, '-') AS detail
      FROM jobs WHERE status = 'started'
        AND (nonce IS NULL OR node IS NULL OR worker IS NULL OR started_at IS NULL)`,
  },
  {
    rule: "a pinned queue has one started job at most",
    sql: `SELECT queue AS subject, 'started: ' || group_concat(id, ' ') AS detail
      FROM jobs WHERE status = 'started' AND queue LIKE 'pinned\\_%' ESCAPE '\\' GROUP BY queue HAVING count(*) > 1`,
  },
  {
    rule: "a worker has one started job at most",
    sql: `SELECT worker AS subject, 'started: ' || group_concat(id, ' ') AS detail
      FROM jobs WHERE status = 'started' AND worker IS NOT NULL GROUP BY worker HAVING count(*) > 1`,
  },
  {
    rule: "a started job runs on a worker of its queue and node",
    sql: `SELECT j.id AS subject, 'queue ' || j.queue || ' on ' || j.node || ', worker ' || w.name || ' of '
        || w.queue || ' on ' || w.node AS detail
      FROM jobs AS j JOIN workers AS w ON w.name = j.worker
      WHERE j.status = 'started' AND (w.queue <> j.queue OR w.node <> j.node)`,
  },
  {
    rule: "the jobs of a pinned queue are exclusive, those of another are not",
    sql: `SELECT id AS subject, queue AS detail FROM jobs
      WHERE (exclusive = 1) <> (queue LIKE 'pinned\\_%' ESCAPE '\\')`,
  },
  {
    rule: "a job has its end and its retention exactly when it has ended",
    sql: `SELECT id AS subject, status || ', ended_at ' || ifnull(ended_at, '-') || ', keep_until '
        || ifnull(keep_until, '-') AS detail
      FROM jobs WHERE (status IN ${FINAL}) <> (ended_at IS NOT NULL AND keep_until IS NOT NULL)`,
  },
  {
    rule: "a job has its result exactly when it has finished or failed",
    sql: `SELECT id AS subject, status AS detail FROM jobs
      WHERE (status IN ('finished', 'failed')) <> (result IS NOT NULL)`,
  },
  {
    rule: "a finished job has been started, a queued one has not",
    sql: `SELECT id AS subject, status || ', started_at ' || ifnull(started_at, '-') AS detail FROM jobs
      WHERE (status = 'finished' AND started_at IS NULL) OR (status = 'queued' AND started_at IS NOT NULL)`,
  },
  {
    rule: "no queued job was asked to abort",
    sql: `SELECT id AS subject, queue AS detail FROM jobs WHERE status = 'queued' AND abort <> 0`,
  },
  {
    rule: "a queued job that is not ready waits for its moment or for its end",
    sql: `SELECT id AS subject, 'it would wait for ever in ' || queue AS detail FROM jobs
      WHERE status = 'queued' AND ready = 0 AND run_at IS NULL AND expires_at IS NULL`,
  },
  {
    rule: "a job has no more attempts than runs",
    sql: `SELECT id AS subject, attempts || ' attempts, ' || run || ' runs' AS detail FROM jobs
      WHERE attempts NOT BETWEEN 0 AND run OR (status = 'started' AND attempts = 0)`,
  },
];

const COUNTED: Rule[] = [
  {
    rule: "levels count the queued jobs",
    sql: `SELECT queue || ' at ' || priority AS subject, n || ' queued, counted ' || ifnull(depth, 0) AS detail
      FROM (SELECT queue, priority, count(*) AS n FROM jobs WHERE status = 'queued' GROUP BY queue, priority)
        LEFT JOIN levels USING (queue, priority) WHERE n IS NOT depth`,
  },
  {
    rule: "no level is without queued jobs",
    sql: `SELECT queue || ' at ' || priority AS subject, 'counted ' || depth || ', queued 0' AS detail FROM levels
      WHERE NOT EXISTS (
        SELECT 1 FROM jobs WHERE status = 'queued' AND queue = levels.queue AND priority = levels.priority)`,
  },
  {
    rule: "lanes count the ready jobs",
    sql: `SELECT queue || ' at ' || priority || ', lane ' || lane AS subject,
        n || ' ready, counted ' || ifnull(lanes.ready, 0) AS detail
      FROM (SELECT queue, priority, lane, count(*) AS n FROM jobs WHERE ready = 1 GROUP BY queue, priority, lane)
        LEFT JOIN lanes USING (queue, priority, lane) WHERE n IS NOT lanes.ready`,
  },
  {
    rule: "no lane is without ready jobs",
    sql: `SELECT queue || ' at ' || priority || ', lane ' || lane AS subject,
        'counted ' || ready || ', ready 0' AS detail FROM lanes
      WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE ready = 1 AND queue = lanes.queue AND priority = lanes.priority
        AND lane = lanes.lane)`,
  },
  {
    rule: "totals count the ended jobs",
    sql: `SELECT status AS subject, 'jobs ' || have || ', counted ' || n AS detail
      FROM (SELECT status, n, (SELECT count(*) FROM jobs WHERE status = totals.status) AS have FROM totals)
      WHERE n <> have`,
  },
  {
    rule: "every job is in its span",
    sql: `SELECT id AS subject, 'created ' || created_at || ', span ' || ifnull(min_at || ' to ' || max_at, 'missing')
        AS detail
      FROM jobs LEFT JOIN spans ON block = seq >> 10
      WHERE block IS NULL OR created_at NOT BETWEEN min_at AND max_at`,
  },
];

/** Whether the mark `k` has the bit of the job `j`: SQLite has no function for it, so it is read from the hex digit. */
const MARKED_BIT = `(instr('0123456789ABCDEF', substr(hex(substr(k.bits, ((j.seq & 4095) >> 3) + 1, 1)),
  iif(j.seq & 4, 1, 2), 1)) - 1) >> (j.seq & 3) & 1`;
const IS_NAMED = "j.seq IN (SELECT value FROM json_each(m.active))";

const MARKS: Rule[] = [
  {
    rule: "a marked block names its jobs that have not ended",
    sql: `SELECT j.id AS subject, j.status || ' in block ' || m.block AS detail
      FROM marked AS m CROSS JOIN jobs AS j ON j.seq BETWEEN m.block * 4096 AND m.block * 4096 + 4095
      WHERE j.status IN ('queued', 'started') AND NOT ${IS_NAMED}`,
  },
  {
    rule: "marks have the bit of every job with their value",
    sql: Object.values(MARKED)
      .map(
        ({ number, column }) => `SELECT j.id AS subject, '${column} ' || k.value AS detail
          FROM marked AS m CROSS JOIN jobs AS j ON j.seq BETWEEN m.block * 4096 AND m.block * 4096 + 4095
            CROSS JOIN marks AS k ON k.block = m.block AND k.field = ${number} AND k.value = j.${column}
          WHERE NOT (${MARKED_BIT}) AND NOT ${IS_NAMED}`,
      )
      .join(" UNION ALL "),
  },
];

const BESIDE: Rule[] = [
  {
    rule: "a job has its sealed operation exactly until it has ended",
    sql: `SELECT id AS subject, status AS detail FROM jobs LEFT JOIN payloads USING (seq)
      WHERE (status IN ('queued', 'started')) <> (sealed IS NOT NULL)`,
  },
  {
    rule: "nothing is left of a forgotten job",
    sql: ["payloads", "logs", "idempotency", "deliveries"]
      .map(
        (
          table,
        ) => `SELECT '${table}' || ' of seq ' || seq AS subject, 'the job is gone' AS detail FROM ${table}
          WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.seq = ${table}.seq)`,
      )
      .join(" UNION ALL "),
  },
  {
    rule: "the pieces of a log follow each other",
    sql: `SELECT ifnull((SELECT id FROM jobs WHERE jobs.seq = pieces.seq), 'seq ' || seq) AS subject,
        'a piece at ' || offset || ', the one before ends at ' || at AS detail
      FROM (SELECT seq, offset, lag(offset + length(bytes), 1, 0) OVER (PARTITION BY seq ORDER BY offset) AS at
        FROM logs) AS pieces
      WHERE offset <> at`,
  },
  {
    rule: "what is kept as JSON is JSON",
    sql: `SELECT id AS subject, 'command or result' AS detail FROM jobs
        WHERE NOT json_valid(command) OR NOT json_valid(ifnull(result, 'null'))
      UNION ALL SELECT op, 'answer' FROM operations WHERE NOT json_valid(answer)
      UNION ALL SELECT name, 'host_memory' FROM nodes WHERE NOT json_valid(host_memory)
      UNION ALL SELECT name, 'API key' FROM api_keys WHERE NOT json_valid(record)
      UNION ALL SELECT job_id, 'attempts' FROM deliveries WHERE NOT json_valid(attempts)`,
  },
];

const DELIVERIES: Rule[] = [
  {
    rule: "a job with a webhook has its delivery exactly when it has ended",
    sql: `SELECT job_id AS subject, j.status || ', told as ' || ifnull(d.status, '-') AS detail
      FROM deliveries AS d JOIN jobs AS j USING (seq)
      WHERE j.id <> d.job_id OR (d.state IS NULL) <> (d.status IS NULL)
        OR d.status IS NOT iif(j.status IN ${FINAL}, j.status, NULL)`,
  },
  {
    rule: "a delivery is due exactly while it is pending",
    sql: `SELECT job_id AS subject, ifnull(state, '-') || ', due ' || ifnull(due_at, '-') AS detail FROM deliveries
      WHERE (ifnull(state, '-') = 'pending') <> (due_at IS NOT NULL)
        OR (ifnull(state, '-') IN ('delivered', 'dead')) <> (settled_at IS NOT NULL)`,
  },
  {
    rule: "what it takes to send a delivery is kept exactly until it is delivered",
    sql: `SELECT job_id AS subject, ifnull(state, '-') AS detail FROM deliveries
      WHERE (ifnull(state, '-') = 'delivered') <> (sealed IS NULL)`,
  },
];

const WORKERS: Rule[] = [
  {
    rule: "a node's sites are a list of names",
    sql: `SELECT name AS subject, sites AS detail FROM nodes
      WHERE NOT iif(json_valid(sites), json_type(sites) = 'array'
        AND NOT EXISTS (SELECT 1 FROM json_each(sites) WHERE type NOT IN ('text', 'null')), sites IS NULL)`,
  },
  {
    rule: "a living worker has its node, alive and of its incarnation",
    sql: `SELECT w.name AS subject, CASE WHEN n.name IS NULL THEN 'node ' || w.node || ' is not there'
        WHEN n.lost <> 0 THEN 'node ' || w.node || ' is lost' ELSE 'node ' || w.node || ' has begun anew' END AS detail
      FROM workers AS w LEFT JOIN nodes AS n ON n.name = w.node
      WHERE w.died_at IS NULL AND (n.name IS NULL OR n.lost <> 0 OR n.incarnation <> w.incarnation)`,
  },
  {
    rule: "a pinned queue has one living worker at most",
    sql: `SELECT queue AS subject, group_concat(name, ' ') AS detail FROM workers
      WHERE kind = 'pinned' AND died_at IS NULL GROUP BY queue HAVING count(*) > 1`,
  },
];

/** Those about the rows; about the file itself see `look.ts`. */
export const RULES: readonly Rule[] = [...JOBS, ...COUNTED, ...MARKS, ...BESIDE, ...DELIVERIES, ...WORKERS];
