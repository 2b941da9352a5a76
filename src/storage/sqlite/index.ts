import type { Database } from "bun:sqlite";
import type { Store } from "../store.ts";
import { connect, type SqliteOptions } from "./connection.ts";
import { closedError, translated } from "./errors.ts";
import { sharedHints } from "./hints.ts";
import { addKey, findKey, listKeys, revokeKey } from "./methods/api-keys.ts";
import { appendOutput } from "./methods/append-output.ts";
import { appendAudit, listAudit, pruneAudit } from "./methods/audit.ts";
import { addBatch, batchCounts, changeBatch, forgetBatch, getBatch, listBatches } from "./methods/batches.ts";
import { cancel } from "./methods/cancel.ts";
import { cancelQueued } from "./methods/cancel-queued.ts";
import { claim } from "./methods/claim.ts";
import {
  claimDeliveries,
  countDeliveries,
  getDelivery,
  listDeliveries,
  replayDelivery,
  settleDelivery,
} from "./methods/deliveries.ts";
import { enqueue } from "./methods/enqueue.ts";
import { examine } from "./methods/examine.ts";
import { expire } from "./methods/expire.ts";
import { heartbeat } from "./methods/heartbeat.ts";
import { checkHostKey, forgetHostKey, listHostKeys } from "./methods/host-keys.ts";
import { list } from "./methods/list.ts";
import { listNodes, loseNode, nodeReports, registerNode, removeNode } from "./methods/nodes.ts";
import { outputs, readOutput } from "./methods/output.ts";
import { ping } from "./methods/ping.ts";
import { prune } from "./methods/prune.ts";
import { counts, get, queues } from "./methods/read.ts";
import { leases, reap } from "./methods/reap.ts";
import { releaseHeld } from "./methods/release-held.ts";
import { listSealed, reseal } from "./methods/reseal.ts";
import { changeSealingKey, checkSealingKey, endKeyChange, sealingKeys } from "./methods/sealing-key.ts";
import { forgetSecret, getSecret, listSecrets, putSecret } from "./methods/secrets.ts";
import { settle } from "./methods/settle.ts";
import { forgetTask, getTask, listTasks, markTask, pruneTasks, putTask } from "./methods/tasks.ts";
import { nodeLoads, waits } from "./methods/waits.ts";
import { addWorker, endWorker, pruneWorkers } from "./methods/worker-life.ts";
import { listWorkers, stopWorkers, suspendWorkers } from "./methods/workers.ts";
import { migrate } from "./migrate.ts";
import { patiently } from "./patience.ts";
import { Reader } from "./reader.ts";
import { Snapshot } from "./snapshot.ts";
import { WalFile } from "./wal-file.ts";
import { type Batch, type Tx, type Write, Writer } from "./writer.ts";

export type { SqliteOptions } from "./connection.ts";

