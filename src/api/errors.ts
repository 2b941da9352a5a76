import type { Clock } from "../core/clock.ts";
import { FileError, RequestError, StorageError, TemplateError } from "../core/errors.ts";
import type { Logger } from "../observe/log.ts";
import { TemplatesBusyError } from "../template/templates.ts";
import { HttpError } from "./http-error.ts";

const STATUS: Record<RequestError["kind"], number> = {
  invalid: 422,
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  limited: 429,
};

const FILE_STATUS: Record<FileError["kind"], number> = {
  invalid: 422,
  not_found: 404,
  too_large: 413,
  full: 507,
  unreachable: 503,
};

/** How often an outage of the store is logged at most, ms: every request of every client meets it. */
const OUTAGE_LOG_MS = 1000;

/** Turns what a handler threw into the answer, and logs what the caller may not see. */
export type ErrorMapper = (error: unknown) => HttpError;

/** The one place where domain errors become HTTP. */
export function errorMapper({ clock, log }: { clock: Clock; log: Logger }): ErrorMapper {
  let quietUntil = Number.NEGATIVE_INFINITY;

  function unavailable(error: StorageError): HttpError {
    if (clock.monotonic() >= quietUntil) {
      quietUntil = clock.monotonic() + OUTAGE_LOG_MS;
      log.warn("the store does not answer", { kind: error.kind, error });
    }
    return new HttpError(503, "the store does not answer; try again shortly", {
      headers: { "retry-after": "1" },
    });
  }

  function internal(error: unknown): HttpError {
    const id = crypto.randomUUID();
    log.error("a request failed", { id, error });
    return new HttpError(500, `internal error; see the log, id ${id}`);
  }

  return (error) => {
    if (error instanceof HttpError) return error;
    if (error instanceof RequestError) return refusal(error);
    if (error instanceof FileError)
      return new HttpError(FILE_STATUS[error.kind], `the file ${error.message}`);
    if (error instanceof StorageError) return unavailable(error);
    if (error instanceof TemplateError) return templateRefusal(error);
    if (error instanceof TemplatesBusyError)
      return new HttpError(429, error.message, { headers: { "retry-after": "1" } });
    return internal(error);
  };
}

function refusal({ kind, message, fields, retryAfter }: RequestError): HttpError {
  return new HttpError(STATUS[kind], message, {
    data: fields.length > 0 ? fields : null,
    ...(retryAfter !== null && { headers: { "retry-after": String(retryAfter) } }),
  });
}

function templateRefusal({ message, notFound }: TemplateError): HttpError {
  if (notFound) return new HttpError(404, message);
  return refusal(new RequestError("invalid", message, [{ loc: ["body", "template"], msg: message }]));
}
