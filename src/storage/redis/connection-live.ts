import type { Redis } from "ioredis";
import type { Clock, Timer } from "../../core/clock.ts";
import { StorageError } from "../../core/errors.ts";
import { canSend, discard, openSocket, retire, type SocketOptions, send } from "./connection-socket.ts";
import { closedError, isLasting, NotSentError, translated, UnfitError } from "./errors.ts";
import type { Reply } from "./link.ts";
import type { Endpoint } from "./url.ts";

export interface ConnectionParams {
  socket: SocketOptions;
  clock: Clock;
  /** What errors call the server: `redis at 10.0.0.1:6379`. */
  place: string;
  /** Where to connect; asked before every attempt. */
  find(): Promise<Endpoint>;
  /** Called with every new socket before it is used; drops it by throwing. */
  prepare(socket: Redis): Promise<void>;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** A connection that held for less counts as a failed attempt, or a server that drops each one would be stormed. */
const STEADY_MS = 1_000;
/** Calls that may wait for the server to come back; more fail at once. */
const MAX_WAITING = 1_000;

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** A way to one server that makes itself anew, whatever becomes of the server, until it is closed. */
export class Connection {
  readonly place: string;
  readonly #params: ConnectionParams;
  readonly #waiters = new Set<Waiter>();
  #socket: Redis | null = null;
  #since = 0;
  /** In a row. */
  #failures = 0;
  #failure: unknown = null;
  #retry: Timer | null = null;
  #closed = false;

  /** Begins to connect. */
  constructor(params: ConnectionParams) {
    this.place = params.place;
    this.#params = params;
    void this.#connect();
  }

  get isReady(): boolean {
    return this.#socket !== null;
  }

  /** Whether it fails for a reason that waiting does not cure. */
  get isHopeless(): boolean {
    return this.#socket === null && isLasting(this.#failure);
  }

  /** Tells one socket from the next: what was done on one says nothing about the other. */
  get socket(): object | null {
    return this.#socket;
  }

  /** Sends a command once. `NotSentError` when it is not ready. */
  send(name: string, args: (string | Buffer | number)[]): Promise<Reply> {
    if (this.#socket === null) return Promise.reject(new NotSentError());
    // Not only noted as down but left: whoever tries again at once must find it so.
    if (!canSend(this.#socket)) this.renew();
    return this.#socket === null ? Promise.reject(new NotSentError()) : send(this.#socket, name, args);
  }

  /** Resolves when it is ready. Rejects after `ms`, or at once where waiting is no use, with why it is not. */
  whenReady(ms: number): Promise<void> {
    if (this.#socket !== null) return Promise.resolve();
    if (this.#closed) return Promise.reject(closedError(this.place));
    if (this.isHopeless || ms <= 0) return Promise.reject(this.#why());
    if (this.#waiters.size >= MAX_WAITING) {
      return Promise.reject(new StorageError("unavailable", `${this.place}: too many calls wait for it`));
    }
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => () => {
        timer.cancel();
        this.#waiters.delete(waiter);
        settle();
      };
      const timer = this.#params.clock.after(
        ms,
        done(() => reject(this.#why())),
      );
      const waiter: Waiter = { resolve: done(resolve), reject: (error) => done(() => reject(error))() };
      this.#waiters.add(waiter);
    });
  }

  /** Leaves the server it is connected to, which was found to be the wrong one, and looks for the right one. */
  renew(): void {
    const socket = this.#socket;
    if (socket === null) return;
    this.#lost();
    retire(socket);
  }

  /** Takes nothing new; what is under way still gets its answer. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) retire(socket);
    for (const waiter of this.#waiters) waiter.reject(closedError(this.place));
  }

  async #connect(): Promise<void> {
    let socket: Redis | null = null;
    try {
      socket = await openSocket(await this.#params.find(), this.#params.socket);
      await this.#params.prepare(socket);
      if (this.#closed || socket.status !== "ready") throw new NotSentError();
      this.#use(socket);
    } catch (error) {
      if (socket !== null) discard(socket);
      this.#failed(error);
    }
  }

  #use(socket: Redis): void {
    this.#socket = socket;
    this.#failure = null;
    this.#since = this.#params.clock.monotonic();
    socket.once("end", () => {
      if (this.#socket === socket) this.#lost();
    });
    for (const waiter of this.#waiters) waiter.resolve();
  }

  #lost(): void {
    this.#socket = null;
    if (this.#params.clock.monotonic() - this.#since >= STEADY_MS) this.#failures = 0;
    this.#again();
  }

  #failed(error: unknown): void {
    this.#failure = error;
    if (isLasting(error)) for (const waiter of this.#waiters) waiter.reject(this.#why());
    this.#again();
  }

  #again(): void {
    if (this.#closed) return;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures = Math.min(this.#failures + 1, 16);
    this.#retry = this.#params.clock.after(jittered(pause), () => void this.#connect());
  }

  #why(): unknown {
    const silent = () => new UnfitError("it does not answer", { lasting: false });
    return translated(this.#failure ?? silent(), this.place);
  }
}

/** Between half of it and all of it, so that those who failed together do not come back together. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
