import { type Clock, DeviceError, type LinePermit } from "../../../src/device/driver.ts";
import type { Redactor } from "../../../src/device/redact.ts";
import type { ByteChannel, ByteSink } from "../../../src/device/transport/channel.ts";
import type { Platform } from "../platform.ts";
import { Incoming } from "./incoming.ts";
import { Patience } from "./patience.ts";
import { type Alarm, type Reply, WAITS, type Waiting } from "./waiting.ts";

/** Whose a line is: the job asked for it, or the platform needs it. */
type Origin = "job" | "platform";

/** Outside of a run no line of a job is typed. */
const NO_LINE: LinePermit = {
  limited: true,
  assertMayType() {
    throw new Error("a line of a job outside of its run");
  },
};

/** Unread output beyond this stops the reading; the device is held back then. */
const MAX_PENDING = 256 * 1024;

/**
 * A dialogue in lines with a device: type one, read what it prints until it asks for the next. It waits
 * for bytes only; timers run for a silent device and for a doubtful prompt.
 */
export class Dialogue implements ByteSink {
  readonly #platform: Platform;
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #incoming: Incoming;
  #channel: ByteChannel | null = null;
  #interrupting = false;
  #stopping = false;
  #signal: AbortSignal | null = null;
  #permit = NO_LINE;
  #end: DeviceError | null = null;
  #paused = false;
  #wake: (() => void) | null = null;

