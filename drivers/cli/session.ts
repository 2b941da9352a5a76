import type { Clock, DeviceError, DeviceSession, RunRequest, SessionFrame } from "../../src/device/driver.ts";
import { redactor } from "../../src/device/redact.ts";
import type { ByteChannel, ByteSink } from "../../src/device/transport/channel.ts";
import type { CliDriverArgs } from "./args.ts";
import { Dialogue } from "./engine/dialogue.ts";
import { greet } from "./engine/greet.ts";
import { Rehearsal } from "./engine/rehearsal.ts";
import { bringToRest } from "./engine/rest.ts";
import type { Habits } from "./manner.ts";
import { perform, type Workplace } from "./operations.ts";
import type { Platform } from "./platform.ts";
import { Whereabouts } from "./whereabouts.ts";

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
  /** A word that no one else has. */
  unique(): string;
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
  readonly #where: Whereabouts;
  readonly #rehearsal: Rehearsal;
  readonly #workplace: Workplace;
  #channel: ByteChannel | null = null;
  #open = false;

  constructor(options: CliSessionOptions, dialogue: Dialogue) {
    this.#options = options;
    this.#dialogue = dialogue;
    const { platform, secret, habits, unique } = options;
    const where = new Whereabouts(dialogue, platform, secret);
    this.#where = where;
    const go = (mode: string, seconds: number) => where.go(mode, seconds);
    this.#rehearsal = new Rehearsal({ dialogue, platform, unique, go });
    this.#workplace = {
      platform,
      dialogue,
      where,
      rehearsal: this.#rehearsal,
      redactor: redactor(options.secrets),
      habits,
      hasSecret: secret !== undefined,
    };
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
    const [dialogue, where] = [this.#dialogue, this.#where];
    dialogue.begin(signal);
    this.#options.progress("waiting for the first prompt after the login");
    if (logIn === undefined) await greet(dialogue, platform.onLogin, loginSeconds);
    else await logIn(dialogue);
    this.#options.progress("setting the terminal up after the login");
    if (!where.inCommandMode) await where.go(platform.privilegedMode, loginSeconds);
    for (const line of platform.onOpen) await where.tell(line, loginSeconds);
    await where.setUp(loginSeconds);
    dialogue.rest();
    this.#open = true;
  }

  async *run(request: RunRequest<CliDriverArgs>): AsyncGenerator<SessionFrame> {
    const dialogue = this.#dialogue;
    let outcome: "running" | "done" = "running";
    dialogue.begin(request.signal, request.permit);
    try {
      yield* perform(this.#workplace, request);
      // An expected text was found before the prompt: what still runs is interrupted, for the next job.
      if (!dialogue.atPrompt) await this.#rests(false);
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
      await this.#where.tell("", HEALTH_SECONDS);
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
    const [dialogue, rehearsal] = [this.#dialogue, this.#rehearsal];
    if (dialogue.ended !== null) return false;
    const go = (mode: string, seconds: number) => this.#where.go(mode, seconds);
    if (await bringToRest({ dialogue, platform, rehearsal, clock, secret, cutShort, go })) return true;
    this.#abandon("the device did not come back to its prompt");
    return false;
  }

  /** Ends the session on our side, and says so. */
  #abandon(reason: string): void {
    const open = this.#open;
    this.destroy();
    if (open) this.#options.onClosed(reason);
  }
}
