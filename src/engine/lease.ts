/**
 * A lease's terms, ms. The store's side waits `lease + margin` before it gives a run to somebody else;
 * the device's side stops writing `margin` before the lease ends.
 */
export interface LeaseTerms {
  leaseMs: number;
  marginMs: number;
}

/** A lease is renewed four times in its life: three renewals may be lost. */
export function renewEveryMs(terms: LeaseTerms): number {
  return terms.leaseMs / 4;
}

/**
 * Until when a session may write, when the call that renewed (or granted) its lease was begun at
 * `askedAt`: counted from before the call, so a slow reply shortens it and never stretches it.
 */
export function mayWriteUntil(terms: LeaseTerms, askedAt: number): number {
  return askedAt + terms.leaseMs - terms.marginMs;
}

/** How long a run or node must be seen unchanged before it is taken for lost. */
export function lapseMs(terms: LeaseTerms): number {
  return terms.leaseMs + terms.marginMs;
}
