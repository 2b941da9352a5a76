import type { ServerChannel } from "ssh2";
import type { Timer } from "../core/clock.ts";
import type { Line, Received } from "./platform.ts";
import type { Peer, Site } from "./site.ts";
import { Terminal } from "./terminal/terminal.ts";
import { PacedWriter } from "./terminal/writer.ts";

/** A screen on the other side, if the client asked for one; its height may change at any time. */
export interface Screen {
  rows: number;
}

/** A session over one SSH channel. */
export class SshLine implements Line {
  readonly session: number;
  readonly vty: number;
  readonly user: string;
  readonly peer: string;
  readonly terminal: Terminal;
  readonly out: PacedWriter;
  readonly newline: "\r\n" | "\n";
  readonly #site: Site;
  readonly #peer: Peer;
  readonly #screen: Screen | null;
  readonly #waiting = new Set<() => void>();
  #lastInput: number;
  #closed = false;

  constructor(site: Site, peer: Peer, channel: ServerChannel, screen: Screen | null) {
    this.#site = site;
    this.#peer = peer;
    this.#screen = screen;
    this.session = peer.id;
    this.vty = peer.vty;
    this.user = peer.user;
    this.peer = peer.address;
    this.newline = screen ? "\r\n" : site.platform.plainNewline;
    this.out = new PacedWriter(channel, () => site.knobs().chunkSize);
    this.terminal = new Terminal(channel, (text) => this.out.write(text));
    this.#lastInput = site.settings.clock.monotonic();
    channel.on("data", (bytes: Buffer) => this.#feed(bytes));
    channel.on("end", () => this.terminal.finish());
    channel.on("close", () => this.close());
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

  dropsOutput(): boolean {
    return this.#site.knobs().fault === "drop-mid-output";
  }

  drop(): void {
    this.#peer.destroy();
  }

  record(entry: Received): void {
    this.#site.received(this.#peer, entry);
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
  }

  #feed(bytes: Buffer): void {
    this.#lastInput = this.#site.settings.clock.monotonic();
    this.terminal.feed(bytes);
  }
}
