import { createHash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import {
  DeviceError,
  type DeviceSession,
  type Driver,
  type HostKey,
  type SshResources,
  type TlsTerms,
} from "../device/driver.ts";
import { unlessAborted } from "../device/transport/phase.ts";
import type { RunOrder } from "../ipc/messages.ts";
import { visitorOf } from "./credential.ts";
import { errorOf } from "./execute.ts";
import type { Places, SessionPlace } from "./session-places.ts";
import { WriteLease } from "./write-lease.ts";

/** A session that has not answered for longer than this is asked for its health before it is used. */
const TRUSTED_MS = 60_000;

/** What a run waits for before it may connect, in words that complete "it was …". */
const ADMISSION =
  "waiting for a place among the sessions with its device (session.per_device), or for its turn to connect " +
  "(session.connect_rate)";

interface Held {
  session: DeviceSession<object>;
  lease: WriteLease;
  usedAt: number;
  /** When the device last answered on it. */
  provenAt: number;
  place: SessionPlace;
  idle: boolean;
  /** The question for its health that is under way. */
  probe: Promise<boolean> | null;
  /** Takes back the offer of its place, made while it is idle. */
  keep: () => void;
}

/** A session for a run; `kept` says that it was open before. */
interface Obtained {
  session: DeviceSession<object>;
  kept: boolean;
}

export interface WorkerSessionsDeps {
  clock: Clock;
  places: Places;
  /** Sessions kept at most: one for each identity (user, credential, driver) that comes by. */
  limit: number;
  driver(name: string): Driver | null;
  ssh(): SshResources;
  tls(): TlsTerms;
  verifyHostKey(order: RunOrder, key: HostKey, of: { host: string; port: number }): Promise<void>;
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
 * The live sessions of one worker, by identity: two users of one device never share a shell. Runs come one
 * after another; probes of idle sessions come in between.
 */
export class WorkerSessions {
  readonly #deps: WorkerSessionsDeps;
  readonly #held = new Map<string, Held>();
  /** Places of sessions that are being opened. */
  readonly #opening = new Set<SessionPlace>();
  #opened = 0;

  constructor(deps: WorkerSessionsDeps) {
    this.#deps = deps;
  }

  /** A session for the order: a kept one that is well, or a new one. Rejects with `DeviceError`. */
  async obtain(order: RunOrder, run: Obtaining): Promise<Obtained> {
    const key = identity(order);
    const kept = this.#held.get(key);
    if (kept) {
      kept.idle = false;
      kept.keep();
      if (await this.#isWell(kept, order, run)) return { session: kept.session, kept: true };
      this.#drop(key, kept);
    }
    this.#deps.onState("connecting", this.#opened);
    try {
      return { session: await this.#open(key, order, run), kept: false };
    } catch (error) {
      this.#report();
      throw error;
    }
  }

  /** The session that serves the order turned out to be dead. */
  discard(order: RunOrder): void {
    const key = identity(order);
    const held = this.#held.get(key);
    if (held) this.#drop(key, held);
  }

  /** Questions for the health of those that nobody has heard of for `silentMs`; they may write until then. */
  *probes(silentMs: number, mayWriteUntil: number): Iterable<() => Promise<void>> {
    for (const [key, held] of this.#held) {
      if (this.#isDue(held, silentMs)) yield () => this.#probe(key, held, mayWriteUntil);
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
    held.usedAt = held.provenAt = this.#deps.clock.monotonic();
    if (!keep) return await this.#closeHeld(key, held);
    held.idle = true;
    held.keep = held.place.offer(() => this.#closeHeld(key, held));
  }

  /** Closes everything at once. What a driver still opens, deaf to its signal, holds no place from here on. */
  destroy(): void {
    for (const place of this.#opening) place.leave();
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
    held.place.leave();
  }

  #drop(key: string, held: Held): void {
    this.#remove(key, held);
    held.session.destroy();
    held.place.leave();
  }

  #remove(key: string, held: Held): void {
    held.idle = false;
    held.keep();
    if (this.#held.get(key) !== held) return;
    this.#held.delete(key);
    this.#report();
  }

  async #isWell(held: Held, order: RunOrder, { signal, progress }: Obtaining): Promise<boolean> {
    progress("asking the device whether the session kept with it still lives");
    if (held.probe !== null && !(await unlessAborted(held.probe, signal))) return false;
    if (this.#deps.clock.monotonic() - held.provenAt < TRUSTED_MS) return true;
    held.lease.until = order.mayWriteUntil;
    return held.session.health(signal);
  }

  #isDue(held: Held, silentMs: number): boolean {
    return held.idle && held.probe === null && this.#deps.clock.monotonic() - held.provenAt >= silentMs;
  }

  /** A session without an answer is not kept. */
  async #probe(key: string, held: Held, mayWriteUntil: number): Promise<void> {
    const { clock } = this.#deps;
    // Its turn may have come late: a session that tries to write past its lease is destroyed.
    if (!held.idle || clock.monotonic() >= mayWriteUntil) return;
    held.lease.until = mayWriteUntil;
    held.probe = held.session.health(new AbortController().signal);
    let well = false;
    try {
      well = await held.probe;
    } finally {
      held.probe = null;
      if (well) held.provenAt = clock.monotonic();
      else if (this.#held.get(key) === held) this.#drop(key, held);
    }
  }

  async #open(key: string, order: RunOrder, { lease, signal, progress }: Obtaining) {
    const driver = this.#deps.driver(order.driver);
    if (!driver) throw new Error(`this session host has no driver ${order.driver}`);
    progress(ADMISSION);
    await this.#makeRoom();
    const place = await this.#deps.places.enter(visitorOf(order.connectionArgs), signal);
    this.#opening.add(place);
    let ended: string | null = null;
    let onEnded = () => {};
    try {
      const session = await driver.connect({
        args: order.connectionArgs,
        signal,
        clock: this.#deps.clock,
        guard: lease,
        progress,
        verifyHostKey: (hostKey, of) => this.#deps.verifyHostKey(order, hostKey, of),
        ssh: this.#deps.ssh(),
        tls: this.#deps.tls(),
        onClosed: (reason) => {
          ended = reason;
          onEnded();
        },
      });
      if (ended !== null || !this.#opening.has(place)) {
        session.destroy();
        throw new DeviceError("ConnectionError", ended ?? "the session was given up while it opened");
      }
      onEnded = () => this.#forget(key, session, place);
      this.#keep(key, { session, lease, place });
      return session;
    } catch (error) {
      // A run that was cut short says nothing of the device.
      if (signal.aborted) place.leave();
      else place.failed(errorOf(error, order.secrets));
      throw error;
    } finally {
      this.#opening.delete(place);
    }
  }

  #keep(key: string, opened: Pick<Held, "session" | "lease" | "place">): void {
    const now = this.#deps.clock.monotonic();
    const unused = { usedAt: now, provenAt: now, idle: false, probe: null, keep: () => {} };
    this.#held.set(key, { ...opened, ...unused });
    this.#opened += 1;
    opened.place.opened();
    this.#report();
  }

  async #makeRoom(): Promise<void> {
    if (this.#held.size < this.#deps.limit) return;
    let oldest: [string, Held] | null = null;
    for (const entry of this.#held) if (!oldest || entry[1].usedAt < oldest[1].usedAt) oldest = entry;
    if (oldest) await this.#closeHeld(...oldest);
  }

  /** The device closed it. */
  #forget(key: string, session: DeviceSession<object>, place: SessionPlace): void {
    place.leave();
    const held = this.#held.get(key);
    if (held?.session === session) this.#remove(key, held);
  }

  #report(): void {
    this.#deps.onState(this.#held.size > 0 ? "connected" : "none", this.#opened);
  }
}

/** Everything that makes a session what it is. Hashed, so that no key of a map holds a password. */
function identity(order: RunOrder): string {
  const args = Object.entries(order.connectionArgs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([order.driver, args]))
    .digest("base64url");
}
