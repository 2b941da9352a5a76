-- What follows from a job's row, kept true by the store itself whatever statement changed the row.

-- A job is stored, always as queued.
CREATE TRIGGER jobs_stored AFTER INSERT ON jobs
BEGIN
  INSERT INTO levels (queue, priority, depth, tick) VALUES (NEW.queue, NEW.priority, 1, 0)
    ON CONFLICT (queue, priority) DO UPDATE SET depth = depth + 1;
  INSERT INTO lanes (queue, priority, lane, ready, served, first_seq)
    SELECT NEW.queue, NEW.priority, NEW.lane, 1, 2 * tick - 1, NEW.seq
      FROM levels WHERE queue = NEW.queue AND priority = NEW.priority AND NEW.ready = 1
    ON CONFLICT (queue, priority, lane) DO UPDATE SET ready = ready + 1;
  INSERT INTO spans (block, min_at, max_at)
    VALUES (NEW.seq >> 10, NEW.created_at & ~1023, NEW.created_at | 1023)
    ON CONFLICT (block) DO UPDATE
      SET min_at = min(min_at, excluded.min_at), max_at = max(max_at, excluded.max_at)
      WHERE excluded.min_at < min_at OR excluded.max_at > max_at;
END;
--> statement-breakpoint
-- A claim: the lane has been served.
CREATE TRIGGER jobs_claimed AFTER UPDATE OF status ON jobs
WHEN OLD.status = 'queued' AND NEW.status = 'started'
BEGIN
  UPDATE levels SET depth = depth - 1, tick = tick + 1 WHERE queue = NEW.queue AND priority = NEW.priority;
  UPDATE lanes
    SET ready = ready - 1,
        served = 2 * (SELECT tick FROM levels WHERE queue = NEW.queue AND priority = NEW.priority)
    WHERE queue = NEW.queue AND priority = NEW.priority AND lane = NEW.lane;
  DELETE FROM lanes WHERE queue = NEW.queue AND priority = NEW.priority AND lane = NEW.lane AND ready = 0;
  DELETE FROM levels WHERE queue = NEW.queue AND priority = NEW.priority AND depth = 0;
END;
--> statement-breakpoint
-- Cancelled or expired: the job leaves the queue without having been served.
CREATE TRIGGER jobs_dropped AFTER UPDATE OF status ON jobs
WHEN OLD.status = 'queued' AND NEW.status IN ('finished', 'failed', 'cancelled')
BEGIN
  UPDATE levels SET depth = depth - 1 WHERE queue = NEW.queue AND priority = NEW.priority;
  UPDATE lanes SET ready = ready - OLD.ready
    WHERE queue = NEW.queue AND priority = NEW.priority AND lane = NEW.lane;
  DELETE FROM lanes WHERE queue = NEW.queue AND priority = NEW.priority AND lane = NEW.lane AND ready = 0;
  DELETE FROM levels WHERE queue = NEW.queue AND priority = NEW.priority AND depth = 0;
END;
--> statement-breakpoint
-- Released, retried or reaped back into the queue.
CREATE TRIGGER jobs_requeued AFTER UPDATE OF status ON jobs
WHEN OLD.status = 'started' AND NEW.status = 'queued'
BEGIN
  INSERT INTO levels (queue, priority, depth, tick) VALUES (NEW.queue, NEW.priority, 1, 0)
    ON CONFLICT (queue, priority) DO UPDATE SET depth = depth + 1;
  INSERT INTO lanes (queue, priority, lane, ready, served, first_seq)
    SELECT NEW.queue, NEW.priority, NEW.lane, 1, 2 * tick - 1, NEW.seq
      FROM levels WHERE queue = NEW.queue AND priority = NEW.priority AND NEW.ready = 1
    ON CONFLICT (queue, priority, lane) DO UPDATE SET ready = ready + 1;
END;
--> statement-breakpoint
-- A delayed job is due.
CREATE TRIGGER jobs_became_ready AFTER UPDATE OF ready ON jobs
WHEN OLD.ready = 0 AND NEW.ready = 1 AND OLD.status = 'queued'
BEGIN
  INSERT INTO lanes (queue, priority, lane, ready, served, first_seq)
    SELECT NEW.queue, NEW.priority, NEW.lane, 1, 2 * tick - 1, NEW.seq
      FROM levels WHERE queue = NEW.queue AND priority = NEW.priority
    ON CONFLICT (queue, priority, lane) DO UPDATE SET ready = ready + 1;
END;
--> statement-breakpoint
-- A job was seen to have outlived its TTL; the expirer will fail it.
CREATE TRIGGER jobs_became_stale AFTER UPDATE OF ready ON jobs
WHEN OLD.ready = 1 AND NEW.ready = 0 AND NEW.status = 'queued'
BEGIN
  UPDATE lanes SET ready = ready - 1
    WHERE queue = NEW.queue AND priority = NEW.priority AND lane = NEW.lane;
  DELETE FROM lanes WHERE queue = NEW.queue AND priority = NEW.priority AND lane = NEW.lane AND ready = 0;
END;
--> statement-breakpoint
-- A job has ended: nobody will open its sealed operation again.
CREATE TRIGGER jobs_ended AFTER UPDATE OF status ON jobs
WHEN NEW.status IN ('finished', 'failed', 'cancelled')
BEGIN
  DELETE FROM payloads WHERE seq = NEW.seq;
  UPDATE totals SET n = n + 1 WHERE status = NEW.status;
END;
--> statement-breakpoint
-- A job is forgotten with everything stored about it.
CREATE TRIGGER jobs_forgotten AFTER DELETE ON jobs
BEGIN
  UPDATE totals SET n = n - 1 WHERE status = OLD.status;
  DELETE FROM payloads WHERE seq = OLD.seq;
  DELETE FROM logs WHERE seq = OLD.seq;
  DELETE FROM idempotency WHERE seq = OLD.seq;
END;
--> statement-breakpoint
INSERT INTO totals (status, n) VALUES ('finished', 0), ('failed', 0), ('cancelled', 0);
