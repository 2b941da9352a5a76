import { StorageError } from "../../src/core/errors.ts";
import { idSource } from "../../src/core/ids.ts";
import { adoptionDelayMs, PLACEMENTS } from "../../src/engine/placement.ts";
import type { Sealer } from "../../src/engine/seal.ts";
import type { Store } from "../../src/storage/store.ts";
import { Admission } from "../../src/worker/admission.ts";
import { Node } from "../../src/worker/node.ts";
import { SessionHosts } from "../../src/worker/session-hosts.ts";
import { GENEROUS } from "../support/admission.ts";
import { FILE_TERMS } from "../support/no-files.ts";
import { NO_TEMPLATES } from "../support/no-templates.ts";
import { SSH_TERMS, TLS_TERMS } from "../support/ssh-terms.ts";
import type { Devices } from "./devices.ts";
import { simulatedHosts, type Tamper } from "./hosts.ts";
import { SimProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

/** Short, so that a simulation lives through many of them. */
export const LEASE = { leaseMs: 2_000, marginMs: 500 };
const RESTART_MS = 300;

export interface Surroundings {
  timeline: Timeline;
  devices: Devices;
  sealer: Sealer;
  tamper: Tamper;
  reach(process: SimProcess): Store;
}

/** A machine that runs a node, and starts it again whenever it has ended, as a service manager would. */
export class Machine {
  readonly name: string;
  readonly #around: Surroundings;
  #process: SimProcess | null = null;
  #node: Node | null = null;
  #living: () => SimProcess[] = () => [];
  #starts = 0;
  #draining = false;

  constructor(name: string, around: Surroundings) {
    this.name = name;
    this.#around = around;
  }

  /** The node and its hosts, as far as they live. */
  processes(): SimProcess[] {
    return [...this.node(), ...this.hosts()];
  }

  /** The node without its hosts, if it lives. */
  node(): SimProcess[] {
    return this.#process?.alive ? [this.#process] : [];
  }

  hosts(): SimProcess[] {
    return this.#living();
  }

  start(): void {
    const { timeline, reach, devices, tamper, sealer } = this.#around;
    const process = new SimProcess(timeline, `${this.name}.${++this.#starts}`);
    const { clock } = process;
    const placement = timeline.random.pick(PLACEMENTS);
    const hosts = simulatedHosts({ timeline, node: process, devices, tamper });
    const ids = idSource(clock, timeline.bytes);
    const fault = (where: string, error: unknown) => {
      if (!(error instanceof StorageError)) timeline.wrong(`${process.name} ${where}: ${String(error)}`);
    };
    const executor = new SessionHosts({
      spawn: hosts.spawn,
      clock,
      build: "simulated",
      sessionsPerHost: 3,
      terms: { hostKeyPolicy: "off", perDevice: 2, ssh: SSH_TERMS, tls: TLS_TERMS, files: FILE_TERMS },
      admission: new Admission(clock, GENEROUS),
      probeIntervalMs: 4_000,
      maxOutput: 1e6,
      judgeHostKey: async () => null,
      onHostExit: () => {},
      onError: (error) => fault("session hosts", error),
    });
    const store = reach(process);
    const node = new Node({
      storage: store,
      batches: store,
      executor,
      sealer,
      templating: NO_TEMPLATES,
      clock,
      ids,
      options: {
        name: this.name,
        hostname: this.name,
        pid: this.#starts,
        fifoWorkers: 1,
        sites: [null],
        pinnedCapacity: 3,
        lease: LEASE,
        idleTimeoutMs: 3_000,
        deadRetentionMs: 3_600_000,
        stopGraceMs: 1_000,
        adoptionDelayMs: (load) => adoptionDelayMs(placement, load, timeline.random.share),
        retryDelayMs: () => timeline.random.whole(50, 500),
      },
      events: {
        reaped: () => {},
        lostNodes: () => {},
        declaredLost: () => {},
        others: () => {},
        error: fault,
      },
    });
    this.#process = process;
    this.#node = node;
    this.#living = hosts.living;
    this.#draining = false;
    process.onDeath(() => timeline.after(RESTART_MS, () => this.start()));
    node.start().catch((error) => {
      fault("start", error);
      process.kill();
    });
  }

  crash(): void {
    this.#process?.kill();
  }

  /** Drained, and started again. */
  drain(graceMs: number): void {
    const [process, node] = [this.#process, this.#node];
    if (!process?.alive || !node || this.#draining) return;
    this.#draining = true;
    this.#around.timeline.note(`${process.name} drains for ${graceMs}`);
    const ended = () => process.kill();
    process.deliver(() => void node.stop({ ms: graceMs }).then(ended, ended));
  }
}
