import type { Clock } from "../core/clock.ts";
import { detectedLine } from "../core/detected.ts";
import type { JobError } from "../core/job.ts";
import { maskCommand, maskKnown, maskText } from "../core/mask.ts";
import { encodeFrame, type OutputFrame } from "../core/output-log.ts";
import { OutputMask } from "../core/output-mask.ts";
import { DeviceError, type DeviceSession, type SessionFrame, type TransferTask } from "../device/driver.ts";
import { linesOf } from "../engine/operation.ts";
import type { Credits } from "../ipc/credits.ts";
import { MAX_OUTPUT_MESSAGE, type RunOrder } from "../ipc/messages.ts";
import { linePermit } from "./line-permit.ts";
import type { TransferFolders } from "./transfer-folders.ts";

/** JSON may blow one character up to six bytes. */
const MAX_TEXT = Math.floor(MAX_OUTPUT_MESSAGE / 8);

/** Characters of a command that an error shows. */
const MAX_NAMED = 80;

export interface ExecuteContext {
  order: RunOrder;
  clock: Clock;
  credits: Credits;
  signal: AbortSignal;
  /** How long it took to get the session, ms. */
  connectMs: number;
  /** Where files of transfers are. */
  folders: Pick<TransferFolders, "of">;
  /** What the device is waited for with, in words that complete "it was …". */
  progress(doing: string): void;
  /** Sends encoded output log to the node. */
  send(log: string): void;
}

/** What an aborted session may still say (the rest of a line, the end of its command) before it is left. */
const MAX_PARTING_FRAMES = 64;

/**
 * Runs an operation on a session and streams its output log. Resolves when everything passed; rejects
 * with whatever ended it: see `outcomeOf`.
 */
export async function execute(session: DeviceSession<object>, context: ExecuteContext): Promise<void> {
  const { order, signal } = context;
  const { operation } = order;
  const permit = linePermit({ rules: order.lineRules, kind: operation.kind, secrets: order.secrets });
  const log = new LogWriter(context, session.detected ?? null);
  if (operation.kind === "connect") return log.connected(session.prompt ?? "");
  context.progress("on the way to the first line");
  const frames =
    operation.kind === "file_transfer"
      ? transfer(session, operation, context)
      : session.run({ operation, driverArgs: order.driverArgs, signal, permit });
  try {
    await pass(frames, log, context);
  } catch (error) {
    log.breakOff();
    throw error;
  }
  log.finish();
  signal.throwIfAborted();
}

async function pass(
  frames: AsyncIterable<SessionFrame>,
  log: LogWriter,
  { credits, signal }: ExecuteContext,
) {
  let parting = 0;
  for await (const frame of frames) {
    await credits.available(signal);
    if (signal.aborted && ++parting > MAX_PARTING_FRAMES) break;
    log.write(frame);
  }
}

async function* transfer(
  session: DeviceSession<object>,
  task: TransferTask,
  { folders, signal }: ExecuteContext,
): AsyncGenerator<SessionFrame> {
  if (session.transfer === undefined) throw new Error("this driver transfers no files");
  const files = await folders.of(task, signal);
  yield* session.transfer({ transfers: task.transfers, files, signal });
}

/** The one place where what ended a run becomes the job's error. Never a secret, never a stack. */
export function errorOf(thrown: unknown, secrets: readonly string[]): JobError {
  if (thrown instanceof DeviceError) {
    // Drivers mask what they quote of a device; around it stand words of ours.
    return { type: thrown.type, message: maskKnown(thrown.message, secrets), retryable: thrown.retryable };
  }
  const name = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return {
    type: "InternalError",
    message: maskText(`the driver failed: ${name}`, secrets),
    retryable: false,
  };
}

/** Behind a `TemplateError` nothing was sent. */
const UNHARMED: readonly string[] = ["CommandError", "ConfigError", "ConfigLocked", "TemplateError"];

/** Whether a session is in a known state after this error: the device answered and is at its prompt. */
export function keepsSession(error: JobError | null): boolean {
  return error === null || UNHARMED.includes(error.type);
}

const PLACES: Partial<Record<string, string>> = { config: "config line", file_transfer: "file transfer" };

type Stream = (SessionFrame & { kind: "data" })["stream"];

class LogWriter {
  readonly #context: ExecuteContext;
  readonly #lines: string[];
  readonly #begun = new Map<number, number>();
  /** By command and stream. */
  readonly #masks = new Map<string, OutputMask>();
  #size = 0;
  /** What is still to be said of the device. */
  #detected: string | null;

