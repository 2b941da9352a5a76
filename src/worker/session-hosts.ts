import type { Clock, Timer } from "../core/clock.ts";
import type { JobError } from "../core/job.ts";
import type { Executor, ExecutorOrder, ExecutorWorkerState, RunEvents } from "../engine/executor.ts";
import { Repeat } from "../engine/repeat.ts";
import type { FromHost, HostKeyQuestion, HostTerms } from "../ipc/messages.ts";
import type { Admission } from "./admission.ts";
import { AdmissionDesk } from "./admission-desk.ts";
import { HostProcess, type SpawnHost } from "./host-process.ts";

const PING_MS = 2_000;
/** Unanswered pings after which a host is given nothing new. */
const DOUBTFUL_PINGS = 2;
/** How often the hosts are told to look for sessions that are due for a probe: a quarter of its interval, within these. */
const SHORTEST_PROBE_MS = 250;
const LONGEST_PROBE_MS = 5_000;
/** Unanswered pings after which a host is taken for hung. */
const MISSED_PINGS = 3;
/** A host that ended sooner than this counts as failed: the next one waits. */
const SHORT_LIFE_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** How long a host may take to prove itself alive when a worker of it did not obey, ms. */
const PROBE_MS = 3_000;

export interface SessionHostsDeps {
  spawn: SpawnHost;
  clock: Clock;
  build: string;
  sessionsPerHost: number;
  terms: HostTerms;
  /** Decides about every connection of every host. */
  admission: Admission;
  /** A session that was idle for so long is asked for its health; 0: never. */
  probeIntervalMs: number;
  maxOutput: number;
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
  readonly #hosts = new Map<HostProcess, AdmissionDesk>();
  readonly #places = new Map<string, HostProcess>();
  /** Workers whose host died and that have no other yet. */
  readonly #homeless = new Set<string>();
  readonly #runs = new Map<string, { host: HostProcess; events: RunEvents }>();
  readonly #opened = new Map<string, OpenedCount>();
  readonly #supervision: Repeat;
  readonly #probing: Repeat;
  /** Until when idle sessions may be asked for their health: as long as this node is known to live. */
  #idleUntil = Number.NEGATIVE_INFINITY;
  #expectedAt = 0;
  #listener: (worker: string, state: ExecutorWorkerState) => void = () => {};
  #stopping = false;
  #failures = 0;
  #respawn: Timer | null = null;

