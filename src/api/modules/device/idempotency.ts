import type { FieldError } from "../../../core/errors.ts";
import { IDEMPOTENCY_KEY } from "./schema.ts";

/** The header `Idempotency-Key`, where it is given. */
export function readIdempotencyKey(headers: Headers): { idempotencyKey?: string; errors: FieldError[] } {
  const key = headers.get("idempotency-key");
  if (key === null) return { errors: [] };
  return IDEMPOTENCY_KEY.test(key) ? { idempotencyKey: key, errors: [] } : { errors: [BAD_KEY] };
}

const BAD_KEY: FieldError = {
  loc: ["header", "Idempotency-Key"],
  msg: "must be 1 to 255 printable ASCII characters without spaces",
};
