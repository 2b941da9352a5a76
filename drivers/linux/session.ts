import {
  type Clock,
  DeviceError,
  type DeviceSession,
  type FileFolder,
  type FileTransfer,
  type Operation,
  type RunRequest,
  type SessionFrame,
} from "../../src/device/driver.ts";
import { assertHarmless } from "../../src/device/limited-args.ts";
import type { Redactor } from "../../src/device/redact.ts";
import { within } from "../../src/device/transport/phase.ts";
import type { ExecChannel, ExecEnd, SshConnection } from "../../src/device/transport/ssh-connection.ts";
import type { LinuxDriverArgs } from "./args.ts";
import { detachedCommand } from "./detached.ts";
import { Dialogue } from "./dialogue.ts";
import { CommandOutput, SilenceWatch } from "./output.ts";
import { newMarks, prepare, quote } from "./shell.ts";
import { download } from "./transfer/download.ts";
import { upload } from "./transfer/upload.ts";

const HEALTH_SECONDS = 5;

/** See `assertHarmless`: others reach the host beside the command. */
const HARMLESS: readonly (keyof LinuxDriverArgs)[] = ["encoding", "stop_on_error", "timeout", "read_timeout"];

/** Commands on a Unix-like host, each in an exec channel of its own on one connection. */
export class LinuxSession implements DeviceSession<LinuxDriverArgs> {
  readonly platform = "linux";
  readonly #connection: SshConnection;
  readonly #clock: Clock;
  readonly #redactor: Redactor;

  constructor({ connection, clock, redactor }: SessionParts) {
    this.#connection = connection;
    this.#clock = clock;
    this.#redactor = redactor;
  }

  async *run({
    operation,
    driverArgs,
    signal,
    permit,
  }: RunRequest<LinuxDriverArgs>): AsyncGenerator<SessionFrame> {
    assertHarmless(driverArgs, HARMLESS, { permit, kind: operation.kind });
    const task = operation.kind === "command" ? operation.task : undefined;
    const commands = operation.kind === "command" ? operation.commands : operation.lines;
    const failures: DeviceError[] = [];
    for (const [index, command] of commands.entries()) {
      yield { kind: "start", index };
      permit.assertMayType(command, { shell: true });
      const sent = detachedCommand(command, driverArgs, task);
      const { end, refusal } = yield* this.#command({ index, command, sent }, driverArgs, signal);
      const ok = refusal === null && end.lost === null && end.status === 0;
      yield { kind: "end", index, ok, exitStatus: refusal === null ? end.status : null };
      if (ok) continue;
      const failure = end.lost ?? refusal ?? this.#failure(operation.kind, command, end);
      failures.push(failure);
      if (driverArgs.stop_on_error !== false || failure === end.lost) break;
    }
    const [first] = failures;
    if (first !== undefined) throw failures.length === 1 ? first : severalOf(first, failures.length);
  }

