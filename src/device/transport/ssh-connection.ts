import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { DeviceError } from "../../core/errors.ts";
import type { ByteChannel, ByteSink } from "./channel.ts";
import { printable } from "./handshake-watch.ts";
import { within } from "./phase.ts";
import { Sftp } from "./sftp.ts";
import { place } from "./ssh-errors.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import { type Client, type ClientChannel, type SFTPWrapper, sendSignal } from "./ssh2.ts";

/** A command that runs. */
export interface ExecChannel {
  /** Gives it input. Throws a `DeviceError` when nothing may be written any more. */
  write(input: string): void;
  /** Its input has ended; in a terminal, by the key that says so. Idempotent. */
  endInput(): void;
  /** Stops reading both streams. */
  pause(): void;
  resume(): void;
  /**
   * Has the server end the command, by force when it does not end by itself, then closes the channel.
   * Rejects when nothing may be written any more. Idempotent.
   */
  kill(): Promise<void>;
}

export interface ExecOptions {
  /**
   * With a terminal: both streams are one then, and what is written is not echoed unless a program turns that on.
   */
  terminal?: boolean;
  /** Its input stays open until `endInput`; otherwise it finds it empty. */
  input?: boolean;
  /** A host that refuses the channel does not end the connection. */
  spare?: boolean;
}

export interface ExecSink {
  onStdout(bytes: Uint8Array): void;
  onStderr(bytes: Uint8Array): void;
  /** Called once, after the last byte of both streams. */
  onEnd(end: ExecEnd): void;
}

export interface ExecEnd {
  /** `null` when a signal ended the command, or the channel ended without saying how. */
  status: number | null;
  /** `SIGKILL`, … */
  signal: string | null;
  /** Set when the channel ended before the command did. */
  lost: DeviceError | null;
}

/**
 * Wide, so that long commands do not wrap in the echo, and high, so that a device which goes by it does
 * not page.
 */
const TERMINAL = { term: "vt100", cols: 511, rows: 1000, width: 0, height: 0 };

/** Answers are not echoed, and lines end as in a pipe. */
const QUIET_TERMINAL = { ...TERMINAL, modes: { ECHO: 0, ONLCR: 0 } } as const;

/** The key that ends a terminal's input (Ctrl-D). */
const END_OF_INPUT = "\x04";

/**
 * ssh2 buffers up to 2 MiB and grants a window of 2 MiB on top. A device that sends more without being
 * allowed to would fill our memory.
 */
const MAX_BUFFERED = 8 * 1024 * 1024;

/** How long a command may take to end when it is asked to, before it is killed. */
const KILL_MS = 300;

/** How long `close` waits for the device to hang up. */
const CLOSE_MS = 1000;

interface Parts {
  client: Client;
  socket: Duplex;
  target: SshTarget;
  around: SshSurroundings;
}

/** A logged-in SSH connection. */
export class SshConnection {
  readonly #parts: Parts;
  readonly #where: string;
  readonly #streams = new Set<ClientChannel>();
  readonly #closed = Promise.withResolvers<void>();
  /** Ends the open channels without waiting for what they have buffered. */
  readonly #endings = new Set<() => void>();
  #lost: string | null = null;
  #onEnd: (reason: DeviceError) => void = () => {};
  #ended = false;
  /** Bytes written when the device was heard last: it had got them, or all but what crossed its own. */
  #heard = 0;

  constructor(parts: Parts) {
    const { client, socket, target } = parts;
    this.#parts = parts;
    this.#where = place(target.host, target.port);
    client.on("error", (error) => {
      // What we wrote after the device had closed says nothing of why it did.
      if (!error.message.includes("EPIPE")) this.#lost ??= printable(error.message);
    });
    client.once("close", () => this.#end());
    socket.on("data", () => {
      this.#heard = written(socket);
      this.#checkBuffers();
    });
    if (socket.destroyed) this.#end();
  }

  /** Calls `run` once when the connection has ended, unless `close` or `destroy` ended it. */
  onEnd(run: (reason: DeviceError) => void): void {
    this.#onEnd = run;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Opens the interactive shell, with a terminal. */
  async openShell(sink: ByteSink, signal: AbortSignal): Promise<ByteChannel> {
    const { client } = this.#parts;
    const stream = await this.#open({
      what: "a shell",
      signal,
      request: (done) => client.shell(TERMINAL, {}, done),
      wire: (opened) => this.#deliverShell(opened, sink),
    });
    return {
      write: (text) => this.#write(stream, text),
      pause: () => void stream.pause(),
      resume: () => void stream.resume(),
      close: () => this.close(),
      destroy: () => this.destroy(),
    };
  }

