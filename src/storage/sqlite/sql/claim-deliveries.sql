-- Input:  target, now, max, margin_ms
-- Output: so many of its deliveries that were due are leased; each with what it takes to send it
-- Why:    the lease is the moment at which it is due again: a sender that is killed needs nobody to clear up after it
UPDATE deliveries SET claim = claim + 1, leased = 1, tries = tries + 1, due_at = :now + timeout_ms + :margin_ms
WHERE seq IN (
  SELECT seq FROM deliveries
  WHERE target = +:target AND due_at IS NOT NULL AND due_at <= +:now
  ORDER BY due_at
  LIMIT +:max
)
RETURNING *
