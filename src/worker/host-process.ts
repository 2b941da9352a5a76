import type { Clock, Timer } from "../core/clock.ts";
import { Channel } from "../ipc/channel.ts";
import { type FromHost, type HostKeyPolicy, PROTOCOL, type ToHost } from "../ipc/messages.ts";
import { RemoteClock } from "../ipc/remote-clock.ts";

/** A started child: what `Bun.spawn` gives, reduced to what is used. */
export interface Child {
  readonly pid: number;
  send(message: unknown): void;
  kill(signal: "SIGKILL"): void;
  /** Resolves with a few words on how it ended. */
  readonly exited: Promise<string>;
}

/** Starts a session host; `onMessage` gets everything it sends. */
export type SpawnHost = (onMessage: (raw: unknown) => void) => Child;

export interface HostProcessDeps {
  spawn: SpawnHost;
  clock: Clock;
  build: string;
  hostKeyPolicy: HostKeyPolicy;
  perDevice: number;
  onMessage(message: FromHost): void;
  /** It has exited, for whatever reason. Called once. */
  onExit(reason: string): void;
}

/** A host that says nothing at its start for this long is killed, ms. */
const HELLO_MS = 10_000;

/**
 * One session host as its node sees it: messages are held back until its hello has told its protocol,
 * build and clock; a host that breaks the protocol is killed.
 */
export class HostProcess {
  readonly workers = new Set<string>();
  readonly #deps: HostProcessDeps;
  readonly #child: Child;
  readonly #channel: Channel<ToHost, FromHost>;
  readonly #clock = new RemoteClock();
  readonly #exited = Promise.withResolvers<void>();
  #waiting: (() => void)[] | null = [];
  #pings = 0;
  #unanswered = 0;
  #verdict: Timer;
  #fault: string | null = null;
  rssMb = 0;

  constructor(deps: HostProcessDeps) {
    this.#deps = deps;
    this.#child = deps.spawn((raw) => this.#receive(raw));
    this.#channel = new Channel<ToHost, FromHost>(
      (envelope) => this.#child.send(envelope),
      (message) => this.#onMessage(message),
    );
    const { build, hostKeyPolicy, perDevice } = deps;
    this.#channel.send({ type: "hello", protocol: PROTOCOL, build, hostKeyPolicy, perDevice });
    this.#verdict = deps.clock.after(HELLO_MS, () => this.kill("said nothing at its start"));
    this.#child.exited.then((how) => this.#onExit(how));
  }

  get pid(): number {
    return this.#child.pid;
  }

  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** `make` is given a translator of our monotonic deadlines to the host's clock. */
  send(make: (deadline: (local: number) => number) => ToHost): void {
    if (this.#fault !== null) return;
    const deliver = () => this.#channel.send(make((local) => this.#clock.toRemote(local)));
    if (this.#waiting) this.#waiting.push(deliver);
    else deliver();
  }

  /** Asks for a sign of life (and its memory and clock). */
  ping(): void {
    this.#unanswered += 1;
    this.send(() => ({ type: "ping", n: ++this.#pings }));
  }

  /** Pings sent since its last answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  kill(reason: string): void {
    this.#fault ??= reason;
    this.#child.kill("SIGKILL");
  }

  #receive(raw: unknown): void {
    if (this.#fault !== null) return;
    try {
      this.#channel.receive(raw);
    } catch (error) {
      this.kill(`broke the protocol: ${(error as Error).message}`);
    }
  }

  #onMessage(message: FromHost): void {
    const { clock, onMessage } = this.#deps;
    if (message.type === "hello") return this.#hello(message);
    if (message.type === "pong") {
      this.#clock.observe(message.now, clock.monotonic());
      this.#unanswered = 0;
      this.rssMb = message.rssMb;
    }
    onMessage(message);
  }

  #hello(hello: FromHost & { type: "hello" }): void {
    this.#verdict.cancel();
    if (hello.protocol !== PROTOCOL || hello.build !== this.#deps.build) {
      return this.kill(`is of another build (${hello.build}, protocol ${hello.protocol})`);
    }
    this.#clock.observe(hello.now, this.#deps.clock.monotonic());
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const deliver of waiting) deliver();
  }

  #onExit(how: string): void {
    this.#verdict.cancel();
    const reason = this.#fault ?? how;
    this.#fault = reason;
    this.#waiting = null;
    this.#deps.onExit(reason);
    this.#exited.resolve();
  }
}
