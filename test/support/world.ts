import { expect } from "bun:test";
import { StorageError } from "../../src/core/errors.ts";
import { idSource } from "../../src/core/ids.ts";
import type { Job } from "../../src/core/job.ts";
import { type CredentialResolver, credentialChain } from "../../src/credentials/chain.ts";
import { createEngine } from "../../src/engine/create.ts";
import type { ExecRequest, JobView } from "../../src/engine/engine.ts";
import { adoptionDelayMs } from "../../src/engine/placement.ts";
import { sealer } from "../../src/engine/seal.ts";
import type { Templating } from "../../src/engine/templating.ts";
import { openStorage } from "../../src/storage/open.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { Admission, type AdmissionTerms } from "../../src/worker/admission.ts";
import { credentialed } from "../../src/worker/credentialed.ts";
import type { NodeOptions } from "../../src/worker/incarnation.ts";
import { Node } from "../../src/worker/node.ts";
import { SessionHosts } from "../../src/worker/session-hosts.ts";
import { GENEROUS } from "./admission.ts";
import { aCaller, UNNOTED } from "./callers.ts";
import { FakeClock } from "./clock.ts";
import { inProcessHosts } from "./in-process-host.ts";
import { FILE_TERMS } from "./no-files.ts";
import { NO_TEMPLATES } from "./no-templates.ts";
import { WEBHOOKS } from "./no-webhooks.ts";
import { echoScript, type Script, type ScriptedDevice, scriptedDriver } from "./scripted-driver.ts";
import { SSH_TERMS, TLS_TERMS } from "./ssh-terms.ts";
import { tempDir } from "./tempdir.ts";

export const LEASE = { leaseMs: 10_000, marginMs: 1_000 };
const seal = sealer(new Uint8Array(32).fill(1));
const stops: (() => Promise<void>)[] = [];

/** Ends what the worlds of a test have started; fails the test when a node met an error. */
export async function endWorlds(): Promise<void> {
  for (const stop of stops.splice(0).toReversed()) await stop();
}

/** One store and one clock; nodes and jobs are added by the tests. */
export async function world(script: Script = echoScript, device: ScriptedDevice = {}) {
  const clock = new FakeClock();
  const dir = tempDir("node");
  const storage = await openStorage({ url: `sqlite:${dir.file("test.db")}`, clock, synchronous: "normal" });
  await storage.migrate();
  const ids = idSource(clock);
  const { driver, log } = scriptedDriver(script, device);
  const engine = createEngine({
    storage,
    batches: storage,
    tasks: storage,
    ...UNNOTED,
    deliveries: storage,
    webhooks: WEBHOOKS,
    sealer: seal,
    clock,
    ids,
    stopWaitMs: 9_000,
    healthLimitMs: 2_000,
    nodeSilenceMs: LEASE.leaseMs,
    inlineOutput: 1024 * 1024,
    drivers: { find: () => driver, names: () => ["scripted"] },
    files: { id: "folder" },
    limits: {
      ttl: 300,
      executionTimeout: 60,
      resultTtl: 3600,
      maxCommands: 100,
      testTimeout: 30,
      taskTtl: 3600,
    },
  });
  await engine.start();
  const errors: unknown[] = [];
  stops.push(async () => {
    await engine.stop();
    await storage.close();
    dir.remove();
    expect(errors).toEqual([]);
  });

  async function addNode(
    name: string,
    change: Partial<NodeOptions> & {
      storage?: Storage;
      lost?: string[];
      sessionsPerHost?: number;
      admission?: Partial<AdmissionTerms>;
      probeIntervalMs?: number;
      templating?: Templating;
      credentials?: CredentialResolver;
    } = {},
  ) {
    const hosts = inProcessHosts({ clock, driver });
    const store = change.storage ?? storage;
    const reaped: string[] = [];
    const admission = new Admission(clock, { ...GENEROUS, ...change.admission });
    const sessionHosts = new SessionHosts({
      spawn: hosts.spawn,
      clock,
      build: "test",
      sessionsPerHost: change.sessionsPerHost ?? 100,
      terms: { hostKeyPolicy: "off", perDevice: 2, ssh: SSH_TERMS, tls: TLS_TERMS, files: FILE_TERMS },
      admission,
      probeIntervalMs: change.probeIntervalMs ?? 0,
      maxOutput: 1e6,
      judgeHostKey: async () => null,
      onHostExit: () => {},
      onError: (error) => errors.push(error),
    });
    const executor = credentialed({
      executor: sessionHosts,
      credentials: change.credentials ?? credentialChain({ providers: [], chain: [], onFault: () => {} }),
      driver: () => driver,
      clock,
      onError: (error) => errors.push(error),
    });
    const node = new Node({
      storage: store,
      batches: storage,
      ...UNNOTED,
      executor,
      admission,
      sealer: seal,
      templating: change.templating ?? NO_TEMPLATES,
      clock,
      ids,
      options: {
        name,
        hostname: "test",
        pid: 1,
        fifoWorkers: 2,
        sites: [null],
        pinnedCapacity: 3,
        lease: LEASE,
        idleTimeoutMs: 600_000,
        deadRetentionMs: 3_600_000,
        stopGraceMs: 3_000,
        adoptionDelayMs: (load) => adoptionDelayMs("least_load", load, () => 0),
        retryDelayMs: () => 1_000,
        ...change,
      },
      events: {
        reaped: (jobs) => reaped.push(...jobs),
        lostNodes: (names) => change.lost?.push(...names),
        others: () => {},
        declaredLost: () => change.lost?.push(name),
        error: (where, error) => {
          if (!(error instanceof StorageError)) errors.push([where, error]);
        },
      },
    });
    await node.start();
    await clock.settle();
    stops.push(() => stopped(node.stop()));
    return { node, hosts, reaped, admission };
  }

  /** Stopping waits for timers; let time pass until it is done. */
  async function stopped(stopping: Promise<void>): Promise<void> {
    let done = false;
    const marked = stopping.finally(() => {
      done = true;
    });
    while (!done) await clock.advance(100);
    await marked;
  }

  async function submit(change: Partial<ExecRequest> & { host?: string } = {}): Promise<Job> {
    const { host = "10.0.0.1", ...rest } = change;
    const { job } = await engine.submit(
      {
        driver: "scripted",
        connectionArgs: { host, username: "u", password: "p" },
        driverArgs: {},
        operation: { kind: "command", text: "show version" },
        ...rest,
      },
      aCaller(),
    );
    await clock.settle();
    return job;
  }

  const view = (job: Job): Promise<JobView> =>
    engine.job({ id: job.id, waitMs: 0, outputs: true, signal: new AbortController().signal });

  /** Lets time pass in small steps until the job is in this status. */
  async function until(job: Job, status: Job["status"], mostMs = 60_000): Promise<JobView> {
    for (let passed = 0; passed <= mostMs; passed += 100) {
      const now = await view(job);
      if (now.job.status === status) return now;
      await clock.advance(100);
    }
    throw new Error(`the job is ${(await view(job)).job.status}, not ${status}, after ${mostMs} ms`);
  }

  return { clock, storage, sealer: seal, engine, driver, log, errors, addNode, submit, view, until, stopped };
}

