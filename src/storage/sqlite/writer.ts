import type { Database, Statement } from "bun:sqlite";
import type { Hint } from "../storage.ts";
import { busyError, closedError, isBusy, translated } from "./errors.ts";
import { PATIENCE_MS, type Patience, pauseMs } from "./patience.ts";
import type { Snapshot } from "./snapshot.ts";
import { Tally } from "./tally.ts";
import type { WalFile } from "./wal-file.ts";

/** What a write sees of the transaction it is part of. */
export interface Tx {
  readonly now: number;
  /** What the changes of jobs come to; written before COMMIT. */
  readonly tally: Tally;
  /** Told to subscribers once the transaction is committed. */
  hint(hint: Hint): void;
}

/** One write: synchronous, prepared once, and run inside a transaction that others may share. */
export type Write<P, R> = (params: P, tx: Tx) => R;

/** A write that does neighbouring calls in one go, which costs less than one by one and comes to the same. */
export interface Batch<P, R> {
  /** An answer for each of `calls`, in their order. */
  run(calls: P[], tx: Tx): R[];
  /** How much work a call is; those of one go weigh no more than `GROUP_WEIGHT` together. */
  weigh(call: P): number;
}

/** A transaction takes no more calls in once it has had so many, or lasted so long: others want the loop too. */
const GROUP_CALLS = 256;
const GROUP_MS = 8;
const GROUP_WEIGHT = 512;

interface Call {
  batch: Batch<unknown, unknown>;
  params: unknown;
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

export interface WriterDeps {
  db: Database;
  patience: Patience;
  snapshot: Snapshot;
  /** Where commits are brought to the disk before they are answered; null: they are answered at once. */
  wal: Pick<WalFile, "sync"> | null;
  emit(hints: Hint[]): void;
}

/**
 * Group commit: calls that arrive together share one transaction, so that one fsync serves them all; those that arrive
 * during the fsync make the next. A promise resolves only when its transaction is on the disk.
 *
 * A call that fails must take nothing of its neighbours with it. It happens so rarely that a savepoint for each
 * call would be paid in vain (and within one, SQLite's statement journal makes many rows cost their square):
 * instead the group is undone and its calls are run again one by one.
 */
export class Writer {
  readonly #patience: Patience;
  readonly #deps: WriterDeps;
  readonly #db: Database;
  readonly #tally: Tally;
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
  #unsynced: Promise<void> | null = null;

  constructor(deps: WriterDeps) {
    const { db, patience } = deps;
    this.#deps = deps;
    this.#db = db;
    this.#patience = patience;
    this.#tally = new Tally(db);
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
  }

  /** Whether the last transaction failed, as it does on a full disk. One that works clears it. */
  get failing(): boolean {
    return this.#failing;
  }

  /** While the last transaction is on its way to the disk; resolves when that has ended, well or not. */
  get unsynced(): Promise<void> | null {
    return this.#unsynced;
  }

  write<R>(run: (tx: Tx) => R, now?: number): Promise<R> {
    return this.writeBatched({ run: (_, tx) => [run(tx)], weigh: () => 1 }, null, now);
  }

  /** Calls of one and the same `batch` that wait together are run together. */
  writeBatched<P, R>(batch: Batch<P, R>, params: P, now?: number): Promise<R> {
    if (this.#closed) return Promise.reject(closedError(this.#patience.path));
    return new Promise<R>((resolve, reject) => {
      const since = this.#patience.clock.monotonic();
      // Safe: a batch is only ever run with the params it was given, and `resolve` called with what it answered.
      const call = { batch, params, now, since, resolve, reject } as Call;
      this.#waiting.push(call);
      this.#schedule();
    });
  }

  /** Takes no more calls, and answers when those it took are settled. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting.length === 0 && this.#unsynced === null) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#unsynced !== null) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const group: Group = { calls: [], values: [], hints: [] };
    try {
      this.#deps.snapshot.end();
      this.#begin.run();
      this.#fill(group);
      this.#tally.write();
      this.#commit.run();
      if (this.#tally.owed > 0) group.hints.push({ kind: "delivery" });
      this.#tally.clear();
    } catch (error) {
      this.#undo(group, error);
      return;
    }
    this.#attempt = 0;
    if (this.#deps.wal === null) this.#answer(group);
    else this.#unsynced = this.#bringToDisk(group, this.#deps.wal);
  }

  async #bringToDisk(group: Group, wal: Pick<WalFile, "sync">): Promise<void> {
    try {
      await wal.sync();
      this.#unsynced = null;
      this.#answer(group);
    } catch (error) {
      this.#unsynced = null;
      this.#doubt(group, error);
    }
  }

  #answer({ calls, values, hints }: Group): void {
    this.#failing = false;
    for (const [n, call] of calls.entries()) call.resolve(values[n]);
    this.#deps.emit(hints);
    this.#goOn();
  }

  /** The transaction happened, and may be undone by a power cut. */
  #doubt({ calls, hints }: Group, error: unknown): void {
    this.#failing = true;
    for (const call of calls) call.reject(error);
    this.#deps.emit(hints);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#waiting.length > 0) return this.#schedule();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #fill(group: Group): void {
    const { clock } = this.#patience;
    const end = clock.monotonic() + GROUP_MS;
    const most = Math.min(this.#waiting.length, this.#alone > 0 ? 1 : GROUP_CALLS);
    const hint = (hint: Hint) => void group.hints.push(hint);
    while (group.calls.length < most && clock.monotonic() <= end) {
      const calls = this.#neighbours(group.calls.length, most);
      group.calls.push(...calls);
      const [first] = calls;
      const tx = { now: first?.now ?? clock.now(), tally: this.#tally, hint };
      const values = first?.batch.run(
        calls.map(({ params }) => params),
        tx,
      );
      group.values.push(...(values ?? []));
    }
    this.#taken(group.calls.length);
  }

  /** The waiting calls from `start` on that can be done in one go; at least one. */
  #neighbours(start: number, end: number): Call[] {
    const calls: Call[] = [];
    let weight = 0;
    for (let at = start; at < end; at++) {
      const call = this.#waiting[at];
      const first = calls[0] ?? call;
      if (!call || call.batch !== first?.batch || call.now !== first.now) break;
      weight += call.batch.weigh(call.params);
      if (weight > GROUP_WEIGHT && calls.length > 0) break;
      calls.push(call);
    }
    return calls;
  }

  #taken(calls: number): void {
    this.#waiting.splice(0, calls);
    this.#alone = Math.max(0, this.#alone - calls);
  }

  /** The transaction did not happen. Its calls still wait, unless it failed in COMMIT. */
  #undo({ calls }: Group, error: unknown): void {
    if (this.#db.inTransaction) this.#db.run("ROLLBACK");
    this.#tally.clear();
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
