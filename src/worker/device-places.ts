/** Gives a place back. Idempotent. */
export type Release = () => void;

interface Device {
  taken: number;
  /** Ways to close a session that nobody uses just now, oldest first. */
  idle: Set<() => Promise<void>>;
  waiting: Set<() => void>;
}

/**
 * How many sessions a host may have with one device: devices have few lines, and people need some. Who
 * comes when all places are taken gets that of an idle session, or waits its turn.
 */
export class DevicePlaces {
  readonly #devices = new Map<string, Device>();
  readonly #limit: () => number;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Rejects with the signal's reason when it aborts first. */
  async take(key: string, signal: AbortSignal): Promise<Release> {
    const device = this.#device(key);
    while (device.taken >= this.#limit()) {
      signal.throwIfAborted();
      const [closeIdle] = device.idle;
      if (closeIdle) await closeIdle();
      else await turn(device, signal);
    }
    device.taken += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      device.taken -= 1;
      this.#wakeOne(key, device);
    };
  }

  /** A session is idle from now on: `close` gives its place to somebody who needs it. Returns the way back. */
  offer(key: string, close: () => Promise<void>): () => void {
    const device = this.#device(key);
    device.idle.add(close);
    this.#wakeOne(key, device);
    return () => device.idle.delete(close);
  }

  #device(key: string): Device {
    const known = this.#devices.get(key);
    if (known) return known;
    const made: Device = { taken: 0, idle: new Set(), waiting: new Set() };
    this.#devices.set(key, made);
    return made;
  }

  #wakeOne(key: string, device: Device): void {
    const [next] = device.waiting;
    if (next) return next();
    if (device.taken === 0 && device.idle.size === 0) this.#devices.delete(key);
  }
}

/** The next place or idle session, or the signal. */
async function turn(device: Device, signal: AbortSignal): Promise<void> {
  const woken = Promise.withResolvers<void>();
  device.waiting.add(woken.resolve);
  signal.addEventListener("abort", () => woken.resolve(), { once: true });
  await woken.promise;
  device.waiting.delete(woken.resolve);
}
