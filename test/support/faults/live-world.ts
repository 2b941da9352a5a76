import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { StorageError } from "../../../src/core/errors.ts";
import { idSource } from "../../../src/core/ids.ts";
import { isFinal, type Job } from "../../../src/core/job.ts";
import { createEngine } from "../../../src/engine/create.ts";
import type { Engine, ExecRequest } from "../../../src/engine/engine.ts";
import { untilStored } from "../../../src/engine/persist.ts";
import { sealer } from "../../../src/engine/seal.ts";
import type { Store } from "../../../src/storage/store.ts";
import { Admission } from "../../../src/worker/admission.ts";
import { Node } from "../../../src/worker/node.ts";
import { SessionHosts } from "../../../src/worker/session-hosts.ts";
import { GENEROUS } from "../admission.ts";
import { aCaller, UNNOTED } from "../callers.ts";
import { inProcessHosts } from "../in-process-host.ts";
import { FILE_TERMS } from "../no-files.ts";
import { NO_TEMPLATES } from "../no-templates.ts";
import { WEBHOOKS } from "../no-webhooks.ts";
import { type Script, scriptedDriver } from "../scripted-driver.ts";
import { SSH_TERMS, TLS_TERMS } from "../ssh-terms.ts";

/** A command as a device got it. */
export interface Seen {
  host: string;
  command: string;
}

/** Another way to the store than that of the others. */
export interface Way {
  open?: () => Promise<Store>;
}

/** How a simulated device takes a command: resolves when it has answered. */
export type Answering = (seen: Seen, signal: AbortSignal) => Promise<void>;

export interface LiveWorldOptions {
  /** Opens the store once more, as another process would. */
  open(): Promise<Store>;
  leaseMs: number;
  marginMs: number;
  /** Default: the device answers at once. */
  answering?: Answering;
  clock?: Clock;
}

/**
 * Engine and nodes over a real store in real time, each with a connection of its own as in processes of their own,
 * with devices that write down what they get. What counts in the end is what the devices saw.
 */
export class LiveWorld {
  /** Every command in the order in which devices got them. */
  readonly seen: Seen[] = [];
  /** Jobs that some node found lost, and nodes that were declared lost. */
  readonly reaped: string[] = [];
  readonly lostNodes: string[] = [];
  /** What nodes reported beside a store that does not answer. */
  readonly errors: unknown[] = [];
  /** How often some duty of a node met a store that does not answer. */
  outages = 0;
  readonly #options: LiveWorldOptions;
  readonly #clock: Clock;
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #seal = sealer(new Uint8Array(32).fill(1));
  readonly #driver;
  readonly #watching = new Set<() => void>();

  constructor(options: LiveWorldOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#driver = scriptedDriver((request, context) => this.#device(request, context)).driver;
  }

