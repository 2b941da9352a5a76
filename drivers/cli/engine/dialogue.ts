import { type Clock, DeviceError, type LinePermit } from "../../../src/device/driver.ts";
import type { Redactor } from "../../../src/device/redact.ts";
import type { ByteChannel, ByteSink } from "../../../src/device/transport/channel.ts";
import type { Platform, Question } from "../platform.ts";
import { Terminal } from "../terminal/terminal.ts";
import { EchoFilter } from "./echo.ts";
import { LostPrompt } from "./lost-prompt.ts";
import { Patience } from "./patience.ts";
import { PromptHead } from "./prompt-head.ts";
import { type Prompt, Prompts } from "./prompts.ts";
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
/** How much of what came last an error shows; more is kept, so that no secret is cut before it is hidden. */
const SHOWN = 500;
const KEPT = 4 * SHOWN;

/**
 * A dialogue in lines with a device: type one, read what it prints until it asks for the next. It waits
 * for bytes only; timers run for a silent device and for a doubtful prompt.
 */
export class Dialogue implements ByteSink {
  readonly #platform: Platform;
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #redactor: Redactor;
  readonly #terminal: Terminal;
  readonly #prompts: Prompts;
  readonly #echo: EchoFilter;
  readonly #head: PromptHead;
  readonly #lost: LostPrompt;
  #channel: ByteChannel | null = null;
  #prompt: Prompt | null = null;
  #atPrompt = false;
  #interrupting = false;
  #stopping = false;
  #signal: AbortSignal | null = null;
  #permit = NO_LINE;
  #end: DeviceError | null = null;
  #recent = "";
  #paused = false;
  #wake: (() => void) | null = null;

