-- Input:  seq
-- Output: the node that runs the job; no row when it is not started
-- Why:    only a wish: the status changes when the node settles the run, or its lease lapses
UPDATE jobs SET abort = 1
WHERE seq = :seq AND status = 'started'
RETURNING node