  constructor(deps: SessionHostsDeps) {
    this.#deps = deps;
    this.#supervision = new Repeat({
      clock: deps.clock,
      everyMs: PING_MS,
      round: () => this.#supervise(),
      onError: deps.onError,
    });
    this.#probing = new Repeat({
      clock: deps.clock,
      everyMs: Math.min(Math.max(deps.probeIntervalMs / 4, SHORTEST_PROBE_MS), LONGEST_PROBE_MS),
      round: async () => this.#probeIdle(),
      onError: deps.onError,
    });
  }

  /** The first host is started ahead of the first job. */
  async start(): Promise<void> {
    this.#stopping = false;
    this.#spawn();
    this.#expectedAt = this.#deps.clock.monotonic() + PING_MS;
    await this.#supervision.start();
    if (this.#deps.probeIntervalMs > 0) await this.#probing.start();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#respawn?.cancel();
    this.#respawn = null;
    await this.#supervision.stop();
    await this.#probing.stop();
    const hosts = [...this.#hosts.keys()];
    for (const host of hosts) host.kill("the node stopped");
    await Promise.all(hosts.map((host) => host.exited));
    this.#places.clear();
    this.#homeless.clear();
    this.#opened.clear();
  }

  onWorkerState(listener: (worker: string, state: ExecutorWorkerState) => void): void {
    this.#listener = listener;
  }

  open(worker: string): { pid: number } {
    const host = this.#roomiest();
    if (host) this.#place(worker, host);
    else this.#homeless.add(worker);
    return { pid: host?.pid ?? 0 };
  }

  /** A host that is slow to answer may hang: what it is given then would be lost with it. */
  isReady(worker: string): boolean {
    const host = this.#places.get(worker);
    return host?.ready === true && host.unanswered < DOUBTFUL_PINGS;
  }

  close(worker: string): void {
    const host = this.#places.get(worker);
    this.#places.delete(worker);
    this.#homeless.delete(worker);
    this.#opened.delete(worker);
    host?.workers.delete(worker);
    host?.send(() => ({ type: "close", worker }));
  }

  run(order: ExecutorOrder, events: RunEvents): void {
    const host = this.#places.get(order.worker);
    if (!host?.ready) return events.notStarted();
    this.#runs.set(order.run, { host, events });
    const maxOutput = this.#deps.maxOutput;
    host.send((at) => ({
      type: "run",
      ...order,
      maxOutput,
      deadline: at(order.deadline),
      mayWriteUntil: at(order.mayWriteUntil),
    }));
  }

  abort(run: string, error: JobError): void {
    this.#runs.get(run)?.host.send(() => ({ type: "abort", run, error }));
  }

  recall(run: string): void {
    this.#runs.get(run)?.host.send(() => ({ type: "recall", run }));
  }

  renew(runs: string[], mayWriteUntil: number): void {
    this.#idleUntil = mayWriteUntil;
    for (const host of this.#hosts.keys()) {
      const here = runs.filter((run) => this.#runs.get(run)?.host === host);
      if (here.length === 0) continue;
      host.send((at) => ({ type: "lease", runs: here, mayWriteUntil: at(mayWriteUntil) }));
    }
  }

  credit(run: string, bytes: number): void {
    this.#runs.get(run)?.host.send(() => ({ type: "credit", run, bytes }));
  }

  async probe(run: string): Promise<void> {
    const found = this.#runs.get(run);
    if (!found) return;
    const { host } = found;
    host.send(() => ({ type: "discard", run }));
    const ping = host.ping();
    this.#expectAnswer(host, ping);
    await host.answers(ping);
  }

  /** Kills a host that leaves this ping unanswered; a late look proves nothing about it, and asks again. */
  #expectAnswer(host: HostProcess, ping: number): void {
    const { clock } = this.#deps;
    const askedAt = clock.monotonic();
    clock.after(PROBE_MS, () => {
      if (host.answered >= ping || !host.ready) return;
      const late = clock.monotonic() - askedAt > 1.5 * PROBE_MS;
      if (late) this.#expectAnswer(host, host.ping());
      else host.kill("did not answer");
    });
  }

  memory(): Record<number, number> {
    return Object.fromEntries([...this.#hosts.keys()].map((host) => [host.pid, host.rssMb]));
  }

  /** The host with most room, a new one when all are full; null while none can be started. */
  #roomiest(): HostProcess | null {
    let best: HostProcess | null = null;
    for (const host of this.#hosts.keys()) {
      if (host.workers.size >= this.#deps.sessionsPerHost) continue;
      if (!best || host.workers.size < best.workers.size) best = host;
    }
    return best ?? this.#spawn();
  }

  #place(worker: string, host: HostProcess): void {
    host.workers.add(worker);
    this.#places.set(worker, host);
  }

  /** Null while the pause after a failed host lasts, and when the system refuses another process. */
  #spawn(): HostProcess | null {
    const { spawn, clock, build, terms, admission, onError } = this.#deps;
    if (this.#stopping || this.#respawn !== null) return null;
    const startedAt = clock.monotonic();
    try {
      const host: HostProcess = new HostProcess({
        spawn,
        clock,
        build,
        terms,
        onMessage: (message) => this.#onMessage(host, message),
        onReady: () => this.#onReady(host),
        onExit: (reason) => this.#onExit(host, reason, clock.monotonic() - startedAt),
      });
      this.#hosts.set(host, new AdmissionDesk(admission, (message) => host.send(() => message)));
      return host;
    } catch (error) {
      onError(error);
      this.#pause();
      return null;
    }
  }

  /** Nothing is started for a while, longer after every failure; then those without a host get one. */
  #pause(): void {
    this.#failures += 1;
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
    this.#respawn ??= this.#deps.clock.after(ms, () => {
      this.#respawn = null;
      this.#house();
    });
  }

  #house(): void {
    for (const worker of [...this.#homeless]) {
      const host = this.#roomiest();
      if (!host) return;
      this.#homeless.delete(worker);
      this.#place(worker, host);
      if (host.ready) this.#tell(worker, host);
    }
  }

  #onReady(host: HostProcess): void {
    for (const worker of host.workers) this.#tell(worker, host);
  }

  #tell(worker: string, host: HostProcess): void {
    const sessionsOpened = this.#countOpened(worker, 0);
    this.#listener(worker, { pid: host.pid, session: "none", sessionsOpened });
  }

  #onMessage(host: HostProcess, message: FromHost): void {
    switch (message.type) {
      case "output":
        this.#runs.get(message.run)?.events.output(message.log);
        return;
      case "outcome":
        return this.#takeOut(message.run)?.ended(message.error, message.platform);
      case "handed-back":
        return this.#takeOut(message.run)?.notStarted();
      case "session":
        if (this.#places.get(message.worker) !== host) return;
        return this.#listener(message.worker, {
          pid: host.pid,
          session: message.state,
          sessionsOpened: this.#countOpened(message.worker, message.opened),
        });
      case "host-key":
        return void this.#judge(host, message);
      case "connect":
      case "connect-failed":
      case "place":
        this.#hosts.get(host)?.receive(message);
    }
  }

  /** A host counts from nought; a worker that moved to another one has opened more than that one knows. */
  #countOpened(worker: string, here: number): number {
    const before = this.#opened.get(worker) ?? { elsewhere: 0, here: 0 };
    const elsewhere = here < before.here ? before.elsewhere + before.here : before.elsewhere;
    this.#opened.set(worker, { elsewhere, here });
    return elsewhere + here;
  }

  #takeOut(run: string): RunEvents | undefined {
    const found = this.#runs.get(run);
    this.#runs.delete(run);
    return found?.events;
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
  #onExit(host: HostProcess, reason: string, livedMs: number): void {
    this.#hosts.get(host)?.close();
    this.#hosts.delete(host);
    for (const worker of host.workers) {
      this.#places.delete(worker);
      this.#homeless.add(worker);
    }
    for (const [key, run] of this.#runs) {
      if (run.host !== host) continue;
      this.#runs.delete(key);
      run.events.hostLost(`the worker's process ended while it ran this job (${reason})`);
    }
    if (this.#stopping) return;
    this.#deps.onHostExit(host.pid, reason);
    if (livedMs < SHORT_LIFE_MS) return this.#pause();
    this.#failures = 0;
    this.#house();
  }

  #probeIdle(): void {
    const { clock, probeIntervalMs: idleMs } = this.#deps;
    const until = this.#idleUntil;
    if (clock.monotonic() >= until) return;
    for (const host of this.#hosts.keys())
      host.send((at) => ({ type: "probe", idleMs, mayWriteUntil: at(until) }));
  }

  /** A late round proves nothing about the hosts: then it was this process that stood still. */
  async #supervise(): Promise<void> {
    const now = this.#deps.clock.monotonic();
    const onTime = now - this.#expectedAt < PING_MS / 2;
    this.#expectedAt = now + PING_MS;
    for (const host of this.#hosts.keys()) {
      if (onTime && host.unanswered >= MISSED_PINGS) host.kill("did not answer its pings");
      else host.ping();
    }
  }
}
