import {
  type Clock,
  DeviceError,
  type DeviceSession,
  type Operation,
  type RunRequest,
  type SessionFrame,
} from "../../src/device/driver.ts";
import { assertHarmless } from "../../src/device/limited-args.ts";
import { type Redactor, redactor } from "../../src/device/redact.ts";
import type { ByteChannel, ByteSink } from "../../src/device/transport/channel.ts";
import type { CliDriverArgs } from "./args.ts";
import { configure } from "./engine/configure.ts";
import { Dialogue } from "./engine/dialogue.ts";
import { exchange } from "./engine/exchange.ts";
import { greet } from "./engine/greet.ts";
import type { Manner } from "./engine/manner.ts";
import { goTo } from "./engine/modes.ts";
import { bringToRest } from "./engine/rest.ts";
import { type TellOptions, tell } from "./engine/tell.ts";
import { lineArgs } from "./line-args.ts";
import { type Habits, mannerOf } from "./manner.ts";
import { parsingArgs } from "./parsing.ts";
import type { Platform, Question } from "./platform.ts";

interface CliSessionOptions {
  platform: Platform;
  /** See `DeviceSession`. */
  detected: string | null;
  clock: Clock;
  /** Of what the device prints, as a decoder calls it. */
  encoding: string;
  /** The enable password. */
  secret: string | undefined;
  habits: Habits;
  /** Everything that must not appear in an error. */
  secrets: readonly (string | undefined)[];
  /** Seconds without a byte that end a wait during login. */
  loginSeconds: number;
  /** How the first prompt is reached, where the channel is not logged in. */
  logIn?: (dialogue: Dialogue) => Promise<void>;
  /** Ends the login. */
  signal: AbortSignal;
  /** What the login waits for; see `ConnectContext`. */
  progress(doing: string): void;
  /** The session ended, and not by `close` or `destroy`. */
  onClosed(reason: string): void;
}

/** A line of a job. */
interface Typing {
  index: number;
  line: string;
  kind: "command" | "config";
  manner: Manner;
  /** What it may be asked back. */
  questions: readonly Question[];
}

/**
 * See `assertHarmless`. What `save` types is asked about, as are answers and what leads into configuration mode; `diff`
 * and `dry_run` are asked about or the platform's; the others choose between words of the platform, or type nothing.
 */
const HARMLESS: readonly (keyof CliDriverArgs)[] = [
  ...(Object.keys(lineArgs) as (keyof typeof lineArgs)[]),
  ...(Object.keys(parsingArgs) as (keyof typeof parsingArgs)[]),
  "enable_mode",
  "save",
  "commit_confirm",
  "error_pattern",
  "dry_run",
  "diff",
  "config_mode_command",
];

const HEALTH_SECONDS = 5;

/**
 * A command line session over any byte channel. Opening waits for the first prompt, leaves whatever mode
 * someone left the line in, and turns paging off. Rejects with a `DeviceError`; the channel is destroyed
 * then.
 */
export async function openCliSession(
  options: CliSessionOptions,
  openChannel: (sink: ByteSink) => Promise<ByteChannel>,
): Promise<DeviceSession<CliDriverArgs>> {
  const dialogue = new Dialogue({
    platform: options.platform,
    clock: options.clock,
    encoding: options.encoding,
    redactor: redactor(options.secrets),
  });
  const sink: ByteSink = {
    onData: (bytes) => dialogue.onData(bytes),
    onEnd: (reason) => {
      dialogue.onEnd(reason);
      session.ended(reason);
    },
  };
  const session = new CliSession(options, dialogue);
  options.progress("waiting for the device to open a shell");
  const channel = await openChannel(sink);
  dialogue.attach(channel);
  session.attach(channel);
  try {
    await session.prepare();
  } catch (error) {
    session.destroy();
    // Its timers would go on for nobody.
    dialogue.rest();
    throw error;
  }
  return session;
}

class CliSession implements DeviceSession<CliDriverArgs> {
  readonly #options: CliSessionOptions;
  readonly #dialogue: Dialogue;
  readonly #redactor: Redactor;
  readonly #visited = new Set<string>();
  #channel: ByteChannel | null = null;
  #open = false;

  constructor(options: CliSessionOptions, dialogue: Dialogue) {
    this.#options = options;
    this.#dialogue = dialogue;
    this.#redactor = redactor(options.secrets);
  }

  attach(channel: ByteChannel): void {
    this.#channel = channel;
  }

  get prompt(): string | null {
    return this.#dialogue.prompt;
  }

  get platform(): string | null {
    return this.#options.platform.ntcName;
  }

  get detected(): string | null {
    return this.#options.detected;
  }

