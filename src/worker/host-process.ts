import type { Clock, Timer } from "../core/clock.ts";
import { Channel } from "../ipc/channel.ts";
import { type FromHost, type HostTerms, MAX_OUTPUT_MESSAGE, PROTOCOL, type ToHost } from "../ipc/messages.ts";
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
  terms: HostTerms;
  onMessage(message: FromHost): void;
  /** Its hello came and was right: it takes runs from now on. */
  onReady(): void;
  /** It has exited, for whatever reason. Called once. */
  onExit(reason: string): void;
}

/** A host that says nothing at its start for this long is killed, ms. */
const HELLO_MS = 10_000;

/**
 * One session host as its node sees it: it takes messages once its hello has told its protocol, build and
 * clock; one that breaks the protocol is killed.
 */
export class HostProcess {
  readonly workers = new Set<string>();
  readonly #deps: HostProcessDeps;
  readonly #child: Child;
  readonly #channel: Channel<ToHost, FromHost>;
  readonly #clock = new RemoteClock();
  readonly #exited = Promise.withResolvers<void>();
  #ready = false;
  #pings = 0;
  #answered = 0;
  readonly #asking = new Map<number, () => void>();
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
    const { build, terms } = deps;
    this.#channel.send({ type: "hello", protocol: PROTOCOL, build, ...terms });
    this.#verdict = deps.clock.after(HELLO_MS, () => this.kill("said nothing at its start"));
    this.#child.exited.then((how) => this.#onExit(how));
  }

  get pid(): number {
    return this.#child.pid;
  }

  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** Whether it takes messages: after its hello, until a fault. */
  get ready(): boolean {
    return this.#ready && this.#fault === null;
  }

  /** `make` is given a translator of our monotonic deadlines to the host's clock. Nothing is sent unless ready. */
  send(make: (deadline: (local: number) => number) => ToHost): void {
    if (this.ready) this.#channel.send(make((local) => this.#clock.toRemote(local)));
  }

  /** Asks for a sign of life (and its memory and clock); returns the number to look for in `answered`. */
  ping(): number {
    if (this.ready) this.send(() => ({ type: "ping", n: ++this.#pings }));
    return this.#pings;
  }

  /** The number of the last ping that it answered. */
  get answered(): number {
    return this.#answered;
  }

  /** Resolves when it has answered this ping or a later one, and when it has exited. */
  async answers(ping: number): Promise<void> {
    if (this.#answered >= ping) return;
    const answered = Promise.withResolvers<void>();
    this.#asking.set(ping, answered.resolve);
    await Promise.race([answered.promise, this.exited]);
    this.#asking.delete(ping);
  }

  /** Pings sent since its last answer. */
  get unanswered(): number {
    return this.#pings - this.#answered;
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
    if (message.type === "output" && message.log.length > MAX_OUTPUT_MESSAGE) {
      return this.kill("sent more output at once than it may");
    }
    if (message.type === "pong") {
      this.#clock.observe(message.now, clock.monotonic());
      this.#answered = message.n;
      for (const [ping, resolve] of this.#asking) if (ping <= message.n) resolve();
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
    this.#ready = true;
    this.ping();
    this.#deps.onReady();
  }

  #onExit(how: string): void {
    this.#verdict.cancel();
    const reason = this.#fault ?? how;
    this.#fault = reason;
    this.#deps.onExit(reason);
    this.#exited.resolve();
  }
}