  constructor(parts: { platform: Platform; clock: Clock; encoding: string; redactor: Redactor }) {
    this.#terminal = new Terminal(parts.encoding);
    this.#platform = parts.platform;
    this.#clock = parts.clock;
    this.#patience = new Patience({
      clock: parts.clock,
      isWaiting: () => this.#wake !== null,
      awake: () => this.#awake(),
    });
    this.#redactor = parts.redactor;
    this.#prompts = new Prompts(parts.platform);
    this.#echo = new EchoFilter((text) => this.#prompts.match(text) !== null);
    this.#head = new PromptHead(parts.platform.promptHead);
    this.#lost = new LostPrompt((line) => this.#prompts.seenAt(line));
  }

  /** The mode of the last prompt; `null` before the first. */
  get mode(): string | null {
    return this.#prompt?.mode ?? null;
  }

  /** The last prompt as the device wrote it; `null` before the first. */
  get prompt(): string | null {
    return this.#prompt?.text ?? null;
  }

  /** Nothing was typed since the last prompt: the device waits for us. */
  get atPrompt(): boolean {
    return this.#atPrompt;
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
    this.#terminal.takeLines();
    this.#head.release();
    this.#lost.release();
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
    if (this.#platform.echo) this.#echo.expect(line);
  }

  /** Types something that the device does not repeat. */
  sendHidden(secret: string, origin: Origin = "job"): void {
    if (origin === "job") this.assertMayType(secret, { hidden: true });
    this.#type(secret);
    this.#echo.giveUp();
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
    this.#terminal.takeRest();
    this.#echo.giveUp();
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
    if (this.#echo.pending) return "";
    const isPrompt = this.#prompts.match(this.#terminal.line) !== null;
    return (
      this.#lost.release() +
      this.#head.release() +
      (isPrompt ? this.#terminal.takeLines() : this.#terminal.takeRest())
    );
  }

  onData(bytes: Uint8Array): void {
    this.#terminal.write(bytes);
    this.#patience.heard();
    if (this.#signal === null) this.#remember(this.#terminal.takeLines());
    else if (this.#terminal.pending > MAX_PENDING && !this.#paused) {
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
    const text = this.#redactor.text(this.#recent + this.#terminal.line);
    return JSON.stringify(text.slice(-SHOWN));
  }

  #type(line: string): void {
    const { literalNext, enter } = this.#platform;
    this.assertGoing();
    this.#terminal.takeRest();
    this.#head.release();
    this.#lost.release();
    this.#stopping = false;
    this.#atPrompt = false;
    this.#patience.typed();
    this.#write((literalNext === null ? line : line.replaceAll("?", `${literalNext}?`)) + enter);
  }

  #write(text: string): void {
    if (this.#end !== null) throw this.#end;
    this.#channel?.write(text);
  }

  #poll(waiting: Waiting): Reply | null {
    const text = this.#lost.filter(this.#head.filter(this.#echo.filter(this.#terminal.takeLines())));
    this.#readOn();
    if (text !== "") {
      this.#remember(text);
      return { kind: "text", text };
    }
    return this.#atLineEnd(waiting);
  }

  /**
   * Looks at the unfinished line: the only place where a device waits. Output that has the very prompt at
   * the start of a line, and pauses behind it, cannot be told from it without waiting at every prompt.
   */
  #atLineEnd(waiting: Waiting): Reply | null {
    const line = this.#terminal.line.trim();
    if (line === "") return this.#atEmptyLine(waiting);
    if (this.#platform.pager?.question.test(line)) {
      this.#terminal.erasePager();
      this.#write(
        this.#interrupting || this.#stopping ? this.#platform.interrupt : this.#platform.pager.answer,
      );
      return null;
    }
    const question = waiting.questions?.find(({ asks }) => asks.test(line));
    if (question !== undefined) return this.#asked(question, line);
    const prompt = this.#prompts.match(line, this.#head.above);
    if (prompt !== null) return this.#accept(prompt, waiting);
    return this.#echo.pending || !waiting.expects?.(this.#terminal.line) ? null : this.#expected(line);
  }

  #asked(question: Question, line: string): Reply | null {
    if (question.loose && this.#isUnsettled(!this.#echo.pending && WAITS.test(line))) return null;
    this.#remember(line);
    this.#terminal.dropLine();
    return { kind: "question", question, line };
  }

  #expected(line: string): Reply | null {
    if (!WAITS.test(line) && this.#isUnsettled()) return null;
    this.#remember(line);
    this.#terminal.dropLine();
    return { kind: "expected", line };
  }

  #atEmptyLine(waiting: Waiting): Reply | null {
    const lost = this.#lost.found;
    if (lost === null) return waiting.expects?.("") ? this.#expected("") : null;
    if (this.#isUnsettled()) return null;
    const logs = this.#lost.accept();
    this.#terminal.print(lost);
    return { kind: "text", text: logs };
  }

  /** True until the device has been silent for a while. */
  #isUnsettled(likely = false): boolean {
    if (this.#patience.settled) return false;
    this.#patience.doubt(likely);
    return true;
  }

  #accept(prompt: Prompt, waiting: Waiting): Reply | null {
    const certain =
      (!this.#echo.pending || waiting.unverified === true) &&
      (prompt.known || waiting.renamed === true || (this.#prompt === null && !this.#platform.learnsPrompt));
    if (!certain && this.#isUnsettled()) return null;
    if (this.#echo.pending) {
      // What was held back for the echo may tell the mode.
      const output = this.#head.filter(this.#echo.giveUp());
      return output === "" ? this.#atLineEnd(waiting) : { kind: "text", text: output };
    }
    const held = this.#lost.release() + this.#head.drop();
    if (held !== "") return { kind: "text", text: held };
    this.#prompts.learn(prompt);
    this.#prompt = prompt;
    this.#atPrompt = true;
    this.#patience.stop();
    this.#remember(this.#terminal.takeRest());
    return { kind: "prompt", prompt };
  }

  #moreBytes(seconds: number): Promise<void> {
    this.#patience.wait(seconds);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #silenceError(waiting: Waiting): DeviceError {
    const line = this.#terminal.line.trim();
    const asks = WAITS.test(line);
    const what = asks ? "the device waits at something that is no known prompt" : "the device stays silent";
    const patterns = [
      // The name that a device gives itself is what it prints, like the rest.
      this.#redactor.text(this.#prompts.describe()),
      ...(waiting.questions ?? []).map(({ asks: { source } }) => source),
    ];
    const message =
      `${what}: no prompt ${waiting.after} for ${waiting.seconds} s` +
      ` (mode believed: ${this.mode ?? "none yet"}; waited for ${patterns.join(", or ")});` +
      ` last received: ${this.shown()}`;
    return new DeviceError(asks ? "PromptError" : "TimeoutError", message);
  }

  #remember(text: string): void {
    this.#recent = text.length >= KEPT ? text.slice(-KEPT) : (this.#recent + text).slice(-KEPT);
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
