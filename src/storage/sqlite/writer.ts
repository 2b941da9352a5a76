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
  done: { call: Call; value: unknown }[];
  hints: Hint[];
}

/**
 * Group commit. Calls that arrive together share one transaction, so that one fsync serves them all; each has a
 * savepoint of its own, so that one that fails takes nothing of its neighbours with it. A promise resolves only
 * after COMMIT.
 */
export class Writer {
  readonly #patience: Patience;
  readonly #emit: (hints: Hint[]) => void;
  readonly #db: Database;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #savepoint: Statement;
  readonly #release: Statement;
  #waiting: Call[] = [];
  #scheduled = false;
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
    this.#savepoint = db.prepare("SAVEPOINT call");
    this.#release = db.prepare("RELEASE call");
  }

  /** Whether the last commit failed, as it does on a full disk. A commit that works clears it. */
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
    const group: Group = { done: [], hints: [] };
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
    for (const { call, value } of group.done) call.resolve(value);
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
    let taken = 0;
    try {
      while (taken < GROUP_CALLS && clock.monotonic() < end) {
        const call = this.#waiting[taken];
        if (!call) break;
        taken++;
        this.#runOne(call, group);
      }
    } finally {
      this.#waiting.splice(0, taken);
    }
  }

  #runOne(call: Call, group: Group): void {
    const hints: Hint[] = [];
    const tx: Tx = { now: call.now ?? this.#patience.clock.now(), hint: (hint) => hints.push(hint) };
    this.#savepoint.run();
    try {
      group.done.push({ call, value: call.run(tx) });
      this.#release.run();
      group.hints.push(...hints);
    } catch (error) {
      call.reject(translated(error, this.#patience.path));
      // A full or failing disk ends the whole transaction; then there is no savepoint to go back to.
      if (!this.#db.inTransaction) throw error;
      this.#db.run("ROLLBACK TO call; RELEASE call");
    }
  }

  /** The transaction as a whole did not happen. */
  #undo(group: Group, error: unknown): void {
    if (this.#db.inTransaction) this.#db.run("ROLLBACK");
    const calls = group.done.map(({ call }) => call);
    if (isBusy(error)) {
      this.#waiting.unshift(...calls);
      this.#waitForLock();
      return;
    }
    this.#failing = true;
    // Nothing was taken when BEGIN itself failed: then it is the first caller who learns why.
    const failed = calls.length > 0 ? calls : this.#waiting.splice(0, 1);
    for (const call of failed) call.reject(translated(error, this.#patience.path));
    this.#goOn();
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
