import type { Clock } from "../../../core/clock.ts";

/** How the API did in the last minute. Latencies in seconds, upper bounds of their class. */
export interface MeterReading {
  requests: number;
  /** Share that ended in a server error (5xx). */
  error_rate: number;
  latency_p50: number | null;
  latency_p99: number | null;
}

export interface Meter {
  record(status: number, ms: number): void;
  read(): MeterReading;
}

const SLOTS = 60;
const SLOT_MS = 1000;
/** Upper bounds of the latency classes, ms; the last class is everything above. */
const BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

interface Slot {
  /** Which second it counts. */
  second: number;
  requests: number;
  errors: number;
  classes: Uint32Array;
}

/** Counts requests by second and forgets them after a minute; constant memory. */
export function requestMeter(clock: Clock): Meter {
  const slots = Array.from({ length: SLOTS }, emptySlot);
  const currentSecond = () => Math.floor(clock.monotonic() / SLOT_MS);

  function slotNow(): Slot {
    const second = currentSecond();
    const index = second % SLOTS;
    const slot = slots[index];
    if (slot?.second === second) return slot;
    const fresh = emptySlot(second);
    slots[index] = fresh;
    return fresh;
  }

  return {
    record(status, ms) {
      const slot = slotNow();
      slot.requests += 1;
      if (status >= 500) slot.errors += 1;
      const bound = BOUNDS.findIndex((limit) => ms <= limit);
      const index = bound < 0 ? BOUNDS.length : bound;
      slot.classes[index] = (slot.classes[index] ?? 0) + 1;
    },
    read() {
      const oldest = currentSecond() - SLOTS;
      return reading(slots.filter(({ second }) => second > oldest));
    },
  };
}

function emptySlot(second = -1): Slot {
  return { second, requests: 0, errors: 0, classes: new Uint32Array(BOUNDS.length + 1) };
}

function reading(slots: readonly Slot[]): MeterReading {
  const requests = sum(slots.map((slot) => slot.requests));
  const errors = sum(slots.map((slot) => slot.errors));
  const classes = Array.from({ length: BOUNDS.length + 1 }, (_, i) =>
    sum(slots.map((slot) => slot.classes[i] ?? 0)),
  );
  return {
    requests,
    error_rate: requests === 0 ? 0 : errors / requests,
    latency_p50: quantile(classes, requests, 0.5),
    latency_p99: quantile(classes, requests, 0.99),
  };
}

function quantile(classes: readonly number[], total: number, share: number): number | null {
  if (total === 0) return null;
  let seen = 0;
  const index = classes.findIndex((count) => {
    seen += count;
    return seen >= total * share;
  });
  return (BOUNDS[index] ?? BOUNDS.at(-1) ?? 0) / 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
