import type { Clock, Timer } from "../core/clock.ts";
import { type JobError, overdueError } from "../core/job.ts";
import {
  DeviceError,
  type DeviceSession,
  type Driver,
  type FileFolder,
  type HostKey,
  type TlsTerms,
} from "../device/driver.ts";
import { SshShared } from "../device/transport/ssh-shared.ts";
import { Credits } from "../ipc/credits.ts";
import {
  type FileTerms,
  type FromHost,
  type HostKeyPolicy,
  OUTPUT_WINDOW,
  PROTOCOL,
  type RunOrder,
  type ToHost,
} from "../ipc/messages.ts";
import { checkRendered } from "./check-rendered.ts";
import { errorOf, execute, keepsSession } from "./execute.ts";
import { IdleProbes } from "./idle-probes.ts";
import { SessionPlaces } from "./session-places.ts";
import { TransferFolders } from "./transfer-folders.ts";
import { WorkerSessions } from "./worker-sessions.ts";
import type { WriteLease } from "./write-lease.ts";

export interface SessionHostDeps {
  clock: Clock;
  build: string;
  pid: number;
  driver(name: string): Driver | null;
  /** The storage folder as the hello has named it. */
  openFiles(terms: FileTerms): Promise<FileFolder>;
  send(message: FromHost): void;
  rssMb(): number;
  /** Something failed that no run can be told of. */
  onFault(error: unknown): void;
}

/** One worker's place in the host: its sessions, and its runs one after another. */
interface Place {
  sessions: WorkerSessions;
  current: Active | null;
  waiting: Active[];
  /** Its worker was ended: the sessions are closed when the last run is over. */
  closing: boolean;
}

/** A run in progress, or one that waits for its turn. */
interface Active {
  order: RunOrder;
  sessions: WorkerSessions;
  abort: AbortController;
  credits: Credits;
  lease: WriteLease | null;
  lapse: Timer | null;
  /** Its operation may have gone to the device. */
  begun: boolean;
  /** Of the device it had a session with. */
  platform: string | null;
  /** What it waits for, in words that complete "it was …". */
  doing: string;
  /** When it began to ask for its session, on our monotonic clock. */
  since: number;
}

/** Why a run ends that its node took back before it began. */
const RECALLED = new DeviceError("WorkerStopped", "the job was taken back before it began");

/**
 * Holds device sessions for a node: does what the node says, streams what devices print, and decides
 * nothing by itself but to stop: at a deadline, and when a lease lapses.
 */
export class SessionHost {
  readonly #deps: SessionHostDeps;
  readonly #places = new Map<string, Place>();
  readonly #active = new Map<string, Active>();
  readonly #questions = new Map<number, (problem: string | null) => void>();
  readonly #devices: SessionPlaces;
  readonly #probes: IdleProbes;
  #asked = 0;
  #policy: HostKeyPolicy = "accept-new";
  #perDevice = 1;
  /** From the hello on, which comes before every run. */
  #ssh: SshShared | null = null;
  #tls: TlsTerms = { dir: null };
  readonly #folders: TransferFolders;

  constructor(deps: SessionHostDeps) {
    this.#deps = deps;
    this.#folders = new TransferFolders(deps.openFiles, deps.clock);
    this.#devices = new SessionPlaces(deps.send, deps.onFault);
    this.#probes = new IdleProbes(deps.onFault);
  }

