import {
  type ConnectContext,
  DeviceError,
  type DeviceSession,
  type LinePermit,
  type Operation,
  type RunRequest,
  type SessionFrame,
} from "../../src/device/driver.ts";
import { assertHarmless } from "../../src/device/limited-args.ts";
import { type Redactor, redactor } from "../../src/device/redact.ts";
import { type EapiConnectionArgs, type EapiDriverArgs, secondsOf } from "./args.ts";
import { commandError, failedAt, type Place, UNCONVERTED, wayError } from "./errors.ts";
import { EapiLink } from "./link.ts";
import { outputOf } from "./results.ts";
import type { Encoding, RpcAnswer, RpcCommand } from "./rpc.ts";

type Failure = RpcAnswer & { ok: false };

/** Harmless, and on every EOS. */
const PROBE = "show hostname";
const SAVE = "copy running-config startup-config";
const HEALTH_SECONDS = 5;
/** See `assertHarmless`. What `save` sends is asked about; an alias of the device may stand for anything. */
const HARMLESS: readonly (keyof EapiDriverArgs)[] = [
  "encoding",
  "strict",
  "enable_mode",
  "save",
  "read_timeout",
  "autoComplete",
];

/** Proves the credentials by a request. Rejects with a `DeviceError`; nothing is open then. */
export async function openEapiSession(
  context: ConnectContext<EapiConnectionArgs>,
): Promise<DeviceSession<EapiDriverArgs>> {
  const session = new EapiSession(context);
  try {
    await session.prove(context.signal);
  } catch (error) {
    session.destroy();
    throw error;
  }
  return session;
}

class EapiSession implements DeviceSession<EapiDriverArgs> {
  readonly platform = "arista_eos";
  readonly #context: ConnectContext<EapiConnectionArgs>;
  readonly #link: EapiLink;
  readonly #redactor: Redactor;

  constructor(context: ConnectContext<EapiConnectionArgs>) {
    this.#context = context;
    this.#link = new EapiLink(context);
    this.#redactor = redactor([context.args.password, context.args.secret]);
  }

  async prove(signal: AbortSignal): Promise<void> {
    const { args, progress } = this.#context;
    progress(`waiting for an answer of ${this.#link.where}`);
    // A user who may not run this one may run others: that it was answered is enough.
    await this.#link.run({ commands: [PROBE], encoding: "json", more: {} }, secondsOf(args), signal);
  }

  async *run(request: RunRequest<EapiDriverArgs>): AsyncGenerator<SessionFrame> {
    const { operation, signal, driverArgs, permit } = request;
    try {
      signal.throwIfAborted();
      assertHarmless(driverArgs, HARMLESS, { permit, kind: operation.kind });
      if (operation.kind === "config") {
        assertMayConfigure(operation.lines, driverArgs, permit);
        yield* this.#config(operation.lines, driverArgs, signal);
      } else yield* this.#commands(operation, request);
    } finally {
      if (signal.aborted) this.#abandon();
    }
  }

  async health(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#link.run({ commands: [PROBE], encoding: "json", more: {} }, HEALTH_SECONDS, signal);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.destroy();
  }

  destroy(): void {
    this.#link.destroy();
  }

