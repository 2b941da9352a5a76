import type { Clock } from "../core/clock.ts";
import type { JobError } from "../core/job.ts";
import type { Executor, ExecutorOrder, ExecutorWorkerState, RunEvents } from "../engine/executor.ts";
import { Repeat } from "../engine/repeat.ts";
import type { FromHost, HostKeyPolicy, HostKeyQuestion } from "../ipc/messages.ts";
import { HostProcess, type SpawnHost } from "./host-process.ts";

const PING_MS = 2_000;
/** Unanswered pings after which a host is taken for hung. */
const MISSED_PINGS = 3;
/** How long a host may take to prove itself alive when a worker of it did not obey, ms. */
const PROBE_MS = 3_000;

export interface SessionHostsDeps {
  spawn: SpawnHost;
  clock: Clock;
  build: string;
  sessionsPerHost: number;
  perDevice: number;
  maxOutput: number;
  hostKeyPolicy: HostKeyPolicy;
  /** Null: the key is fine; else what is wrong and the way out. */
  judgeHostKey(question: HostKeyQuestion): Promise<string | null>;
  onHostExit(pid: number, reason: string): void;
  onError(error: unknown): void;
}

/** Sessions a worker has opened: in its present host, and in those it was in before. */
interface OpenedCount {
  elsewhere: number;
  here: number;
}

/** The node's session hosts: places workers, carries runs there and back, replaces what dies. */
export class SessionHosts implements Executor {
  readonly #deps: SessionHostsDeps;
  readonly #hosts = new Set<HostProcess>();
  readonly #places = new Map<string, HostProcess>();
  readonly #runs = new Map<string, { host: HostProcess; events: RunEvents }>();
  readonly #opened = new Map<string, OpenedCount>();
  readonly #supervision: Repeat;
  #expectedAt = 0;
  #listener: (worker: string, state: ExecutorWorkerState) => void = () => {};
  #stopping = false;