/** Opens a database file as storage. Call `migrate` before anything else. */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const { path } = options;
  const db = await connect(options).catch((error: unknown) => {
    throw translated(error, path);
  });
  const { clock, warn = () => {}, synchronous = "full" } = options;
  const snapshot = new Snapshot(db);
  const hints = sharedHints({ path, clock, warn, beforeHeard: () => snapshot.end() });
  const wal =
    synchronous === "full" ? new WalFile({ path, checkpoint: () => checkpoint(db, snapshot) }) : null;
  const writer = new Writer({ db, patience: options, snapshot, wal, emit: hints.emit });
  const reader = new Reader(options, snapshot, writer);
  let closing: Promise<void> | null = null;

  /** Statements are prepared at the first call, when `migrate` has made their tables. */
  function write<P extends object, R>(prepare: (db: Database) => Write<P, R>) {
    const method = once(() => prepare(db));
    return (params: P & { now?: number }): Promise<R> =>
      writer.write((tx) => method()(params, tx), params.now);
  }

  function writeBatched<P extends object, R>(
    prepare: (db: Database) => (calls: P[], tx: Tx) => R[],
    weigh: (call: P) => number,
  ) {
    const method = once(() => prepare(db));
    // One object for all calls: by it the writer knows which of them go together.
    const batch: Batch<P, R> = { run: (calls, tx) => method()(calls, tx), weigh };
    return (params: P & { now?: number }): Promise<R> => writer.writeBatched(batch, params, params.now);
  }

  function read<A extends unknown[], R>(prepare: (db: Database) => (...args: A) => R) {
    const method = once(() => prepare(db));
    return async (...args: A): Promise<R> => {
      if (closing) throw closedError(path);
      return reader.read(() => method()(...args));
    };
  }

  /** For what takes several steps, each of them a read or a write. */
  function steps<A extends unknown[], R>(prepare: () => (...args: A) => Promise<R>) {
    const method = once(prepare);
    return async (...args: A): Promise<R> => {
      if (closing) throw closedError(path);
      const run = await patiently(options, method);
      return run(...args);
    };
  }

  const examinations = new Set<Promise<unknown>>();
  /** In a thread that `close` has to wait for. */
  function examination(params: { limit: number }) {
    const running = examine(path)(params).finally(() => examinations.delete(running));
    examinations.add(running);
    return running;
  }

  async function close(): Promise<void> {
    await writer.close();
    hints.close();
    await Promise.allSettled(examinations);
    await wal?.close();
    snapshot.end();
    db.close(true);
  }

  return {
    info: { name: "sqlite", multiHost: false, shards: 1 },
    migrate: steps(() => async () => {
      const done = await patiently(options, () => {
        snapshot.end();
        return migrate(db, path);
      });
      await wal?.sync();
      return done;
    }),
    ping: steps(() => ping(db, { writer, snapshot, patience: options })),
    close: () => {
      closing ??= close();
      return closing;
    },

    enqueue: writeBatched(enqueue, ({ jobs }) => jobs.length),
    claim: steps(() => claim(db, writer, options.random)),
    heartbeat: write(heartbeat),
    appendOutput: write(appendOutput),
    readOutput: read(readOutput),
    settle: write(settle),
    cancel: write(cancel),
    cancelQueued: steps(() => cancelQueued(db, writer)),
    releaseHeld: steps(() => releaseHeld(db, writer)),
    leases: read(leases),
    reap: write(reap),
    expire: steps(() => expire(db, writer)),
    get: read(get),
    outputs: read(outputs),
    list: steps(() => list(db, reader)),
    counts: read(counts),
    batchCounts: steps(() => batchCounts(db, reader)),
    queues: steps(() => queues(db, reader)),
    waits: steps(() => waits(db, reader)),
    nodeLoads: read((database) => nodeLoads(database, reader)),
    nodeReports: read((database) => nodeReports(database, reader)),
    prune: steps(() => prune(db, writer, reader)),

    registerNode: write(registerNode),
    nodes: read(listNodes),
    loseNode: write(loseNode),
    removeNode: write(removeNode),
    addWorker: write(addWorker),
    endWorker: write(endWorker),
    listWorkers: read(listWorkers),
    stopWorkers: write(stopWorkers),
    suspendWorkers: write(suspendWorkers),
    pruneWorkers: write(pruneWorkers),

    addKey: write(addKey),
    findKey: read(findKey),
    revokeKey: write(revokeKey),
    listKeys: read(listKeys),
    appendAudit: write(appendAudit),
    listAudit: steps(() => listAudit(db, reader)),
    pruneAudit: write(pruneAudit),
    addBatch: write(addBatch),
    getBatch: read(getBatch),
    changeBatch: write(changeBatch),
    listBatches: read(listBatches),
    forgetBatch: write(forgetBatch),
    checkHostKey: write(checkHostKey),
    forgetHostKey: write(forgetHostKey),
    listHostKeys: read(listHostKeys),
    checkSealingKey: write(checkSealingKey),
    sealingKeys: read(sealingKeys),
    changeSealingKey: write(changeSealingKey),
    endKeyChange: write(endKeyChange),
    listSealed: read(listSealed),
    reseal: write(reseal),
    putSecret: write(putSecret),
    getSecret: read(getSecret),
    listSecrets: read(listSecrets),
    forgetSecret: write(forgetSecret),
    putTask: write(putTask),
    getTask: read((database) => getTask(database, reader)),
    listTasks: read((database) => listTasks(database, reader)),
    markTask: write(markTask),
    forgetTask: write(forgetTask),
    pruneTasks: write(pruneTasks),
    claimDeliveries: write(claimDeliveries),
    settleDelivery: write(settleDelivery),
    getDelivery: read(getDelivery),
    countDeliveries: read(countDeliveries),
    listDeliveries: read(listDeliveries),
    replayDelivery: write(replayDelivery),
    examine: steps(() => examination),
    subscribe: hints.subscribe,
  };
}

function checkpoint(db: Database, snapshot: Snapshot): boolean {
  snapshot.end();
  return db.prepare<{ busy: number }, []>("PRAGMA wal_checkpoint(FULL)").get()?.busy === 0;
}

function once<R>(make: () => R): () => R {
  let made: { value: R } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
