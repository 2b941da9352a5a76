import type { ErrorType, FieldError } from "../core/errors.ts";
import type { Job } from "./types.ts";

/** Whatever the client throws, but for what a caller's own signal was aborted with. Never holds the key. */
export class NetpulseError extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No answer came, or not a whole one. For a call that changes something it is not known whether it was done. */
export class NetworkError extends NetpulseError {
  /** Nothing was sent: there was no connection. */
  readonly unsent: boolean;

  constructor(message: string, { unsent = false, ...options }: ErrorOptions & { unsent?: boolean } = {}) {
    super(message, options);
    this.unsent = unsent;
  }
}

/** Something answered that is not this API: a proxy's page, a redirect, another service. */
export class BadAnswer extends NetpulseError {
  readonly status: number;

  constructor(status: number, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.status = status;
  }
}

/** What an answer that is no success says. */
export interface Refusal {
  status: number;
  message: string;
  data: unknown;
  /** Milliseconds after which it is worth asking again, where the API says so. */
  retryAfterMs: number | null;
}

/** The API refused, or could not serve, the request. */
export class ApiError extends NetpulseError {
  readonly status: number;
  readonly data: unknown;
  readonly retryAfterMs: number | null;

  constructor({ status, message, data, retryAfterMs }: Refusal) {
    super(message);
    this.status = status;
    this.data = data;
    this.retryAfterMs = retryAfterMs;
  }
}

/** 401: the key is missing or wrong. */
export class Unauthorized extends ApiError {}
/** 403: the key may not do this. */
export class Forbidden extends ApiError {}
/** 404: there is no such thing, or not any more. */
export class NotFound extends ApiError {}
/** 409: the state forbids it, as when a job that has started is to be cancelled. */
export class Conflict extends ApiError {}
/** 429: too much at once. */
export class TooManyRequests extends ApiError {}
/** 502, 503, 504: the store, or the API behind a proxy, does not answer now. */
export class Unavailable extends ApiError {}
/** Any other 5xx: a fault of the server's. */
export class ServerError extends ApiError {}

/** 422: fields or parameters are wrong. */
export class ValidationError extends ApiError {
  /** Every one of them. */
  readonly fields: FieldError[];

  constructor(refusal: Refusal) {
    super(refusal);
    this.fields = Array.isArray(refusal.data) ? refusal.data.filter(isFieldError) : [];
  }
}

function isFieldError(value: unknown): value is FieldError {
  return typeof value === "object" && value !== null && "loc" in value && "msg" in value;
}

/** The job did not end in the time given; it goes on. */
export class WaitTimeout extends NetpulseError {
  readonly jobId: string;

  constructor(jobId: string, ms: number, options: ErrorOptions = {}) {
    super(`${jobId} has not ended within ${ms / 1000} s`, options);
    this.jobId = jobId;
  }
}

/** The job ended, and not well. */
export class JobFailed extends NetpulseError {
  readonly job: Job;
  /** Null for a job that was cancelled. */
  readonly type: ErrorType | null;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  constructor(job: Job) {
    const error = job.result?.error ?? null;
    super(error === null ? `${job.id} was ${job.status}` : `${error.type}: ${error.message}`);
    this.job = job;
    this.type = error?.type ?? null;
    this.retryable = error?.retryable ?? false;
  }
}

const CLASSES: Record<number, typeof ApiError> = {
  401: Unauthorized,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  422: ValidationError,
  429: TooManyRequests,
  502: Unavailable,
  503: Unavailable,
  504: Unavailable,
};

export function apiError(refusal: Refusal): ApiError {
  const Class = CLASSES[refusal.status] ?? (refusal.status >= 500 ? ServerError : ApiError);
  return new Class(refusal);
}