  constructor(deps: SessionHostsDeps) {
    this.#deps = deps;
    this.#supervision = new Repeat({
      clock: deps.clock,
      everyMs: PING_MS,
      round: () => this.#supervise(),
      onError: deps.onError,
    });
  }

  /** The first host is started ahead of the first job. */
  async start(): Promise<void> {
    this.#stopping = false;
    this.#spawn();
    this.#expectedAt = this.#deps.clock.monotonic() + PING_MS;
    await this.#supervision.start();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#supervision.stop();
    const hosts = [...this.#hosts];
    for (const host of hosts) host.kill("the node stopped");
    await Promise.all(hosts.map((host) => host.exited));
  }

  onWorkerState(listener: (worker: string, state: ExecutorWorkerState) => void): void {
    this.#listener = listener;
  }

  open(worker: string): { pid: number } {
    const host = this.#leastFilled();
    host.workers.add(worker);
    this.#places.set(worker, host);
    return { pid: host.pid };
  }

  close(worker: string): void {
    const host = this.#places.get(worker);
    this.#places.delete(worker);
    this.#opened.delete(worker);
    host?.workers.delete(worker);
    host?.send(() => ({ type: "close", worker, force: false }));
  }

  run(order: ExecutorOrder, events: RunEvents): void {
    const host = this.#places.get(order.worker);
    if (!host) return events.hostLost("the worker's session host is gone");
    this.#runs.set(order.job, { host, events });
    const maxOutput = this.#deps.maxOutput;
    host.send((at) => ({
      type: "run",
      ...order,
      maxOutput,
      deadline: at(order.deadline),
      mayWriteUntil: at(order.mayWriteUntil),
    }));
  }

  abort(job: string, error: JobError): void {
    this.#runs.get(job)?.host.send(() => ({ type: "abort", job, error }));
  }

  renew(jobs: string[], mayWriteUntil: number): void {
    for (const host of this.#hosts) {
      const here = jobs.filter((job) => this.#runs.get(job)?.host === host);
      if (here.length === 0) continue;
      host.send((at) => ({ type: "lease", jobs: here, mayWriteUntil: at(mayWriteUntil) }));
    }
  }

  credit(job: string, bytes: number): void {
    this.#runs.get(job)?.host.send(() => ({ type: "credit", job, bytes }));
  }

  probe(worker: string): void {
    const host = this.#places.get(worker);
    if (!host) return;
    host.send(() => ({ type: "close", worker, force: true }));
    host.ping();
    this.#deps.clock.after(PROBE_MS, () => {
      if (host.unanswered > 0) host.kill("did not answer");
    });
  }

  memory(): Record<number, number> {
    return Object.fromEntries([...this.#hosts].map((host) => [host.pid, host.rssMb]));
  }

  #leastFilled(): HostProcess {
    let best: HostProcess | null = null;
    for (const host of this.#hosts) {
      if (host.workers.size >= this.#deps.sessionsPerHost) continue;
      if (!best || host.workers.size < best.workers.size) best = host;
    }
    return best ?? this.#spawn();
  }

  #spawn(): HostProcess {
    const { spawn, clock, build, hostKeyPolicy, perDevice } = this.#deps;
    const host: HostProcess = new HostProcess({
      spawn,
      clock,
      build,
      hostKeyPolicy,
      perDevice,
      onMessage: (message) => this.#onMessage(host, message),
      onExit: (reason) => this.#onExit(host, reason),
    });
    this.#hosts.add(host);
    host.ping();
    return host;
  }

  #onMessage(host: HostProcess, message: FromHost): void {
    switch (message.type) {
      case "output":
        this.#runs.get(message.job)?.events.output(message.log);
        return;
      case "outcome":
        return this.#onOutcome(message.job, message.error);
      case "session":
        if (this.#places.get(message.worker) !== host) return;
        return this.#listener(message.worker, {
          pid: host.pid,
          session: message.state,
          sessionsOpened: this.#countOpened(message.worker, message.opened),
        });
      case "host-key":
        void this.#judge(host, message);
    }
  }

  /** A host counts from nought; a worker that moved to another one has opened more than that one knows. */
  #countOpened(worker: string, here: number): number {
    const before = this.#opened.get(worker) ?? { elsewhere: 0, here: 0 };
    const elsewhere = here < before.here ? before.elsewhere + before.here : before.elsewhere;
    this.#opened.set(worker, { elsewhere, here });
    return elsewhere + here;
  }

  #onOutcome(job: string, error: JobError | null): void {
    const run = this.#runs.get(job);
    this.#runs.delete(job);
    run?.events.ended(error);
  }

  async #judge(host: HostProcess, question: FromHost & { type: "host-key" }): Promise<void> {
    const { type: _type, request, ...key } = question;
    const problem = await this.#deps.judgeHostKey(key).catch((error: Error) => {
      this.#deps.onError(error);
      return "the store of host keys does not answer; try again";
    });
    host.send(() => ({ type: "host-key-verdict", request, problem }));
  }

  /** Its runs are lost; its workers move to another host and open their sessions anew with the next job. */
  #onExit(host: HostProcess, reason: string): void {
    this.#hosts.delete(host);
    for (const [job, run] of this.#runs) {
      if (run.host !== host) continue;
      this.#runs.delete(job);
      run.events.hostLost(`the worker's process ended while it ran this job (${reason})`);
    }
    if (this.#stopping) return;
    this.#deps.onHostExit(host.pid, reason);
    for (const worker of host.workers) {
      const { pid } = this.open(worker);
      this.#listener(worker, { pid, session: "none", sessionsOpened: this.#countOpened(worker, 0) });
    }
  }

  /** A late round proves nothing about the hosts: then it was this process that stood still. */
  async #supervise(): Promise<void> {
    const now = this.#deps.clock.monotonic();
    const onTime = now - this.#expectedAt < PING_MS / 2;
    this.#expectedAt = now + PING_MS;
    for (const host of this.#hosts) {
      if (onTime && host.unanswered >= MISSED_PINGS) host.kill("did not answer its pings");
      else host.ping();
    }
  }
}
