/** The closed list of `result.error.type`. */
export const ERROR_TYPES = [
  "ConnectionError",
  "AuthenticationError",
  "HostKeyError",
  "CircuitOpen",
  "TimeoutError",
  "PromptError",
  "CommandError",
  "ConfigError",
  "ConfigLocked",
  "OutputLimit",
  "TemplateError",
  "CredentialError",
  "JobExpired",
  "JobAborted",
  "WorkerStopped",
  "WorkerLost",
  "InternalError",
] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

/** One wrong field of a request. `loc` is the path to it; `msg` says what is wrong and the way out. */
export interface FieldError {
  loc: (string | number)[];
  msg: string;
}

/**
 * A request that cannot be served, in the domain's words. `api/errors.ts` is the one place that turns
 * it into an HTTP answer. `message` goes to the caller: never a secret, never the input's values.
 */
export class RequestError extends Error {
  /** `forbidden`: the caller's key does not allow it. `limited`: not now. */
  readonly kind: "invalid" | "not_found" | "conflict" | "forbidden" | "limited";
  readonly fields: FieldError[];
  /** Seconds until it is worth asking again. */
  readonly retryAfter: number | null;
  constructor(
    kind: RequestError["kind"],
    message: string,
    fields: FieldError[] = [],
    retryAfter: number | null = null,
  ) {
    super(message);
    this.name = "RequestError";
    this.kind = kind;
    this.fields = fields;
    this.retryAfter = retryAfter;
  }
}

/**
 * What a device session may throw. Anything else that escapes a driver becomes `InternalError`.
 * `message` goes into the job: never a secret.
 */
export class DeviceError extends Error {
  readonly type: ErrorType;
  readonly retryable: boolean;
  constructor(type: ErrorType, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "DeviceError";
    this.type = type;
    this.retryable = options.retryable ?? (type === "ConnectionError" || type === "TimeoutError");
  }
}

/** A store that cannot answer. Expected outcomes of storage calls are values, never this. */
export class StorageError extends Error {
  readonly kind: "unavailable" | "schema_too_new" | "corrupt";
  constructor(kind: StorageError["kind"], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "StorageError";
    this.kind = kind;
  }
}

/** A file of ours that cannot be had. `message` completes "PATH …" and is made for whoever gave the path. */
export class FileError extends Error {
  readonly kind: "invalid" | "not_found" | "too_large" | "full" | "unreachable";
  constructor(kind: FileError["kind"], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "FileError";
    this.kind = kind;
  }
}

/** A start that cannot go on because of what the operator gave; printed as one line, exit code 2. */
export class StartupError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "StartupError";
  }
}

/** A template can name things at any length; nobody reads more of it. */
const MAX_REASON = 500;

/**
 * A template that is wrong or that does not fit what it is given. `message` is made for the template's
 * author and names the line; it holds nothing of the text that was parsed, which may be secret.
 */
export class TemplateError extends Error {
  readonly reason: string;
  /** Of the template, from 1; null where no one line is to blame. */
  readonly line: number | null;
  /** In the template folder; null where the template came inline. */
  readonly file: string | null;
  /** There is no such template. */
  readonly notFound: boolean;
  constructor(
    reason: string,
    options: { line?: number | null; file?: string | null; notFound?: boolean; cause?: unknown } = {},
  ) {
    const { line = null, file = null, notFound = false } = options;
    const where = [file, line === null ? null : `line ${line}`].filter((part) => part !== null).join(", ");
    const short = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason;
    super(where === "" ? short : `${where}: ${short}`, { cause: options.cause });
    this.name = "TemplateError";
    this.reason = short;
    this.line = line;
    this.file = file;
    this.notFound = notFound;
  }
}
