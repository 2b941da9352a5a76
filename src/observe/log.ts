import pino, { type DestinationStream, type Logger as Pino } from "pino";
import { cleanFields, cleanText, type LogFields } from "./fields.ts";
import { prettyDestination } from "./pretty.ts";

export type { LogFields } from "./fields.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Structured log. A message is a constant sentence; what varies goes into fields, which are a closed
 * list of scalars: secrets cannot be logged by handing over an object, and text is masked.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Whether lines of this level are written: to spare the work of making one that is not. */
  enabled(level: LogLevel): boolean;
  /** A logger whose lines all carry these fields. */
  child(fields: LogFields): Logger;
}

export interface LogOptions {
  level: LogLevel;
  format: "json" | "pretty";
  /** Values to hide wherever they occur: this process's own keys. */
  secrets?: readonly string[];
  /** Where lines go; standard error when absent. */
  destination?: DestinationStream;
}

/** A log and the way to end it: `close` writes what is still buffered. */
export interface OpenLog {
  log: Logger;
  close(): void;
}

/** Lines are dropped rather than kept beyond this while nobody reads standard error. */
const MAX_BUFFERED = 8 * 1024 ** 2;

export function openLog(options: LogOptions): OpenLog {
  // Asynchronous, so that a full pipe never blocks the event loop; no worker threads.
  const stderr = options.destination
    ? null
    : pino.destination({ fd: 2, sync: false, maxLength: MAX_BUFFERED });
  const target = options.destination ?? stderr;
  if (!target) throw new Error("a log needs a destination");
  const instance = pino(
    {
      level: options.level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.format === "pretty" ? prettyDestination(target) : target,
  );
  const known = (options.secrets ?? []).filter((secret) => secret.length > 0);
  return { log: wrap(instance, known), close: () => flush(stderr) };
}

function flush(stderr: ReturnType<typeof pino.destination> | null): void {
  try {
    stderr?.flushSync();
  } catch {
    // Standard error is gone; there is nowhere left to say so.
  }
}

function wrap(instance: Pino, known: readonly string[]): Logger {
  const write = (level: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (!instance.isLevelEnabled(level)) return;
    instance[level](fields ? cleanFields(fields, known) : {}, cleanText(String(message), known));
  };
  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
    enabled: (level) => instance.isLevelEnabled(level),
    child: (fields) => wrap(instance.child(cleanFields(fields, known)), known),
  };
}