  #deliverShell(stream: ClientChannel, sink: ByteSink): void {
    const end = this.#ending(() => sink.onEnd(this.#reason("closed the session")));
    stream.on("data", (bytes: Uint8Array) => sink.onData(bytes));
    stream.stderr.on("data", (bytes: Uint8Array) => sink.onData(bytes));
    stream.once("close", end);
  }

  /** Runs a command. */
  async exec(
    command: string,
    sink: ExecSink,
    signal: AbortSignal,
    { terminal = false, input = false, spare = false }: ExecOptions = {},
  ): Promise<ExecChannel> {
    const { client } = this.#parts;
    const stream = await this.#open({
      what: "a channel for the command",
      signal,
      spare,
      request: (done) => client.exec(command, terminal ? { pty: QUIET_TERMINAL } : {}, done),
      wire: (opened) => this.#deliverExec(opened, sink),
    });
    const endInput = once(() => {
      // A terminal has no other end of input than the key; it may have gone with its command.
      if (terminal && stream.writable) this.#write(stream, END_OF_INPUT);
      else stream.end();
    });
    if (!input) endInput();
    return {
      write: (text) => this.#write(stream, text),
      endInput,
      pause: () => {
        stream.pause();
        stream.stderr.pause();
      },
      resume: () => {
        stream.resume();
        stream.stderr.resume();
      },
      kill: once(() => this.#kill(stream)),
    };
  }

  /** Opens the channel for files. What is asked over it ends with `signal`. */
  async openSftp(signal: AbortSignal): Promise<Sftp> {
    this.#assertMayWrite();
    const { client } = this.#parts;
    const opened = new Promise<SFTPWrapper>((resolve, reject) => {
      client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)));
    }).catch((error) => {
      throw this.#refusal("its files (SFTP); has it an SFTP subsystem?", error);
    });
    const sftp = await this.#within("its files (SFTP)", signal, opened);
    return new Sftp(sftp, {
      signal,
      assertMayWrite: () => this.#assertMayWrite(),
      lost: () => this.#reason("ended the file transfer"),
    });
  }

  #write(stream: ClientChannel, text: string): void {
    this.#assertMayWrite();
    stream.write(text);
  }

  async #kill(stream: ClientChannel): Promise<void> {
    if (this.#ended) return;
    const { client, around } = this.#parts;
    this.#assertMayWrite();
    sendSignal(client, stream, "TERM");
    const over = Promise.withResolvers<boolean>();
    stream.once("exit", () => over.resolve(true)).once("close", () => over.resolve(true));
    const patience = around.clock.after(KILL_MS, () => over.resolve(false));
    const obeyed = await over.promise;
    patience.cancel();
    if (this.#ended) return;
    this.#assertMayWrite();
    if (!obeyed) sendSignal(client, stream, "KILL");
    stream.close();
  }

  #deliverExec(stream: ClientChannel, sink: ExecSink): void {
    let exit: { status: number | null; signal: string | null } | null = null;
    stream.once("exit", (status: number | null, signal?: string) => {
      exit = { status, signal: signal ?? null };
    });
    const end = this.#ending(() => {
      const lost = exit === null ? this.#reason("ended the command without an exit status") : null;
      sink.onEnd({ status: exit?.status ?? null, signal: exit?.signal ?? null, lost });
    });
    stream.on("data", (bytes: Uint8Array) => sink.onStdout(bytes));
    stream.stderr.on("data", (bytes: Uint8Array) => sink.onStderr(bytes));
    let open = 2;
    const closed = () => {
      open -= 1;
      if (open === 0) end();
    };
    stream.once("close", closed);
    stream.stderr.once("close", closed);
  }

  /** Says goodbye and waits up to a second for the device to hang up. Never throws. Idempotent. */
  async close(): Promise<void> {
    this.#onEnd = () => {};
    if (this.#ended) return;
    const { client, around } = this.#parts;
    const timer = around.clock.after(CLOSE_MS, () => this.destroy());
    client.end();
    await this.#closed.promise;
    timer.cancel();
  }

  /** Ends at once, without another byte. Idempotent. */
  destroy(): void {
    this.#onEnd = () => {};
    this.#abandon();
    this.#end();
    for (const end of [...this.#endings]) end();
  }

  /**
   * The kernel goes on trying to deliver what a closed socket has written, for minutes: on a path that works again it
   * would reach the device after the job has ended, beside whoever types then. A reset drops it. It may get lost itself,
   * and the device keep a dead line, so who owes no answer is left with a goodbye.
   */
  #abandon(): void {
    const { socket } = this.#parts;
    if (socket instanceof Socket && written(socket) > this.#heard) socket.resetAndDestroy();
    else socket.destroy();
  }

  /** The one place every byte meant for the device passes. */
  #assertMayWrite(): void {
    if (this.#ended) throw this.#reason("closed the session");
    try {
      this.#parts.around.guard.assertMayWrite();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  async #open({ what, signal, spare = false, request, wire }: ChannelRequest): Promise<ClientChannel> {
    this.#assertMayWrite();
    const opened = new Promise<ClientChannel>((resolve, reject) => {
      request((error, stream) => {
        if (error) return reject(error);
        // Here and now: the exit status may be in the packet after this one.
        wire(stream);
        resolve(stream);
      });
    }).catch((error) => {
      throw this.#refusal(what, error);
    });
    const refused = (error: unknown) => ({ error });
    const stream = await this.#within(what, signal, spare ? opened.catch(refused) : opened);
    if ("error" in stream) throw stream.error;
    this.#streams.add(stream);
    stream.once("close", () => this.#streams.delete(stream));
    return stream;
  }

  #within<T>(what: string, signal: AbortSignal, opened: Promise<T>): Promise<T> {
    const seconds = this.#parts.target.patience.channel;
    return within(
      {
        clock: this.#parts.around.clock,
        signal,
        seconds,
        timeoutMessage: () => `${this.#where} did not open ${what} within ${seconds} s`,
        giveUp: () => this.destroy(),
      },
      opened,
    );
  }

  /** Makes `run` run once: when the stream has ended, or when we destroy the connection. */
  #ending(run: () => void): () => void {
    const end = once(() => {
      this.#endings.delete(end);
      run();
    });
    this.#endings.add(end);
    return end;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closed.resolve();
    this.#onEnd(this.#reason("closed the connection"));
  }

  #checkBuffers(): void {
    for (const stream of this.#streams) {
      if (stream.readableLength + stream.stderr.readableLength <= MAX_BUFFERED) continue;
      this.#lost ??= "it sends more than SSH allows it to";
      this.#parts.socket.destroy();
    }
  }

  #reason(what: string): DeviceError {
    const why = this.#lost === null ? what : `was lost: ${this.#lost}`;
    return new DeviceError("ConnectionError", `${this.#where} ${why}`);
  }

  #refusal(what: string, error: unknown): DeviceError {
    if (this.#ended || !(error instanceof Error)) return this.#reason("closed the connection");
    const said = printable(error.message);
    return new DeviceError("ConnectionError", `${this.#where} did not open ${what}: ${said}`);
  }
}

/** Zero for a tunnel: what has entered the connection to a jump host cannot be taken back. */
function written(socket: Duplex): number {
  return socket instanceof Socket ? socket.bytesWritten : 0;
}

interface ChannelRequest {
  what: string;
  signal: AbortSignal;
  spare?: boolean;
  request(done: (error: Error | undefined, stream: ClientChannel) => void): void;
  wire(stream: ClientChannel): void;
}

function once<T>(run: () => T): () => T {
  let done: { result: T } | null = null;
  return () => {
    done ??= { result: run() };
    return done.result;
  };
}
