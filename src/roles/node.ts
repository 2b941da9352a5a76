import { hostname } from "node:os";
import { resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import { parseProxies, parseSites } from "../core/device.ts";
import { StorageError } from "../core/errors.ts";
import { driverRegistry } from "../device/registry.ts";
import type { Evictions } from "../engine/adoption.ts";
import type { Grace } from "../engine/drain.ts";
import { adoptionDelayMs } from "../engine/placement.ts";
import type { HostKeyQuestion, HostTerms } from "../ipc/messages.ts";
import type { Logger } from "../observe/log.ts";
import { BUILD } from "../observe/version.ts";
import { Admission, type AdmissionCounters, type AdmissionTerms } from "../worker/admission.ts";
import { credentialed } from "../worker/credentialed.ts";
import { judgeHostKey } from "../worker/host-key-policy.ts";
import type { NodeEvents, NodeOptions } from "../worker/incarnation.ts";
import { Node } from "../worker/node.ts";
import { SessionHosts } from "../worker/session-hosts.ts";
import { hostEnvironment, spawnHosts } from "../worker/spawn-host.ts";
import { type Base, openBase } from "./base.ts";
import { nodeCredentials } from "./credentials.ts";
import { makeDataDir } from "./data-dir.ts";
import { lockNodeName } from "./data-dir-lock.ts";
import { fileExpiry } from "./file-expiry.ts";
import { nodeDoorPath, openNodeDoor } from "./node-door.ts";
import type { StartRole } from "./running.ts";
import { selfCommand } from "./self-command.ts";
import { templateHosts } from "./templates.ts";

/** No HTTP: takes work from the store. Several on one store each have a name of their own. */
export const node: StartRole = async (config, env, open) => {
  makeDataDir(config.dataDir);
  const lock = await lockNodeName(config.dataDir, config.node.name);
  const log = open(config.server.apiKey === null ? [] : [config.server.apiKey]);
  const base = await openBase({ config, env, log });
  const running = await startNode(base);
  const door = openNodeDoor(nodeDoorPath(config.dataDir, config.node.name), log);
  return {
    log,
    announcement: [`netpulse node ${config.node.name} is running`],
    async stop(grace) {
      await running.stop(grace);
      await door.close();
      await base.storage.close();
      lock.release();
    },
  };
};

/** A node at work. */
export interface RunningNode {
  stop(grace: Grace): Promise<void>;
  counters(): NodeCounters;
}

/** What a node has done with its device sessions since its start, and what it holds back at this moment. */
export interface NodeCounters extends AdmissionCounters {
  evictions: Evictions;
}

/** Builds this machine's node with its session hosts and starts it. */
export async function startNode(base: Base): Promise<RunningNode> {
  const { config, env, log, storage, sealer, clock, ids } = base;
  const admission = new Admission(clock, admissionTerms(config));
  const credentials = nodeCredentials(base);
  const drivers = driverRegistry(base.drivers);
  const hosts = new SessionHosts({
    spawn: spawnHosts(sessionHost(config), hostEnvironment(env)),
    clock,
    build: BUILD,
    sessionsPerHost: config.worker.sessionsPerHost,
    terms: hostTerms(config),
    admission,
    probeIntervalMs: config.session.probeInterval * 1000,
    maxOutput: config.job.maxOutput,
    judgeHostKey: (question: HostKeyQuestion) => judgeHostKey(storage, config.ssh.hostKeyPolicy, question),
    onHostExit: (pid, reason) => log.warn("a session host ended", { pid, reason }),
    onError: (error) => log.error("session hosts", { error }),
  });
  const executor = credentialed({
    executor: hosts,
    credentials,
    driver: (name) => drivers.find(name),
    clock,
    onError: (error) => log.error("credentials", { error }),
  });
  const options = nodeOptions(config);
  const templates = templateHosts(base);
  const started = new Node({
    storage,
    batches: storage,
    executor,
    sealer,
    templating: { templates, maxCommands: config.job.maxCommands, maxParsed: config.templates.maxOutput },
    clock,
    ids,
    admission,
    options,
    events: nodeEvents(log),
  });
  // Of its own folder: what attempts to bring files have left there. Of another one the API takes care.
  const expiry = config.storageFiles.url === null ? null : fileExpiry(base);
  await started.start();
  await expiry?.start();
  return {
    async stop(grace) {
      await expiry?.stop();
      await started.stop(grace);
      credentials.stop();
      await templates.stop();
    },
    counters: () => ({ ...admission.counters(), evictions: started.evictions() }),
  };
}

/** A session host works in another folder, and has nothing of ours but what it is told. */
function sessionHost({ driversDir }: Config): string[] {
  return selfCommand("session-host", ...(driversDir === null ? [] : [resolve(driversDir)]));
}

function hostTerms({ ssh, session, tls, storageFiles: { dir, maxSize, url } }: Config): HostTerms {
  return {
    hostKeyPolicy: ssh.hostKeyPolicy,
    perDevice: session.perDevice,
    ssh: {
      agentSocket: ssh.agentSocket,
      proxies: parseProxies(ssh.proxies) ?? null,
      hopIdleMs: ssh.hopIdle * 1000,
      maxHops: ssh.maxHops,
    },
    tls: { dir: tls.dir === null ? null : resolve(tls.dir) },
    files: { dir: resolve(dir), maxSize, url },
  };
}

function admissionTerms({ session, breaker }: Config): AdmissionTerms {
  const open = { openForMs: breaker.openFor * 1000, longestMs: breaker.maxOpenFor * 1000 };
  return {
    perDevice: session.perDevice,
    connects: { perSecond: session.connectRate, burst: session.connectBurst },
    devices: { failures: breaker.failures, ...open },
    logins: { failures: breaker.loginFailures, ...open },
  };
}

function nodeOptions(config: Config): NodeOptions {
  const { worker } = config;
  return {
    name: config.node.name,
    hostname: hostname(),
    pid: process.pid,
    fifoWorkers: worker.fifo,
    sites: parseSites(config.node.sites) ?? [],
    pinnedCapacity: worker.pinned,
    lease: { leaseMs: worker.lease * 1000, marginMs: worker.leaseMargin * 1000 },
    idleTimeoutMs: worker.idleTimeout * 1000,
    deadRetentionMs: worker.deadRetention * 1000,
    stopGraceMs: worker.stopGrace * 1000,
    adoptionDelayMs: (load) => adoptionDelayMs(worker.placement, load, Math.random),
    retryDelayMs,
  };
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Doubles with every attempt up to a minute; the jitter keeps a crowd from coming back as one. */
function retryDelayMs(attempt: number): number {
  const full = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
  return full / 2 + (Math.random() * full) / 2;
}

function nodeEvents(log: Logger): NodeEvents {
  return {
    reaped: (jobs) => {
      for (const job of jobs) log.warn("the run of a lost worker was ended", { job });
    },
    lostNodes: (names) => {
      for (const node of names) log.warn("a node was lost", { node });
    },
    others: (names) => log.info(`other nodes of this store: ${names.join(", ") || "none"}`),
    declaredLost: () => log.error("this node was declared lost and begins anew; is its name used twice?"),
    error: failureLog(log),
  };
}

/** A store that is away makes every duty fail every second: then one line a minute says so. */
const QUIET_MS = 60_000;

function failureLog(log: Logger): NodeEvents["error"] {
  let quietUntil = 0;
  return (component, error) => {
    if (!(error instanceof StorageError) || error.kind !== "unavailable")
      return log.error("a duty of the node failed", { component, error });
    if (systemClock.monotonic() < quietUntil) return;
    quietUntil = systemClock.monotonic() + QUIET_MS;
    log.error("the store does not answer; work goes on when it does", { component, error });
  };
}