export const stuck: Script = async function* ({ signal }) {
  yield { kind: "start", index: 0 };
  yield { kind: "data", index: 0, stream: "stdout", text: "so far\n" };
  signal.throwIfAborted();
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
};

/** Neither ends nor obeys. */
export const deaf: Script = async function* () {
  yield { kind: "start", index: 0 };
  yield { kind: "data", index: 0, stream: "stdout", text: "so far\n" };
  await new Promise(() => {});
};

/** A store as plain functions, so that single ones can be replaced. */
export function bind(storage: Storage): Storage {
  const bound: Record<string, unknown> = { info: storage.info };
  for (const name of METHODS) bound[name] = (storage[name] as (...args: never[]) => unknown).bind(storage);
  return bound as unknown as Storage;
}

/** The same store over a line that can be cut. */
export function cuttable(storage: Storage, cut: { off: boolean }): Storage {
  const plain = bind(storage) as unknown as Record<string, unknown>;
  for (const name of METHODS) {
    if (name === "subscribe" || name === "close") continue;
    const call = plain[name] as (...args: unknown[]) => Promise<unknown>;
    plain[name] = async (...args: unknown[]) => {
      if (cut.off) throw new StorageError("unavailable", "cut off");
      return call(...args);
    };
  }
  return plain as unknown as Storage;
}

const METHODS = [
  "migrate",
  "ping",
  "close",
  "enqueue",
  "claim",
  "heartbeat",
  "waits",
  "nodeLoads",
  "nodeReports",
  "appendOutput",
  "readOutput",
  "settle",
  "cancel",
  "cancelQueued",
  "releaseHeld",
  "leases",
  "reap",
  "expire",
  "get",
  "outputs",
  "list",
  "counts",
  "batchCounts",
  "queues",
  "prune",
  "registerNode",
  "nodes",
  "loseNode",
  "removeNode",
  "addWorker",
  "endWorker",
  "listWorkers",
  "stopWorkers",
  "suspendWorkers",
  "pruneWorkers",
  "subscribe",
] as const satisfies (keyof Storage)[];