  async *transfer({
    transfers,
    files,
    signal,
  }: {
    transfers: readonly FileTransfer[];
    files(index: number): FileFolder;
    signal: AbortSignal;
  }): AsyncGenerator<SessionFrame> {
    const sftp = await this.#connection.openSftp(signal);
    const hostHash = (path: string, length: number) => this.#hostHash(path, length, signal);
    let over = false;
    try {
      for (const [index, transfer] of transfers.entries()) {
        yield { kind: "start", index };
        try {
          const site = { sftp, files: files(index), clock: this.#clock, hostHash };
          const told = transfer.operation === "upload" ? upload(site, transfer) : download(site, transfer);
          for await (const event of told)
            yield { kind: "data", index, stream: "stdout", text: `${JSON.stringify(event)}\n` };
        } catch (error) {
          if (isOrderly(error)) {
            over = true;
            yield { kind: "end", index, ok: false, exitStatus: null };
          }
          throw error;
        }
        yield { kind: "end", index, ok: true, exitStatus: null };
      }
      over = true;
    } finally {
      if (over) await sftp.end(this.#clock);
      else void this.#connection.close();
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
    const output = new CommandOutput({ index: 0, silence: null });
    await this.#connection.exec(":", output, signal);
    for (;;) {
      const next = await output.next(signal);
      if ("end" in next) return next.end.lost === null;
    }
  }

  /**
   * By the programs that most hosts have; what they answer is only ever compared. A host that takes no command beside SFTP
   * just does not say.
   */
  async #hostHash(path: string, length: number, signal: AbortSignal): Promise<string | null> {
    const output = new CommandOutput({ index: 0, silence: null });
    let text = "";
    try {
      await this.#connection.exec(`head -c ${length} < ${quote(path)} | sha256sum`, output, signal, {
        spare: true,
      });
      for (;;) {
        const next = await output.next(signal);
        if ("end" in next) return /^([0-9a-f]{64}) /.exec(text)?.[1] ?? null;
        if (text.length < 100) text += next.data.map((data) => data.text).join("");
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof DeviceError)) throw error;
      return null;
    }
  }

  /** Streams what a command prints and returns how it ended; ends it when the run is cut short. */
  async *#command(
    { index, command, sent }: { index: number; command: string; sent: string },
    args: LinuxDriverArgs,
    runs: AbortSignal,
  ): AsyncGenerator<SessionFrame, Ended> {
    const limit = this.#limit(command, args);
    const signal = AbortSignal.any([runs, limit.signal]);
    const marks = newMarks();
    const prepared = prepare(sent, args, marks);
    const dialogue = new Dialogue({ prepared, args, marks, fail: (error) => output.fail(error) });
    const { encoding } = args;
    const output = new CommandOutput({ index, silence: this.#silence(command, args), encoding, dialogue });
    let channel: ExecChannel | null = null;
    let ended = false;
    try {
      const options = {
        terminal: args.get_pty === true,
        input: prepared.input !== "" || !prepared.inputEnds,
      };
      channel = await this.#connection.exec(prepared.line, output, signal, options);
      output.attach(channel);
      dialogue.attach(channel);
      for (;;) {
        const next = await output.next(signal);
        if ("end" in next) {
          ended = true;
          return { end: next.end, refusal: dialogue.refusal() };
        }
        yield* next.data;
      }
    } catch (error) {
      yield* output.take();
      throw error;
    } finally {
      limit.cancel();
      if (!ended) await this.#abandon(channel);
    }
  }

  /** Aborts when the command's own time is over. */
  #limit(command: string, { timeout }: LinuxDriverArgs): { signal: AbortSignal; cancel(): void } {
    const abort = new AbortController();
    const { signal } = abort;
    if (timeout === undefined) return { signal, cancel() {} };
    const over = () =>
      abort.abort(new DeviceError("TimeoutError", `${this.#quoted(command)} took longer than ${timeout} s`));
    const timer = this.#clock.after(timeout * 1000, over);
    return { signal, cancel: () => timer.cancel() };
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

  #failure(kind: Operation["kind"], command: string, end: ExecEnd): DeviceError {
    const how =
      end.status === null ? `was ended by ${end.signal ?? "a signal"}` : `exited with ${end.status}`;
    const type = kind === "config" ? "ConfigError" : "CommandError";
    return new DeviceError(type, `${this.#quoted(command)} ${how}`);
  }

  #quoted(command: string): string {
    return JSON.stringify(this.#redactor.line(command.slice(0, 200)));
  }
}

export interface SessionParts {
  connection: SshConnection;
  clock: Clock;
  redactor: Redactor;
}

/** The host has answered, and is where it was. */
function isOrderly(error: unknown): boolean {
  return error instanceof DeviceError && error.type === "CommandError";
}

/** How a command ended, and why it did not begin if it did not. */
interface Ended {
  end: ExecEnd;
  refusal: DeviceError | null;
}

function severalOf(first: DeviceError, count: number): DeviceError {
  const { type, message, retryable } = first;
  return new DeviceError(type, `${count} commands failed; the first: ${message}`, { retryable });
}
