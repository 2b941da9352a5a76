-- `levels`, `lanes`, `totals` and `spans` are written once a transaction, by the program (tally.ts, turns.ts).
DROP TRIGGER jobs_stored;
--> statement-breakpoint
DROP TRIGGER jobs_claimed;
--> statement-breakpoint
DROP TRIGGER jobs_dropped;
--> statement-breakpoint
DROP TRIGGER jobs_requeued;
--> statement-breakpoint
DROP TRIGGER jobs_became_ready;
--> statement-breakpoint
DROP TRIGGER jobs_became_stale;
--> statement-breakpoint
DROP TRIGGER jobs_ended;
--> statement-breakpoint
-- A job has ended: nobody will open its sealed operation again.
CREATE TRIGGER jobs_ended AFTER UPDATE OF status ON jobs
WHEN NEW.status IN ('finished', 'failed', 'cancelled')
BEGIN
  DELETE FROM payloads WHERE seq = NEW.seq;
END;
