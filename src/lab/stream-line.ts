import type { Duplex } from "node:stream";
import type { Timer } from "../core/clock.ts";
import type { Dice } from "./dice.ts";
import { type Break, breakAt, type Point } from "./fault.ts";
import type { Line, Received } from "./platform.ts";
import type { Peer, Site } from "./site.ts";
import { Terminal } from "./terminal/terminal.ts";
import { type Pace, PacedWriter } from "./terminal/writer.ts";

const TRICKLE_MS = 1_000;

/** A screen on the other side, if the client asked for one; its height may change at any time. */
export interface Screen {
  rows: number;
}

/** A session over an SSH channel or a Telnet connection. */
export class StreamLine implements Line {
  readonly session: number;
  readonly vty: number;
  readonly peer: string;
  readonly terminal: Terminal;
  readonly out: PacedWriter;
  readonly newline: "\r\n" | "\n";
  readonly #site: Site;
  readonly #peer: Peer;
  readonly #screen: Screen | null;
  readonly #waiting = new Set<() => void>();
  readonly #whenClosed: (() => void)[] = [];
  #lastInput: number;
  #closed = false;

  constructor(site: Site, peer: Peer, channel: Duplex, screen: Screen | null) {
    this.#site = site;
    this.#peer = peer;
    this.#screen = screen;
    this.session = peer.id;
    this.vty = peer.vty;
    this.peer = peer.address;
    this.newline = screen ? "\r\n" : site.platform.plainNewline;
    this.out = new PacedWriter(channel, {
      pace: () => this.#pace(),
      wait: (ms) => new Promise((resolve) => this.after(ms, resolve)),
    });
    this.terminal = new Terminal(channel, (text) => this.out.write(text));
    this.#lastInput = site.settings.clock.monotonic();
    channel.on("data", (bytes: Buffer) => this.#feed(bytes));
    channel.on("end", () => this.terminal.finish());
    channel.on("close", () => this.close());
  }

  /** Empty until someone has logged in. */
  get user(): string {
    return this.#peer.user;
  }

  rows(): number {
    return this.#screen?.rows ?? 0;
  }

  isClosed(): boolean {
    return this.#closed;
  }

  lastInput(): number {
    return this.#lastInput;
  }

  latencyMs(): number {
    return this.#site.knobs().latencyMs;
  }

  answerTo(command: string): string | null {
    return this.#site.answerTo(command);
  }

  breakAt(point: Point): Break | null {
    return breakAt(this.#site.knobs().fault, point);
  }

  async breakOff(how: Break): Promise<void> {
    await this.out.idle();
    if (how === "drop") this.#peer.destroy();
    await new Promise<void>((resolve) => {
      if (this.#closed) resolve();
      else this.#whenClosed.push(resolve);
    });
  }

  spoils(): "flood" | "garble" | null {
    const { fault } = this.#site.knobs();
    return fault === "flood" || fault === "garble" ? fault : null;
  }

  dice(): Dice {
    return this.#site.dice();
  }

  record(entry: Received): void {
    this.#site.received(this.#peer, entry);
  }

  answered(): void {
    if (!this.#closed) this.#site.answered(this.#peer);
  }

  after(ms: number, run: () => void): Timer {
    let timer: Timer | null = null;
    const wake = () => {
      timer?.cancel();
      if (this.#waiting.delete(wake)) run();
    };
    this.#waiting.add(wake);
    if (this.#closed) wake();
    else timer = this.#site.settings.clock.after(ms, wake);
    return {
      cancel: () => {
        this.#waiting.delete(wake);
        timer?.cancel();
      },
    };
  }

  /** Ends whatever waits for input, for time or for room to write. Idempotent. */
  close(): void {
    this.#closed = true;
    this.terminal.close();
    this.out.close();
    for (const wake of [...this.#waiting]) wake();
    for (const resolve of this.#whenClosed.splice(0)) resolve();
  }

  #pace(): Pace {
    const { fault, chunkSize } = this.#site.knobs();
    return fault === "trickle" ? { bytes: 1, everyMs: TRICKLE_MS } : { bytes: chunkSize, everyMs: 0 };
  }

  #feed(bytes: Buffer): void {
    this.#lastInput = this.#site.settings.clock.monotonic();
    this.terminal.feed(bytes);
  }
}
