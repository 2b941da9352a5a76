import { createHash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { DeviceError, type DeviceSession, type Driver, type HostKey } from "../device/driver.ts";
import type { RunOrder } from "../ipc/messages.ts";
import type { DevicePlaces, Release } from "./device-places.ts";
import { WriteLease } from "./write-lease.ts";

/** A session idle for longer than this is asked for its health before it is used. */
const TRUSTED_IDLE_MS = 60_000;

interface Held {
  session: DeviceSession<object>;
  lease: WriteLease;
  usedAt: number;
  release: Release;
  /** Takes back the offer of its place, made while it is idle. */
  keep: () => void;
}

export interface WorkerSessionsDeps {
  clock: Clock;
  /** Shared by all workers of the host. */
  places: DevicePlaces;
  /** Sessions kept at most: one for each identity (user, credential, driver) that comes by. */
  limit: number;
  driver(name: string): Driver | null;
  verifyHostKey(order: RunOrder, key: HostKey): Promise<void>;
  /** State to report, with how many sessions this worker has opened so far. */
  onState(state: "connected" | "connecting" | "none", opened: number): void;
}

/** What a run lends the session that is opened for it. */
interface Obtaining {
  lease: WriteLease;
  signal: AbortSignal;
  /** See `ConnectContext`. */
  progress(doing: string): void;
}

/**
 * The live sessions of one worker, by identity: two users of one device never share a shell. All calls
 * are made one after another.
 */
export class WorkerSessions {
  readonly #deps: WorkerSessionsDeps;
  readonly #held = new Map<string, Held>();
  /** Places of sessions that are being opened. */
  readonly #opening = new Set<Release>();
  #opened = 0;

  constructor(deps: WorkerSessionsDeps) {
    this.#deps = deps;
  }

  /** A session for the order: a kept one that is well, or a new one. Rejects with `DeviceError`. */
  async obtain(order: RunOrder, run: Obtaining): Promise<DeviceSession<object>> {
    const key = identity(order);
    const kept = this.#held.get(key);
    kept?.keep();
    if (kept && (await this.#isWell(kept, order, run))) return kept.session;
    if (kept) this.#drop(key, kept);
    this.#deps.onState("connecting", this.#opened);
    try {
      return await this.#open(key, order, run);
    } catch (error) {
      this.#report();
      throw error;
    }
  }

  /** The lease of the session that would serve the order; a fresh one when it has to be opened. */
  leaseFor(order: RunOrder): WriteLease {
    return this.#held.get(identity(order))?.lease ?? new WriteLease(this.#deps.clock);
  }

  /** The run is over; `keep` says whether the session is in a known state and wanted. */
  async release(order: RunOrder, keep: boolean): Promise<void> {
    const key = identity(order);
    const held = this.#held.get(key);
    if (!held) return;
    held.usedAt = this.#deps.clock.monotonic();
    if (keep) held.keep = this.#deps.places.offer(deviceOf(order), () => this.#closeHeld(key, held));
    else await this.#closeHeld(key, held);
  }

  /** Closes everything at once. What a driver still opens, deaf to its signal, holds no place from here on. */
  destroy(): void {
    for (const release of this.#opening) release();
    this.#opening.clear();
    for (const [key, held] of this.#held) this.#drop(key, held);
    this.#report();
  }

  /** Says goodbye to the devices. */
  async close(): Promise<void> {
    await Promise.all([...this.#held].map(([key, held]) => this.#closeHeld(key, held)));
  }

  /** The place is free when the device has let the session go. */
  async #closeHeld(key: string, held: Held): Promise<void> {
    this.#remove(key, held);
    await held.session.close();
    held.release();
  }

  #drop(key: string, held: Held): void {
    this.#remove(key, held);
    held.session.destroy();
    held.release();
  }

  #remove(key: string, held: Held): void {
    held.keep();
    if (this.#held.get(key) !== held) return;
    this.#held.delete(key);
    this.#report();
  }

  async #isWell(held: Held, order: RunOrder, { signal, progress }: Obtaining): Promise<boolean> {
    if (this.#deps.clock.monotonic() - held.usedAt < TRUSTED_IDLE_MS) return true;
    progress("asking the device whether the session kept with it still lives");
    held.lease.until = order.mayWriteUntil;
    return held.session.health(signal);
  }

  async #open(key: string, order: RunOrder, { lease, signal, progress }: Obtaining) {
    const driver = this.#deps.driver(order.driver);
    if (!driver) throw new Error(`this session host has no driver ${order.driver}`);
    progress("waiting for a place among the sessions with its device (session.per_device)");
    await this.#makeRoom();
    const release = await this.#deps.places.take(deviceOf(order), signal);
    this.#opening.add(release);
    let ended: string | null = null;
    let onEnded = () => {};
    try {
      const session = await driver.connect({
        args: order.connectionArgs,
        signal,
        clock: this.#deps.clock,
        guard: lease,
        progress,
        verifyHostKey: (hostKey) => this.#deps.verifyHostKey(order, hostKey),
        onClosed: (reason) => {
          ended = reason;
          onEnded();
        },
      });
      if (ended !== null || !this.#opening.has(release)) {
        session.destroy();
        throw new DeviceError("ConnectionError", ended ?? "the session was given up while it opened");
      }
      onEnded = () => this.#forget(key, session, release);
      const usedAt = this.#deps.clock.monotonic();
      this.#held.set(key, { session, lease, usedAt, release, keep: () => {} });
      this.#opened += 1;
      this.#report();
      return session;
    } catch (error) {
      release();
      throw error;
    } finally {
      this.#opening.delete(release);
    }
  }

  async #makeRoom(): Promise<void> {
    if (this.#held.size < this.#deps.limit) return;
    let oldest: [string, Held] | null = null;
    for (const entry of this.#held) if (!oldest || entry[1].usedAt < oldest[1].usedAt) oldest = entry;
    if (oldest) await this.#closeHeld(...oldest);
  }

  /** The device closed it. */
  #forget(key: string, session: DeviceSession<object>, release: Release): void {
    release();
    const held = this.#held.get(key);
    if (held?.session === session) this.#remove(key, held);
  }

  #report(): void {
    this.#deps.onState(this.#held.size > 0 ? "connected" : "none", this.#opened);
  }
}

function deviceOf({ connectionArgs }: RunOrder): string {
  const { site, host, port } = connectionArgs;
  return JSON.stringify([site ?? null, host, port]);
}

/** Everything that makes a session what it is. Hashed, so that no key of a map holds a password. */
function identity(order: RunOrder): string {
  const args = Object.entries(order.connectionArgs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([order.driver, args]))
    .digest("base64url");
}