  /** An API's engine with a connection of its own. */
  async addEngine({ open = this.#options.open }: Way = {}): Promise<{ engine: Engine; storage: Store }> {
    const storage = await open();
    const driver = this.#driver;
    const engine = createEngine({
      storage,
      batches: storage,
      tasks: storage,
      ...UNNOTED,
      deliveries: storage,
      webhooks: WEBHOOKS,
      sealer: this.#seal,
      clock: this.#clock,
      ids: idSource(this.#clock),
      stopWaitMs: 5_000,
      healthLimitMs: 2_000,
      nodeSilenceMs: this.#options.leaseMs,
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
    this.#stops.push(async () => {
      await engine.stop();
      await storage.close();
    });
    return { engine, storage };
  }

  /** A node with a connection of its own. */
  async addNode(name: string, { open = this.#options.open }: Way = {}): Promise<void> {
    const storage = await open();
    const { leaseMs, marginMs } = this.#options;
    const clock = this.#clock;
    const hosts = inProcessHosts({ clock, driver: this.#driver });
    const executor = new SessionHosts({
      spawn: hosts.spawn,
      clock,
      build: "test",
      sessionsPerHost: 100,
      terms: { hostKeyPolicy: "off", perDevice: 2, ssh: SSH_TERMS, tls: TLS_TERMS, files: FILE_TERMS },
      admission: new Admission(clock, GENEROUS),
      probeIntervalMs: 0,
      maxOutput: 1e6,
      judgeHostKey: async () => null,
      onHostExit: () => {},
      onError: (error) => this.errors.push(error),
    });
    const node = new Node({
      storage,
      batches: storage,
      executor,
      sealer: this.#seal,
      templating: NO_TEMPLATES,
      clock,
      ids: idSource(clock),
      options: {
        name,
        hostname: "test",
        pid: process.pid,
        fifoWorkers: 4,
        sites: [null],
        adoptionDelayMs: () => 0,
        pinnedCapacity: 50,
        lease: { leaseMs, marginMs },
        idleTimeoutMs: 600_000,
        deadRetentionMs: 3_600_000,
        stopGraceMs: 1_000,
        retryDelayMs: () => 50,
      },
      events: {
        reaped: (jobs) => this.reaped.push(...jobs),
        lostNodes: (names) => this.lostNodes.push(...names),
        others: () => {},
        declaredLost: () => this.lostNodes.push(name),
        error: (where, error) => {
          if (error instanceof StorageError) this.outages += 1;
          else this.errors.push([where, error]);
        },
      },
    });
    await node.start();
    this.#stops.push(async () => {
      await node.stop();
      await storage.close();
    });
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).toReversed()) await stop();
  }

  /** Resolves as soon as the devices have seen enough. Rejects at the deadline. */
  sees(what: string, enough: (seen: readonly Seen[]) => boolean, deadline = 15_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => end(() => reject(new Error(`waited ${deadline} ms in vain: ${what}`))),
        deadline,
      );
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#watching.delete(look);
        settle();
      };
      const look = () => {
        if (enough(this.seen)) end(resolve);
      };
      this.#watching.add(look);
      look();
    });
  }

  async *#device(...[{ operation, signal }, context]: Parameters<Script>): ReturnType<Script> {
    const { host } = context.args as { host: string };
    for (const [index, command] of operationLines(operation).entries()) {
      // As every session does before each write.
      context.guard.assertMayWrite();
      const seen = { host, command };
      this.seen.push(seen);
      for (const look of this.#watching) look();
      yield { kind: "start", index };
      await this.#options.answering?.(seen, signal);
      signal.throwIfAborted();
      yield { kind: "data", index, stream: "stdout", text: `${command}\n` };
      yield { kind: "end", index, ok: true, exitStatus: 0 };
    }
  }
}

function operationLines(operation: Parameters<Script>[0]["operation"]): string[] {
  return operation.kind === "command" ? operation.commands : operation.lines;
}

export function order(
  command: string | string[],
  more: Partial<ExecRequest> & { host?: string } = {},
): ExecRequest {
  const { host = "10.0.0.1", ...rest } = more;
  return {
    driver: "scripted",
    connectionArgs: { host, username: "u", password: "p" },
    driverArgs: {},
    operation: { kind: "command", text: command },
    ...rest,
  };
}

/** As a careful client does: sends again under the same key until there is an answer. */
export async function submitted(engine: Engine, request: ExecRequest): Promise<Job> {
  const stored = await untilStored(systemClock, NEVER, () => engine.submit(request, aCaller()));
  if (!stored) throw new Error("the store never answered");
  return stored.job;
}

/** The job once it has ended, whatever the store does meanwhile. Rejects at the deadline. */
export async function ended(engine: Engine, id: string, deadline = 30_000): Promise<Job> {
  const until = performance.now() + deadline;
  for (;;) {
    const left = until - performance.now();
    if (left <= 0) throw new Error(`${id} has not ended within ${deadline} ms`);
    const query = { id, waitMs: left, outputs: false, signal: NEVER };
    const view = await untilStored(systemClock, AbortSignal.timeout(left), () => engine.job(query));
    if (view && isFinal(view.job.status)) return view.job;
  }
}

const NEVER = new AbortController().signal;