  constructor(parts: { platform: Platform; clock: Clock; encoding: string; redactor: Redactor }) {
    this.#platform = parts.platform;
    this.#clock = parts.clock;
    this.#patience = new Patience({
      clock: parts.clock,
      isWaiting: () => this.#wake !== null,
      awake: () => this.#awake(),
    });
    this.#incoming = new Incoming({
      ...parts,
      patience: this.#patience,
      answerPager: () => this.#answerPager(),
    });
  }

  /** The mode of the last prompt; `null` before the first. */
  get mode(): string | null {
    return this.#incoming.prompt?.mode ?? null;
  }

  /** The last prompt as the device wrote it; `null` before the first. */
  get prompt(): string | null {
    return this.#incoming.prompt?.text ?? null;
  }

  /** Nothing was typed since the last prompt: the device waits for us. */
  get atPrompt(): boolean {
    return this.#incoming.atPrompt;
  }

  /** Why the channel ended, once it has. */
  get ended(): DeviceError | null {
    return this.#end;
  }

  /** Whoever listens does not want to any more. */
  get aborted(): boolean {
    return this.#signal?.aborted ?? false;
  }

  attach(channel: ByteChannel): void {
    this.#channel = channel;
  }

  /** From now on `next` is called; until `rest`, an abort of `signal` makes it throw the reason. */
  begin(signal: AbortSignal, permit = NO_LINE): void {
    this.rest();
    this.#signal = signal;
    this.#permit = permit;
    signal.addEventListener("abort", this.#onAbort);
  }

  /** Nobody listens any more: what comes from now on is forgotten. */
  rest(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#signal = null;
    this.#permit = NO_LINE;
    this.#interrupting = false;
    this.#patience.stop();
    this.#incoming.forget();
    this.#readOn();
  }

  /** Throws when nothing can be typed any more: the run was aborted, or the channel has ended. */
  assertGoing(): void {
    this.#signal?.throwIfAborted();
    if (this.#end !== null) throw this.#end;
  }

  /** Throws when the job may not have this typed. */
  assertMayType(line: string, { hidden = false } = {}): void {
    const { shell, commandModes } = this.#platform;
    const configuring = this.mode !== null && !commandModes.includes(this.mode);
    this.#permit.assertMayType(line, { shell, configuring, hidden });
  }

  /** Types a line. */
  send(line: string, origin: Origin = "job"): void {
    if (origin === "job") this.assertMayType(line);
    this.#type(line);
    if (this.#platform.echo) this.#incoming.expectEcho(line);
  }

  /** Types something that the device does not repeat. */
  sendHidden(secret: string, origin: Origin = "job"): void {
    if (origin === "job") this.assertMayType(secret, { hidden: true });
    this.#type(secret);
    this.#incoming.expectNoEcho();
  }

  /** Interrupts a command that would not end by itself; what it still prints is output. */
  stop(): void {
    this.assertGoing();
    this.#stopping = true;
    this.#write(this.#platform.interrupt);
  }

  /** Rings once after some time, and wakes who waits. */
  alarm(ms: number): Alarm {
    let rang = false;
    const timer = this.#clock.after(ms, () => {
      rang = true;
      this.#awake();
    });
    return {
      get rang() {
        return rang;
      },
      cancel: () => timer.cancel(),
    };
  }

  /** Interrupts what the device is doing; until `rest`, that is the answer to a pager, too. */
  interrupt(): void {
    this.#interrupting = true;
    this.#incoming.interrupted();
    this.#write(this.#platform.interrupt);
  }

  /**
   * What the device does next. Throws a `TimeoutError` or `PromptError` when it stays silent, the
   * signal's reason when that aborts, and the channel's end when everything before it was returned.
   */
  async next(waiting: Waiting): Promise<Reply> {
    for (;;) {
      this.#signal?.throwIfAborted();
      if (waiting.alarm?.rang) return { kind: "alarm" };
      const reply = this.#poll(waiting);
      if (reply !== null) return reply;
      if (this.#end !== null) throw this.#end;
      if (this.#patience.silent) throw this.#silenceError(waiting);
      await this.#moreBytes(waiting.seconds);
    }
  }

  /** What was received and not yet returned, an unfinished line included, when a wait was cut short. */
  drain(): string {
    return this.#incoming.drain();
  }

  onData(bytes: Uint8Array): void {
    this.#incoming.write(bytes);
    this.#patience.heard();
    if (this.#signal === null) this.#incoming.pass();
    else if (this.#incoming.pending > MAX_PENDING && !this.#paused) {
      this.#paused = true;
      this.#channel?.pause();
    }
    this.#awake();
  }

  onEnd(reason: DeviceError): void {
    this.#end ??= reason;
    this.#awake();
  }

  /** The last of what the device printed, without secrets, in quotation marks. */
  shown(): string {
    return this.#incoming.shown();
  }

  #type(line: string): void {
    const { literalNext, enter } = this.#platform;
    this.assertGoing();
    this.#incoming.beginLine();
    this.#stopping = false;
    this.#patience.typed();
    this.#write((literalNext === null ? line : line.replaceAll("?", `${literalNext}?`)) + enter);
  }

  #write(text: string): void {
    if (this.#end !== null) throw this.#end;
    this.#channel?.write(text);
  }

  #answerPager(): void {
    const { pager, interrupt } = this.#platform;
    this.#write(this.#interrupting || this.#stopping ? interrupt : (pager?.answer ?? ""));
  }

  #poll(waiting: Waiting): Reply | null {
    const text = this.#incoming.takeText();
    this.#readOn();
    return text === "" ? this.#incoming.atLineEnd(waiting) : this.#incoming.asReply(text);
  }

  #moreBytes(seconds: number): Promise<void> {
    this.#patience.wait(seconds);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #silenceError(waiting: Waiting): DeviceError {
    const asks = WAITS.test(this.#incoming.line);
    const what = asks ? "the device waits at something that is no known prompt" : "the device stays silent";
    const patterns = [
      this.#incoming.describePrompts(),
      ...(waiting.questions ?? []).map(({ asks: { source } }) => source),
    ];
    const message =
      `${what}: no prompt ${waiting.after} for ${waiting.seconds} s` +
      ` (mode believed: ${this.mode ?? "none yet"}; waited for ${patterns.join(", or ")});` +
      ` last received: ${this.shown()}`;
    return new DeviceError(asks ? "PromptError" : "TimeoutError", message);
  }

  #readOn(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#channel?.resume();
  }

  readonly #onAbort = () => this.#awake();

  #awake(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