  receive(message: ToHost): void {
    switch (message.type) {
      case "hello":
        return this.#hello(message);
      case "run":
        return this.#queue(message);
      case "lease":
        return this.#renew(message.runs, message.mayWriteUntil);
      case "abort":
        return this.#abort(message.run, message.error);
      case "recall":
        return this.#recall(message.run);
      case "credit":
        this.#active.get(message.run)?.credits.give(message.bytes);
        return;
      case "close":
        return this.#close(message.worker);
      case "discard":
        return this.#discard(message.run);
      case "host-key-verdict":
        this.#questions.get(message.request)?.(message.problem);
        this.#questions.delete(message.request);
        return;
      case "admission":
        return this.#devices.onAdmission(message);
      case "vacate":
        return this.#devices.onVacate(message.place);
      case "probe":
        return this.#probes.round(this.#idleFor(message.idleMs, message.mayWriteUntil));
      case "ping":
        this.#deps.send({
          type: "pong",
          n: message.n,
          now: this.#deps.clock.monotonic(),
          rssMb: this.#deps.rssMb(),
        });
    }
  }

  /** Destroys every session without another byte: the node is gone. */
  destroy(): void {
    for (const { sessions } of this.#places.values()) sessions.destroy();
    this.#ssh?.destroy();
  }

  #hello(hello: ToHost & { type: "hello" }): void {
    this.#policy = hello.hostKeyPolicy;
    this.#perDevice = hello.perDevice;
    this.#folders.configure(hello.files);
    this.#ssh ??= new SshShared(hello.ssh, this.#deps.clock);
    this.#tls = hello.tls;
    const { build, pid, clock, send } = this.#deps;
    send({ type: "hello", protocol: PROTOCOL, build, pid, now: clock.monotonic() });
  }

  #place(worker: string): Place {
    const known = this.#places.get(worker);
    if (known) return known;
    const sessions = new WorkerSessions({
      clock: this.#deps.clock,
      places: this.#devices,
      limit: this.#perDevice,
      driver: this.#deps.driver,
      ssh: () => {
        if (this.#ssh === null) throw new Error("a run came before the node's hello");
        return this.#ssh;
      },
      tls: () => this.#tls,
      verifyHostKey: (order, key, of) => this.#verifyHostKey(order, key, of),
      onState: (state, opened) => this.#deps.send({ type: "session", worker, state, opened }),
    });
    const place: Place = { sessions, current: null, waiting: [], closing: false };
    this.#places.set(worker, place);
    return place;
  }

  #queue(order: RunOrder): void {
    const place = this.#place(order.worker);
    const active: Active = {
      order,
      sessions: place.sessions,
      abort: new AbortController(),
      credits: new Credits(OUTPUT_WINDOW),
      lease: null,
      lapse: null,
      begun: false,
      platform: null,
      doing: "waiting for its turn",
      since: 0,
    };
    this.#active.set(order.run, active);
    place.waiting.push(active);
    this.#next(place);
  }

  #next(place: Place): void {
    if (place.current) return;
    place.current = place.waiting.shift() ?? null;
    if (place.current) {
      void this.#run(place.current)
        .catch((error) => this.#deps.onFault(error))
        .then(() => {
          place.current = null;
          this.#next(place);
        });
    } else if (place.closing) {
      place.sessions.close().catch((error) => this.#deps.onFault(error));
    }
  }

  async #run(active: Active): Promise<void> {
    const { order, sessions, abort } = active;
    const { clock, send } = this.#deps;
    const deadline = clock.after(Math.max(0, order.deadline - clock.monotonic()), () =>
      abort.abort(asDeviceError(overdueError(order.timeoutMs, active.doing))),
    );
    const error = await this.#attempt(active);
    deadline.cancel();
    active.lapse?.cancel();
    this.#active.delete(order.run);
    const recalled = abort.signal.reason === RECALLED;
    const { platform } = active;
    send(
      recalled
        ? { type: "handed-back", run: order.run }
        : { type: "outcome", run: order.run, error, ...(platform !== null && { platform }) },
    );
    await sessions.release(order, order.keepSession && keepsSession(error));
  }

  async #attempt(active: Active): Promise<JobError | null> {
    const { order, abort } = active;
    try {
      abort.signal.throwIfAborted();
      if (order.rendered) checkRendered(this.#deps.driver(order.driver), order);
      await this.#onSession(active);
      return null;
    } catch (thrown) {
      // What the abort was for is the answer, whatever the interrupted session says about it.
      return errorOf(abort.signal.aborted ? abort.signal.reason : thrown, order.secrets);
    }
  }

  /** A kept session that turns out to be dead before a byte of this run went to it costs the run nothing. */
  async #onSession(active: Active): Promise<void> {
    const { order, sessions, abort } = active;
    const run = { signal: abort.signal, progress: progressOf(active) };
    const lease = this.#lend(active);
    active.since = this.#deps.clock.monotonic();
    const { session, kept } = await sessions.obtain(order, { ...run, lease });
    const before = lease.writes;
    try {
      await this.#execute(active, session);
    } catch (error) {
      const untouched = kept && lease.writes === before && !abort.signal.aborted;
      if (!untouched || !isLostConnection(error)) throw error;
      sessions.discard(order);
      const again = await sessions.obtain(order, { ...run, lease: this.#lend(active) });
      await this.#execute(active, again.session);
    }
  }

  /** The lease of the run's session, from now on moved with the run's. */
  #lend(active: Active): WriteLease {
    const { order, sessions } = active;
    active.lease = sessions.leaseFor(order);
    this.#extend(active, order.mayWriteUntil);
    return active.lease;
  }

  async #execute(active: Active, session: DeviceSession<object>): Promise<void> {
    const { order, abort, credits } = active;
    const { clock, send } = this.#deps;
    abort.signal.throwIfAborted();
    active.begun = true;
    active.platform = session.platform ?? null;
    await execute(session, {
      order,
      clock,
      credits,
      signal: abort.signal,
      folders: this.#folders,
      connectMs: clock.monotonic() - active.since,
      progress: progressOf(active),
      send: (log) => send({ type: "output", run: order.run, log }),
    });
  }

  /** Of workers that have nothing to do. */
  *#idleFor(ms: number, mayWriteUntil: number): Iterable<() => Promise<void>> {
    for (const { current, sessions } of this.#places.values()) {
      if (current === null) yield* sessions.probes(ms, mayWriteUntil);
    }
  }

  #renew(runs: string[], until: number): void {
    for (const run of runs) {
      const active = this.#active.get(run);
      if (!active) continue;
      active.order.mayWriteUntil = until;
      if (active.lease) this.#extend(active, until);
    }
  }

  /** Lets the session write until then; past it, the run ends and its connection is destroyed. */
  #extend(active: Active, until: number): void {
    if (active.lease) active.lease.until = until;
    active.lapse?.cancel();
    active.lapse = this.#deps.clock.after(Math.max(0, until - this.#deps.clock.monotonic()), () => {
      active.sessions.destroy();
      active.abort.abort(new DeviceError("WorkerLost", "the worker's lease lapsed; its session was cut off"));
    });
  }

  #abort(run: string, error: JobError): void {
    this.#active.get(run)?.abort.abort(asDeviceError(error));
  }

  #recall(run: string): void {
    const active = this.#active.get(run);
    if (active && !active.begun) active.abort.abort(RECALLED);
  }

  #close(worker: string): void {
    const place = this.#places.get(worker);
    if (!place) return;
    this.#places.delete(worker);
    place.closing = true;
    const stopped = new DeviceError("WorkerStopped", "the worker was stopped");
    for (const { abort } of [place.current, ...place.waiting].filter((run) => run !== null))
      abort.abort(stopped);
    this.#next(place);
  }

  /** The run stays behind with its place; those that waited for it move to a new one. */
  #discard(run: string): void {
    const active = this.#active.get(run);
    if (!active) return;
    active.abort.abort(new DeviceError("WorkerStopped", "the run did not end when it was told to"));
    const place = this.#places.get(active.order.worker);
    if (place?.current !== active) return;
    place.sessions.destroy();
    this.#places.delete(active.order.worker);
    const { waiting } = place;
    place.waiting = [];
    if (waiting.length === 0) return;
    const fresh = this.#place(active.order.worker);
    for (const next of waiting) next.sessions = fresh.sessions;
    fresh.waiting = waiting;
    this.#next(fresh);
  }

  /** A jump host's address is valid where the device's is. */
  async #verifyHostKey(
    order: RunOrder,
    key: HostKey,
    { host, port }: { host: string; port: number },
  ): Promise<void> {
    if (this.#policy === "off") return;
    const request = ++this.#asked;
    const { site } = order.connectionArgs as { site?: string };
    const problem = await new Promise<string | null>((resolve) => {
      this.#questions.set(request, resolve);
      this.#deps.send({ type: "host-key", request, host, port, site: site ?? null, ...key });
    });
    if (problem !== null) throw new DeviceError("HostKeyError", problem, { retryable: false });
  }
}

function asDeviceError({ type, message, retryable }: JobError): DeviceError {
  return new DeviceError(type, message, { retryable });
}

function isLostConnection(error: unknown): boolean {
  return error instanceof DeviceError && error.type === "ConnectionError";
}

function progressOf(active: Active): (doing: string) => void {
  return (doing) => {
    active.doing = doing;
  };
}
