import {
  type Clock,
  DeviceError,
  type DeviceSession,
  type RunRequest,
  type SessionFrame,
} from "../../src/device/driver.ts";
import type { Redactor } from "../../src/device/redact.ts";
import { within } from "../../src/device/transport/phase.ts";
import type { ExecChannel, ExecEnd, SshConnection } from "../../src/device/transport/ssh-connection.ts";
import type { LinuxDriverArgs } from "./args.ts";
import { CommandOutput, SilenceWatch } from "./output.ts";

const HEALTH_SECONDS = 5;

/** Commands on a Unix-like host, each in an exec channel of its own on one connection. */
export class LinuxSession implements DeviceSession<LinuxDriverArgs> {
  readonly #connection: SshConnection;
  readonly #clock: Clock;
  readonly #redactor: Redactor;

  constructor(connection: SshConnection, clock: Clock, redactor: Redactor) {
    this.#connection = connection;
    this.#clock = clock;
    this.#redactor = redactor;
  }

  async *run(request: RunRequest<LinuxDriverArgs>): AsyncGenerator<SessionFrame> {
    const { operation, driverArgs, signal } = request;
    if (operation.kind !== "command") throw new Error("the linux driver runs commands only");
    for (const [index, command] of operation.commands.entries()) {
      yield { kind: "start", index };
      const end = yield* this.#command(index, command, driverArgs, signal);
      const ok = end.lost === null && end.status === 0;
      yield { kind: "end", index, ok, exitStatus: end.status };
      if (!ok) throw this.#failure(command, end);
    }
  }

  async health(signal: AbortSignal): Promise<boolean> {
    if (this.#connection.ended) return false;
    const stop = new AbortController();
    const phase = {
      clock: this.#clock,
      signal,
      seconds: HEALTH_SECONDS,
      timeoutMessage: () => `the host did not answer within ${HEALTH_SECONDS} s`,
      giveUp: () => stop.abort(),
    };
    return within(phase, this.#runsNothing(stop.signal)).catch(() => false);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  /** Has the host run a command that does nothing; false when it was lost on the way. */
  async #runsNothing(signal: AbortSignal): Promise<boolean> {
    const output = new CommandOutput(0, null);
    await this.#connection.exec(":", output, signal);
    for (;;) {
      const next = await output.next(signal);
      if ("end" in next) return next.end.lost === null;
    }
  }

  /** Streams what a command prints and returns how it ended; ends it when the run is cut short. */
  async *#command(
    index: number,
    command: string,
    args: LinuxDriverArgs,
    signal: AbortSignal,
  ): AsyncGenerator<SessionFrame, ExecEnd> {
    const output = new CommandOutput(index, this.#silence(command, args));
    let channel: ExecChannel | null = null;
    let ended = false;
    try {
      channel = await this.#connection.exec(command, output, signal);
      output.attach(channel);
      for (;;) {
        const next = await output.next(signal);
        if ("end" in next) {
          ended = true;
          return next.end;
        }
        yield* next.data;
      }
    } catch (error) {
      yield* output.take();
      throw error;
    } finally {
      if (!ended) await this.#abandon(channel);
    }
  }

  #silence(command: string, args: LinuxDriverArgs): SilenceWatch | null {
    const seconds = args.read_timeout;
    if (seconds === undefined) return null;
    const error = () =>
      new DeviceError("TimeoutError", `${this.#quoted(command)} printed nothing for ${seconds} s`);
    return new SilenceWatch(this.#clock, seconds, error);
  }

  /**
   * Has the command ended, and closes the connection: what it left undone is not known. The end of the run
   * does not wait for the host to hang up.
   */
  async #abandon(channel: ExecChannel | null): Promise<void> {
    await channel?.kill().catch(() => {
      // The write guard refused: the connection is destroyed already.
    });
    void this.#connection.close();
  }

  #failure(command: string, end: ExecEnd): DeviceError {
    if (end.lost !== null) return end.lost;
    const how =
      end.status === null ? `was ended by ${end.signal ?? "a signal"}` : `exited with ${end.status}`;
    return new DeviceError("CommandError", `${this.#quoted(command)} ${how}`);
  }

  #quoted(command: string): string {
    return JSON.stringify(this.#redactor.line(command.slice(0, 200)));
  }
}
