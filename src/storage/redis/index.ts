import type { Storage } from "../storage.ts";
import type { Store } from "../store.ts";
import { Batches } from "./batches.ts";
import { connectRedis, type RedisOptions } from "./connection.ts";
import { closedError } from "./errors.ts";
import { parseHints } from "./hints.ts";
import { addKey, findKey, listKeys, revokeKey } from "./methods/api-keys.ts";
import { appendOutput } from "./methods/append-output.ts";
import { appendAudit, listAudit, pruneAudit } from "./methods/audit.ts";
import {
  addBatch,
  batchCounts,
  changeBatch,
  forgetBatch,
  getBatch,
  listBatches,
  releaseHeld,
} from "./methods/bulks.ts";
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
import { ENQUEUE, enqueue } from "./methods/enqueue.ts";
import { examine } from "./methods/examine.ts";
import { expire } from "./methods/expire.ts";
import { heartbeat } from "./methods/heartbeat.ts";
import { checkHostKey, forgetHostKey, listHostKeys } from "./methods/host-keys.ts";
import { list } from "./methods/list.ts";
import { loseNode, nodeReports, nodes, registerNode, removeNode } from "./methods/nodes.ts";
import { outputs, readOutput } from "./methods/output.ts";
import { ping } from "./methods/ping.ts";
import { prune } from "./methods/prune.ts";
import { counts, get, queues } from "./methods/read.ts";
import { leases, reap } from "./methods/reap.ts";
import { listSealed, reseal } from "./methods/reseal.ts";
import { changeSealingKey, checkSealingKey, endKeyChange, sealingKeys } from "./methods/sealing-key.ts";
import { forgetSecret, getSecret, listSecrets, putSecret } from "./methods/secrets.ts";
import { settling } from "./methods/settle.ts";
import { forgetTask, getTask, listTasks, markTask, pruneTasks, putTask } from "./methods/tasks.ts";
import { nodeLoads, waits } from "./methods/waits.ts";
import { addWorker, endWorker, pruneWorkers } from "./methods/worker-life.ts";
import { listWorkers, stopWorkers, suspendWorkers } from "./methods/workers.ts";
import { migrate } from "./migrate.ts";

export type { RedisOptions } from "./connection.ts";

/** Connects to Redis as storage. Call `migrate` before anything else. */
export async function openRedis(options: RedisOptions): Promise<Store> {
  const link = await connectRedis(options);
  const { clock } = options;
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;

  /** Calls that were accepted are finished before the connection is closed; later ones fail. */
  function accepted<A extends unknown[], R>(method: (...args: A) => Promise<R>) {
    return async (...args: A): Promise<R> => {
      if (closing) throw closedError("Redis");
      const call = method(...args);
      underWay.add(call);
      try {
        return await call;
      } finally {
        underWay.delete(call);
      }
    };
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await link.close();
  }

  const read = get(link);
  const batches = new Batches({ link, clock, enqueueScript: ENQUEUE, get: (ids) => read({ ids }) });
  const { settle, inOrder } = settling(link);

  return {
    info: { name: "redis", multiHost: true, shards: link.shards },
    migrate: accepted(() => migrate({ link, clock })),
    ping: accepted(ping(link, clock)),
    close: () => {
      closing ??= close();
      return closing;
    },

    enqueue: accepted(enqueue(link, batches)),
    claim: accepted(inOrder(claim(link))),
    heartbeat: accepted(heartbeat(link)),
    appendOutput: accepted(appendOutput(link)),
    readOutput: accepted(readOutput(link)),
    settle: accepted(settle),
    cancel: accepted(cancel(link)),
    cancelQueued: accepted(cancelQueued(link)),
    releaseHeld: accepted(releaseHeld(link)),
    leases: accepted(leases(link)),
    reap: accepted(reap(link)),
    expire: accepted(expire(link, batches)),
    get: accepted(read),
    outputs: accepted(outputs(link)),
    list: accepted(list(link)),
    counts: accepted(counts(link)),
    batchCounts: accepted(batchCounts(link)),
    queues: accepted(queues(link)),
    waits: accepted(waits(link)),
    nodeLoads: accepted(nodeLoads(link)),
    nodeReports: accepted(nodeReports(link)),
    prune: accepted(prune(link, batches)),

    registerNode: accepted(registerNode(link)),
    nodes: accepted(nodes(link)),
    loseNode: accepted(loseNode(link)),
    removeNode: accepted(removeNode(link)),
    addWorker: accepted(addWorker(link)),
    endWorker: accepted(endWorker(link)),
    listWorkers: accepted(listWorkers(link)),
    stopWorkers: accepted(stopWorkers(link)),
    suspendWorkers: accepted(suspendWorkers(link)),
    pruneWorkers: accepted(pruneWorkers(link)),

    addKey: accepted(addKey(link)),
    findKey: accepted(findKey(link)),
    revokeKey: accepted(revokeKey(link)),
    listKeys: accepted(listKeys(link)),
    appendAudit: accepted(appendAudit(link)),
    listAudit: accepted(listAudit(link)),
    pruneAudit: accepted(pruneAudit(link)),
    addBatch: accepted(addBatch(link)),
    getBatch: accepted(getBatch(link)),
    changeBatch: accepted(changeBatch(link)),
    listBatches: accepted(listBatches(link)),
    forgetBatch: accepted(forgetBatch(link)),
    checkHostKey: accepted(checkHostKey(link)),
    forgetHostKey: accepted(forgetHostKey(link)),
    listHostKeys: accepted(listHostKeys(link)),
    checkSealingKey: accepted(checkSealingKey(link)),
    sealingKeys: accepted(sealingKeys(link)),
    changeSealingKey: accepted(changeSealingKey(link)),
    endKeyChange: accepted(endKeyChange(link)),
    listSealed: accepted(listSealed(link)),
    reseal: accepted(reseal(link)),
    putSecret: accepted(putSecret(link)),
    getSecret: accepted(getSecret(link)),
    listSecrets: accepted(listSecrets(link)),
    forgetSecret: accepted(forgetSecret(link)),
    putTask: accepted(putTask(link)),
    getTask: accepted(getTask(link)),
    listTasks: accepted(listTasks(link)),
    markTask: accepted(markTask(link)),
    forgetTask: accepted(forgetTask(link)),
    pruneTasks: accepted(pruneTasks(link)),
    claimDeliveries: accepted(claimDeliveries(link)),
    settleDelivery: accepted(settleDelivery(link)),
    getDelivery: accepted(getDelivery(link)),
    countDeliveries: accepted(countDeliveries(link)),
    listDeliveries: accepted(listDeliveries(link)),
    replayDelivery: accepted(replayDelivery(link)),
    examine: accepted(examine(link)),
    subscribe: (onHint: Parameters<Storage["subscribe"]>[0]) =>
      link.listen((message) => {
        for (const hint of parseHints(message)) onHint(hint);
      }),
  };
}