  constructor(context: ExecuteContext, detected: string | null) {
    this.#context = context;
    this.#detected = detected;
    this.#lines = linesOf(context.order.operation);
  }

  /** What a job that only connects has to show: one entry without a command, with the prompt as its output. */
  connected(prompt: string): void {
    const { clock, order, connectMs } = this.#context;
    const frames: OutputFrame[] = [
      { kind: "start", index: 0, at: clock.now() - connectMs, command: "" },
      { kind: "data", index: 0, stream: "stdout", text: maskText(prompt, order.secrets) },
      ...this.#detection(0),
      { kind: "end", index: 0, ok: true, exitStatus: null, durationMs: connectMs },
    ];
    this.#send(frames.map(encodeFrame).join(""));
  }

  write(frame: SessionFrame): void {
    switch (frame.kind) {
      case "start":
        return this.#start(frame);
      case "data":
        return this.#data(frame);
      case "end":
        return this.#end(frame);
    }
  }

  #start({ index, command: sent }: SessionFrame & { kind: "start" }): void {
    const { clock, order, progress } = this.#context;
    this.#begun.set(index, clock.monotonic());
    const command = maskCommand(sent ?? this.#lines[index] ?? "", order.secrets);
    progress(`in ${this.#place(index)}, ${JSON.stringify(command.slice(0, MAX_NAMED))}`);
    const frames: OutputFrame[] = [
      { kind: "start", index, at: clock.now(), command },
      ...this.#detection(index),
    ];
    this.#send(frames.map(encodeFrame).join(""));
  }

  /** Said once, in the first output. */
  #detection(index: number): OutputFrame[] {
    const detected = this.#detected;
    if (detected === null) return [];
    this.#detected = null;
    return [{ kind: "data", index, stream: "stderr", text: detectedLine(detected) }];
  }

  /** What a device prints while it is configured often repeats the line, secrets included. */
  #data({ index, stream, text }: SessionFrame & { kind: "data" }): void {
    this.#show({ index, stream, text: this.#maskOf(index, stream)?.heard(text) ?? text });
  }

  #show({ index, stream, text }: Omit<SessionFrame & { kind: "data" }, "kind">): void {
    for (let at = 0; at < text.length; at += MAX_TEXT) {
      this.#send(encodeFrame({ kind: "data", index, stream, text: text.slice(at, at + MAX_TEXT) }));
    }
  }

  #maskOf(index: number, stream: Stream): OutputMask | null {
    const { maskOutput, secrets } = this.#context.order;
    if (!maskOutput) return null;
    const key = `${index} ${stream}`;
    const mask = this.#masks.get(key) ?? new OutputMask(secrets);
    this.#masks.set(key, mask);
    return mask;
  }

  /** What masks hold back, of one command or of all. */
  #unmask(only: number | null): void {
    for (const [key, mask] of this.#masks) {
      const [index, stream] = key.split(" ");
      if (only !== null && Number(index) !== only) continue;
      this.#masks.delete(key);
      this.#show({ index: Number(index), stream: stream as Stream, text: mask.rest() });
    }
  }

  finish(): void {
    this.#unmask(null);
  }

  /** What ended the run stays its error, though the rest of a line should be too much. */
  breakOff(): void {
    try {
      this.#unmask(null);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
    }
  }

  #end({ index, ok, exitStatus }: SessionFrame & { kind: "end" }): void {
    const { clock, progress } = this.#context;
    this.#unmask(index);
    progress(`behind ${this.#place(index)}`);
    const durationMs = clock.monotonic() - (this.#begun.get(index) ?? clock.monotonic());
    this.#send(encodeFrame({ kind: "end", index, ok, exitStatus, durationMs }));
  }

  #place(index: number): string {
    const { kind } = this.#context.order.operation;
    if (index >= this.#lines.length) return "what is shown behind them";
    return `${PLACES[kind] ?? "command"} ${index + 1} of ${this.#lines.length}`;
  }

  #send(log: string): void {
    const bytes = Buffer.byteLength(log);
    this.#size += bytes;
    const { order, credits, send } = this.#context;
    if (this.#size > order.maxOutput) throw outputLimit(order.maxOutput);
    credits.take(bytes);
    send(log);
  }
}

function outputLimit(bytes: number): DeviceError {
  return new DeviceError(
    "OutputLimit",
    `the output exceeds job.max_output (${bytes} bytes); what came before is kept. Ask for less, or raise the limit`,
    { retryable: false },
  );
}
