/** Gives a place back. Idempotent. */
export type Release = () => void;

/** Closes a session that nobody uses just now; its place is given back when the promise resolves. */
export type CloseIdle = () => Promise<void>;

interface Waiter {
  grant(release: Release): void;
  refuse(reason: unknown): void;
}

interface Device {
  taken: number;
  /** Oldest first. */
  idle: Set<CloseIdle>;
  /** Idle sessions that are being closed for those who wait. */
  closing: number;
  /** In the order in which they came. */
  waiting: Set<Waiter>;
}

/**
 * How many sessions there may be with one device: devices have few lines, and people need some. Who
 * comes when all places are taken gets that of an idle session, or waits its turn.
 */
export class DevicePlaces {
  /** Those that have anything to count. */
  readonly #devices = new Map<string, Device>();
  readonly #limit: () => number;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Rejects with the signal's reason when it aborts first. */
  take(key: string, signal: AbortSignal): Promise<Release> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const device = this.#device(key);
    return new Promise((resolve, reject) => {
      const leave = () => {
        device.waiting.delete(waiter);
        signal.removeEventListener("abort", giveUp);
      };
      const waiter: Waiter = {
        grant: (release) => {
          leave();
          resolve(release);
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const giveUp = () => {
        waiter.refuse(signal.reason);
        this.#forgetUnused(key, device);
      };
      signal.addEventListener("abort", giveUp);
      device.waiting.add(waiter);
      this.#serve(key, device);
    });
  }

  /** A session is idle from now on: `close` gives its place to somebody who needs it. Returns the way back. */
  offer(key: string, close: CloseIdle): () => void {
    const device = this.#device(key);
    device.idle.add(close);
    this.#serve(key, device);
    return () => {
      device.idle.delete(close);
      this.#forgetUnused(key, device);
    };
  }

  #device(key: string): Device {
    const known = this.#devices.get(key);
    if (known) return known;
    const made: Device = { taken: 0, idle: new Set(), closing: 0, waiting: new Set() };
    this.#devices.set(key, made);
    return made;
  }

  /** Hands out what is free, and has idle sessions closed for those who are left, one for each. */
  #serve(key: string, device: Device): void {
    for (const waiter of device.waiting) {
      if (device.taken >= this.#limit()) break;
      waiter.grant(this.#place(key, device));
    }
    for (const close of device.idle) {
      if (device.closing >= device.waiting.size) break;
      device.idle.delete(close);
      void this.#free(key, device, close);
    }
    this.#forgetUnused(key, device);
  }

  #place(key: string, device: Device): Release {
    device.taken += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      device.taken -= 1;
      this.#serve(key, device);
    };
  }

  async #free(key: string, device: Device, close: CloseIdle): Promise<void> {
    device.closing += 1;
    try {
      await close();
    } catch (error) {
      const [first] = device.waiting;
      first?.refuse(error);
    }
    device.closing -= 1;
    this.#serve(key, device);
  }

  /** An entry that somebody still counts on must stay: a second one would count from zero. */
  #forgetUnused(key: string, device: Device): void {
    const { taken, idle, closing, waiting } = device;
    if (taken + idle.size + closing + waiting.size > 0) return;
    if (this.#devices.get(key) === device) this.#devices.delete(key);
  }
}
