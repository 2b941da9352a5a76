import type { Clock, DeviceError, SessionFrame, Timer } from "../../src/device/driver.ts";
import type { ExecChannel, ExecEnd, ExecSink } from "../../src/device/transport/ssh-connection.ts";
import type { Dialogue } from "./dialogue.ts";

type Data = Extract<SessionFrame, { kind: "data" }>;

/** Unread output beyond this stops the reading; the command is held back then. */
const MAX_PENDING = 256 * 1024;

export interface OutputTerms {
  index: number;
  /** Gives up when no output comes; `null` waits as long as it takes. */
  silence: SilenceWatch | null;
  encoding?: string | undefined;
  /** Hears what comes and decides what is shown of it. */
  dialogue?: Dialogue;
}

/**
 * What a command prints, to be pulled: the two streams decoded apart, in the order they came.
 */
export class CommandOutput implements ExecSink {
  readonly #index: number;
  readonly #decoders: Record<Data["stream"], TextDecoder>;
  readonly #silence: SilenceWatch | null;
  readonly #dialogue: Dialogue | undefined;
  #chunks: Data[] = [];
  #pending = 0;
  #paused = false;
  #channel: ExecChannel | null = null;
  #end: ExecEnd | null = null;
  #failure: { error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor({ index, silence, encoding = "utf-8", dialogue }: OutputTerms) {
    this.#index = index;
    this.#silence = silence;
    this.#decoders = { stdout: decoder(encoding), stderr: decoder(encoding) };
    this.#dialogue = dialogue;
  }

  attach(channel: ExecChannel): void {
    this.#channel = channel;
    if (this.#paused) channel.pause();
  }

  /** All output that has come, or how the command ended once there is none left. */
  async next(signal: AbortSignal): Promise<{ data: Data[] } | { end: ExecEnd }> {
    for (;;) {
      signal.throwIfAborted();
      const data = this.take();
      if (this.#failure !== null) throw this.#failure.error;
      if (data.length > 0) return { data };
      if (this.#end !== null) return { end: this.#end };
      const silent = this.#silence?.expired();
      if (silent) throw silent;
      await this.#more(signal);
    }
  }

  /** Output that has come and was not pulled. */
  take(): Data[] {
    const data = this.#chunks;
    this.#chunks = [];
    this.#pending = 0;
    if (this.#paused) {
      this.#paused = false;
      this.#channel?.resume();
    }
    return data;
  }

  /** The command cannot go on. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#awake();
  }

  onStdout(bytes: Uint8Array): void {
    this.#hear("stdout", this.#decoders.stdout.decode(bytes, { stream: true }));
  }

  onStderr(bytes: Uint8Array): void {
    this.#hear("stderr", this.#decoders.stderr.decode(bytes, { stream: true }));
  }

  onEnd(end: ExecEnd): void {
    for (const stream of ["stdout", "stderr"] as const) {
      // A character that was cut off at the very end becomes a replacement character.
      this.#hear(stream, this.#decoders[stream].decode());
      this.#push(stream, this.#dialogue?.rest(stream) ?? "");
    }
    this.#end = end;
    this.#awake();
  }

  #hear(stream: Data["stream"], text: string): void {
    this.#push(stream, this.#dialogue?.heard(stream, text) ?? text);
  }

  #push(stream: Data["stream"], text: string): void {
    this.#silence?.heard();
    if (text !== "") {
      const last = this.#chunks.at(-1);
      if (last?.stream === stream) last.text += text;
      else this.#chunks.push({ kind: "data", index: this.#index, stream, text });
      this.#pending += text.length;
    }
    if (this.#pending > MAX_PENDING && !this.#paused) {
      this.#paused = true;
      this.#channel?.pause();
    }
    this.#awake();
  }

  async #more(signal: AbortSignal): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const wake = () => this.#awake();
    signal.addEventListener("abort", wake);
    this.#silence?.listen(wake);
    try {
      await woken;
    } finally {
      signal.removeEventListener("abort", wake);
      this.#silence?.stop();
    }
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

/** Bun knows more encodings than its types do. */
function decoder(encoding: string): TextDecoder {
  return new TextDecoder(encoding as "utf-8");
}

/** Tells when nothing was heard for too long, while someone listens. */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #seconds: number;
  readonly #error: () => DeviceError;
  #timer: Timer | null = null;
  #expired = false;

  constructor(clock: Clock, seconds: number, error: () => DeviceError) {
    this.#clock = clock;
    this.#seconds = seconds;
    this.#error = error;
  }

  heard(): void {
    this.#expired = false;
  }

  expired(): DeviceError | null {
    return this.#expired ? this.#error() : null;
  }

  listen(wake: () => void): void {
    this.#timer = this.#clock.after(this.#seconds * 1000, () => {
      this.#expired = true;
      wake();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