  #abandon(): void {
    this.destroy();
    this.#context.onClosed("the run was cut short");
  }

  /** A request for each, so that what came before a failure, or a job's end, is there. */
  async *#commands(
    { commands }: Operation & { kind: "command" },
    { driverArgs: args, signal, permit }: RunRequest<EapiDriverArgs>,
  ): AsyncGenerator<SessionFrame> {
    for (const [index, command] of commands.entries()) {
      yield { kind: "start", index };
      permit.assertMayType(command);
      const { answer, encoding } = await this.#ask(command, args, signal);
      if (!answer.ok) {
        yield { kind: "end", index, ok: false, exitStatus: null };
        throw this.#refusal(answer, command, args);
      }
      yield* said(index, outputOf(answer.results.at(-1) ?? "", encoding));
      yield { kind: "end", index, ok: true, exitStatus: null };
    }
  }

  async #ask(
    command: string,
    args: EapiDriverArgs,
    signal: AbortSignal,
  ): Promise<{ answer: RpcAnswer; encoding: Encoding }> {
    const encoding = args.encoding ?? "json";
    const answer = await this.#run([command], encoding, args, signal);
    const unconverted = !answer.ok && answer.code === UNCONVERTED && args.strict !== true;
    // The device has not run it: it says so before.
    if (encoding === "text" || !unconverted) return { answer, encoding };
    return { answer: await this.#run([command], "text", args, signal), encoding: "text" };
  }

  /** All lines in one request, which the device ends at the first that it refuses: those before it are in force. */
  async *#config(
    lines: readonly string[],
    args: EapiDriverArgs,
    signal: AbortSignal,
  ): AsyncGenerator<SessionFrame> {
    yield { kind: "start", index: 0 };
    const answer = await this.#run(["configure", ...lines], "text", args, signal);
    const before = this.#way(args).length + 1;
    const failed = answer.ok ? lines.length : failedAt(answer) - before;
    if (!answer.ok && failed < 0) throw this.#wayRefusal(answer, args);
    for (let index = 0; index < Math.min(failed + 1, lines.length); index += 1) {
      if (index > 0) yield { kind: "start", index };
      const result = answer.results[before + index];
      if (index !== failed && result !== undefined) yield* said(index, outputOf(result, "text"));
      yield { kind: "end", index, ok: index !== failed, exitStatus: null };
    }
    if (!answer.ok) {
      throw this.#refused(answer, lines[failed] ?? "", { type: "ConfigError", line: failed + 1 });
    }
    if (args.save === true) await this.#save(args, signal);
  }

  async #save(args: EapiDriverArgs, signal: AbortSignal): Promise<void> {
    const answer = await this.#run([SAVE], "text", args, signal);
    if (answer.ok) return;
    const { message } = this.#refusal(answer, SAVE, args);
    throw new DeviceError("ConfigError", `all lines were accepted, but not saved: ${message}`);
  }

  #refusal(answer: Failure, command: string, args: EapiDriverArgs): DeviceError {
    if (failedAt(answer) < this.#way(args).length) return this.#wayRefusal(answer, args);
    return this.#refused(answer, command, { type: "CommandError" });
  }

  #refused(answer: Failure, command: string, as: Pick<Place, "type" | "line">): DeviceError {
    return commandError(answer, { command, shown: this.#redactor.line(command), ...as }, this.#redactor);
  }

  #wayRefusal(answer: Failure, args: EapiDriverArgs): DeviceError {
    const isEnable = failedAt(answer) < this.#way(args).length;
    return wayError(answer, isEnable ? "enable" : "configure", this.#redactor);
  }

  /** What leads to where commands are run: each request begins anew. */
  #way({ enable_mode: enable = true }: EapiDriverArgs): RpcCommand[] {
    const { secret } = this.#context.args;
    if (!enable) return [];
    return secret === undefined || secret === "" ? ["enable"] : [{ cmd: "enable", input: secret }];
  }

  #run(
    commands: readonly string[],
    encoding: Encoding,
    args: EapiDriverArgs,
    signal: AbortSignal,
  ): Promise<RpcAnswer> {
    const { autoComplete, expandAliases, read_timeout: seconds } = args;
    const more = {
      ...(autoComplete === undefined ? {} : { autoComplete }),
      ...(expandAliases === undefined ? {} : { expandAliases }),
    };
    const request = { commands: [...this.#way(args), ...commands], encoding, more };
    return this.#link.run(request, seconds ?? secondsOf(this.#context.args), signal);
  }
}

/** All at once, as they are sent. */
function assertMayConfigure(lines: readonly string[], { save }: EapiDriverArgs, permit: LinePermit): void {
  for (const line of lines) permit.assertMayType(line, { configuring: true });
  if (save === true) permit.assertMayType(SAVE);
}

/** Frames of a command's output. Large ones in pieces: whoever pulls pays for each. */
function* said(index: number, text: string): Generator<SessionFrame> {
  const PIECE = 64 * 1024;
  for (let at = 0; at < text.length; ) {
    // No pair of surrogates is cut.
    const whole =
      at + PIECE < text.length && /[\ud800-\udbff]/.test(text[at + PIECE - 1] ?? "") ? PIECE - 1 : PIECE;
    yield { kind: "data", index, stream: "stdout", text: text.slice(at, at + whole) };
    at += whole;
  }
}
