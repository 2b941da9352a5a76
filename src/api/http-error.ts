import { type FieldError, RequestError } from "../core/errors.ts";

/** An answer that is not a success. `message` and `data` go to the caller as they are. */
export class HttpError extends Error {
  readonly status: number;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: { data?: unknown; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "HttpError";
    this.status = status;
    this.data = options.data ?? null;
    this.headers = options.headers ?? {};
  }
}

/** A field that the engine calls by its place in the body, as the caller is told of it. */
export function inBody(error: FieldError): FieldError {
  return error.loc[0] === "header" ? error : { ...error, loc: ["body", ...error.loc] };
}

/** The one refusal for fields or parameters that are wrong, named all at once. */
export function invalidFields(fields: FieldError[]): RequestError {
  const names = fields.map(({ loc }) => loc.slice(1).join(".") || String(loc[0])).join(", ");
  const what = fields.every(({ loc }) => loc[0] === "query") ? "parameter" : "field";
  return new RequestError("invalid", `wrong ${what}${fields.length > 1 ? "s" : ""}: ${names}`, fields);
}