  ended(reason: DeviceError): void {
    if (!this.#open) return;
    this.#open = false;
    this.#options.onClosed(reason.message);
  }

  /** Waits for the first prompt and sets the terminal up. */
  async prepare(): Promise<void> {
    const { platform, loginSeconds, logIn, signal } = this.#options;
    const dialogue = this.#dialogue;
    dialogue.begin(signal);
    this.#options.progress("waiting for the first prompt after the login");
    if (logIn === undefined) await greet(dialogue, platform.onLogin, loginSeconds);
    else await logIn(dialogue);
    this.#options.progress("setting the terminal up after the login");
    if (!this.#inCommandMode()) await this.#go(platform.privilegedMode, loginSeconds);
    for (const line of platform.onOpen) await tell(dialogue, { send: line }, this.#telling(loginSeconds));
    await this.#setUp(loginSeconds);
    dialogue.rest();
    this.#open = true;
  }

  async *run(request: RunRequest<CliDriverArgs>): AsyncGenerator<SessionFrame> {
    const dialogue = this.#dialogue;
    let outcome: "running" | "done" = "running";
    dialogue.begin(request.signal, request.permit);
    try {
      const { permit, operation } = request;
      assertHarmless(request.driverArgs, HARMLESS, { permit, kind: operation.kind });
      yield* request.operation.kind === "command"
        ? this.#commands(request.operation, request.driverArgs)
        : this.#config(request.operation.lines, request.driverArgs);
      outcome = "done";
    } catch (error) {
      outcome = "done";
      await this.#recover(request.signal.aborted);
      throw error;
    } finally {
      // Whoever pulled the stream stopped in its middle.
      if (outcome === "running") await this.#recover(true);
      dialogue.rest();
    }
  }

  async health(signal: AbortSignal): Promise<boolean> {
    if (!this.#open) return false;
    this.#dialogue.begin(signal);
    try {
      await tell(this.#dialogue, { send: "" }, this.#telling(HEALTH_SECONDS));
      return true;
    } catch {
      return false;
    } finally {
      this.#dialogue.rest();
    }
  }

  async close(): Promise<void> {
    this.#open = false;
    await this.#channel?.close();
  }

  destroy(): void {
    this.#open = false;
    this.#channel?.destroy();
  }

  async *#commands(
    { commands, commandArgs = [] }: Operation & { kind: "command" },
    args: CliDriverArgs,
  ): AsyncGenerator<SessionFrame> {
    const { platform, secret, habits } = this.#options;
    const { seconds } = mannerOf(args, {}, habits);
    const privileged = args.enable_mode ?? secret !== undefined;
    if (privileged || !this.#inCommandMode()) await this.#go(platform.privilegedMode, seconds);
    for (const [index, line] of commands.entries()) {
      const manner = mannerOf(args, commandArgs[index] ?? {}, habits);
      const refusal = yield* this.#exchange({ index, line, kind: "command", manner, questions: [] });
      if (refusal !== null) {
        throw new DeviceError("CommandError", `${this.#quoted(line)} was refused: ${this.#words(refusal)}`);
      }
    }
    // An expected text was found before the prompt: what still runs is interrupted, for the next job.
    if (!this.#dialogue.atPrompt) await this.#rests(false);
  }

  #config(lines: readonly string[], args: CliDriverArgs): AsyncGenerator<SessionFrame> {
    const manner = mannerOf(args, {}, this.#options.habits);
    const { seconds } = manner;
    return configure(lines, {
      dialogue: this.#dialogue,
      platform: this.#options.platform,
      telling: this.#telling(seconds),
      trial: args.commit_confirm,
      save: args.save === true,
      dryRun: args.dry_run === true,
      diff: args.diff === true,
      stays: args.exit_config_mode === false,
      enterBy: args.config_mode_command,
      go: (mode) => this.#go(mode, seconds),
      exchange: (index, line, questions) =>
        this.#exchange({ index, line, kind: "config", manner, questions }),
      words: (text) => this.#words(text),
    });
  }

  #exchange({ index, line, kind, manner, questions }: Typing) {
    const { platform } = this.#options;
    const waiting = {
      after: `after ${this.#quoted(line)}`,
      seconds: manner.seconds,
      questions,
      renamed: platform.renames?.test(line) ?? false,
    };
    const shown = this.#redactor.line(line);
    return exchange(this.#dialogue, platform.refusals, { index, line, shown, kind, waiting, manner });
  }

  /**
   * Brings the device to rest after a failed run. A session that lost its step, or whose job was cut short,
   * is closed.
   */
  async #recover(cutShort: boolean): Promise<void> {
    const inStep = this.#dialogue.atPrompt && !cutShort;
    if ((await this.#rests(cutShort)) && !inStep) this.#abandon("the run was cut short");
  }

  /** False when the session has ended, or ends over it. */
  async #rests(cutShort: boolean): Promise<boolean> {
    const { platform, clock, secret } = this.#options;
    const dialogue = this.#dialogue;
    if (dialogue.ended !== null) return false;
    const go = (mode: string, seconds: number) => this.#go(mode, seconds);
    if (await bringToRest({ dialogue, platform, clock, secret, cutShort, go })) return true;
    this.#abandon("the device did not come back to its prompt");
    return false;
  }

  /** Ends the session on our side, and says so. */
  #abandon(reason: string): void {
    const open = this.#open;
    this.destroy();
    if (open) this.#options.onClosed(reason);
  }

  #inCommandMode(): boolean {
    return this.#options.platform.commandModes.includes(this.#dialogue.mode ?? "");
  }

  async #go(mode: string, seconds: number): Promise<void> {
    await goTo(this.#dialogue, this.#options.platform, mode, this.#telling(seconds));
    await this.#setUp(seconds);
  }

  /** Sends what a mode wants at the first visit. */
  async #setUp(seconds: number): Promise<void> {
    const mode = this.#dialogue.mode ?? "";
    if (this.#visited.has(mode)) return;
    this.#visited.add(mode);
    for (const send of this.#options.platform.onMode[mode] ?? []) {
      await tell(this.#dialogue, { send }, this.#telling(seconds));
    }
  }

  #telling(seconds: number): TellOptions {
    return { secret: this.#options.secret, seconds };
  }

  #quoted(line: string): string {
    return JSON.stringify(this.#redactor.line(line));
  }

  #words(text: string): string {
    return this.#redactor.text(text);
  }
}
