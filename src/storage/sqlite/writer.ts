import type { Database, Statement } from "bun:sqlite";
import type { Hint } from "../storage.ts";
import { busyError, closedError, isBusy, translated } from "./errors.ts";
import { PATIENCE_MS, type Patience, pauseMs } from "./patience.ts";

/** What a write sees of the transaction it is part of. */
export interface Tx {
  readonly now: number;
  /** Told to subscribers once the transaction is committed. */
  hint(hint: Hint): void;
}

/** One write: synchronous, prepared once, and run inside a transaction that others may share. */
export type Write<P, R> = (params: P, tx: Tx) => R;

/** A transaction takes no more calls in once it has had so many, or lasted so long: others want the loop too. */
const GROUP_CALLS = 256;
const GROUP_MS = 8;

interface Call {
  run(tx: Tx): unknown;
  now: number | undefined;
  since: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** The calls of one transaction. */
interface Group {
  calls: Call[];
  values: unknown[];
  hints: Hint[];
}

/**
 * Group commit: calls that arrive together share one transaction, so that one fsync serves them all. A promise
 * resolves only after COMMIT.
 *
 * A call that fails must take nothing of its neighbours with it. It happens so rarely that a savepoint for each
 * call would be paid in vain (and within one, SQLite's statement journal makes many rows cost their square):
 * instead the group is undone and its calls are run again one by one.
 */
export class Writer {
  readonly #patience: Patience;
  readonly #emit: (hints: Hint[]) => void;
  readonly #db: Database;
  readonly #begin: Statement;
  readonly #commit: Statement;
  #waiting: Call[] = [];
  #scheduled = false;
  /** How many of the waiting calls must have a transaction each, for one of them has failed. */
  #alone = 0;
  #attempt = 0;
  #closed = false;
  #idle: (() => void)[] = [];
  #failing = false;

  constructor(db: Database, patience: Patience, emit: (hints: Hint[]) => void) {
    this.#db = db;
    this.#patience = patience;
    this.#emit = emit;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
  }

  /** Whether the last transaction failed, as it does on a full disk. One that works clears it. */
  get failing(): boolean {
    return this.#failing;
  }

  write<R>(run: (tx: Tx) => R, now?: number): Promise<R> {
    if (this.#closed) return Promise.reject(closedError(this.#patience.path));
    return new Promise<R>((resolve, reject) => {
      const since = this.#patience.clock.monotonic();
      // Safe: `resolve` is only ever called with what this very `run` returned.
      this.#waiting.push({ run, now, since, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Takes no more calls, and answers when those it took are settled. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const group: Group = { calls: [], values: [], hints: [] };
    try {
      this.#begin.run();
      this.#fill(group);
      this.#commit.run();
    } catch (error) {
      this.#undo(group, error);
      return;
    }
    this.#attempt = 0;
    this.#failing = false;
    for (const [n, call] of group.calls.entries()) call.resolve(group.values[n]);
    this.#emit(group.hints);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#waiting.length > 0) return this.#schedule();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #fill(group: Group): void {
    const { clock } = this.#patience;
    const end = clock.monotonic() + GROUP_MS;
    const most = this.#alone > 0 ? 1 : GROUP_CALLS;
    const hint = (hint: Hint) => void group.hints.push(hint);
    for (const call of this.#waiting) {
      if (group.calls.length === most || clock.monotonic() > end) break;
      group.calls.push(call);
      group.values.push(call.run({ now: call.now ?? clock.now(), hint }));
    }
    this.#taken(group.calls.length);
  }

  #taken(calls: number): void {
    this.#waiting.splice(0, calls);
    this.#alone = Math.max(0, this.#alone - calls);
  }

  /** The transaction did not happen. Its calls still wait, unless it failed in COMMIT. */
  #undo({ calls }: Group, error: unknown): void {
    if (this.#db.inTransaction) this.#db.run("ROLLBACK");
    if (this.#waiting[0] !== calls[0] && calls.length > 0) this.#waiting.unshift(...calls);
    if (isBusy(error)) return this.#waitForLock();
    if (calls.length > 1) this.#alone = calls.length;
    else this.#fail(error);
    this.#goOn();
  }

  #fail(error: unknown): void {
    this.#failing = true;
    const [call] = this.#waiting;
    this.#taken(1);
    call?.reject(translated(error, this.#patience.path));
  }

  #waitForLock(): void {
    const { clock, path } = this.#patience;
    const now = clock.monotonic();
    const overdue = (call: Call) => now - call.since >= PATIENCE_MS;
    for (const call of this.#waiting.filter(overdue)) call.reject(busyError(path, now - call.since));
    this.#waiting = this.#waiting.filter((call) => !overdue(call));
    if (this.#waiting.length === 0) return this.#goOn();
    this.#scheduled = true;
    clock.after(pauseMs(this.#attempt++), () => this.#flush());
  }
}
