import { parseRetryAfter } from "./backoff.ts";
import { ApiError, apiError, BadAnswer } from "./errors.ts";

/** The envelope of a success. */
export interface Answer {
  data: unknown;
  /** Beside `data`, where the call has it. */
  details: unknown;
  nextCursor: string | null;
}

/** Throws `ApiError` for a refusal, `BadAnswer` for what this API would not say. */
export async function readAnswer(response: Response, now: number): Promise<Answer> {
  refuseRedirect(response);
  const envelope = parse(await response.text());
  if (!response.ok) throw refusalOf(response, envelope, now);
  if (envelope?.code !== 200) throw notOurs(response.status);
  const { data = null, details, pagination } = envelope;
  return { data, details, nextCursor: cursorOf(pagination) };
}

/** A text that is not JSON in the envelope. */
export async function readText(response: Response, now: number): Promise<string> {
  refuseRedirect(response);
  const text = await response.text();
  if (!response.ok) throw refusalOf(response, parse(text), now);
  return text;
}

/** The answer itself, where it is a success. */
export async function readHead(response: Response, now: number): Promise<Response> {
  refuseRedirect(response);
  if (!response.ok) throw refusalOf(response, parse(await response.text()), now);
  return response;
}

/** Not followed: the key would go along, wherever it leads. */
function refuseRedirect({ status, type }: Response): void {
  if (type !== "opaqueredirect" && (status < 300 || status > 399)) return;
  throw new BadAnswer(status, "the server redirects to another address; give that one as the URL");
}

type Envelope = Record<string, unknown>;

function parse(text: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Envelope) : null;
  } catch {
    return null; // a proxy's page, say
  }
}

function refusalOf({ status, headers }: Response, envelope: Envelope | null, now: number): Error {
  const retryAfterMs = parseRetryAfter(headers.get("retry-after"), now);
  if (typeof envelope?.message === "string") {
    return apiError({ status, message: envelope.message, data: envelope.data ?? null, retryAfterMs });
  }
  // Proxies answer so for an API that is away or busy.
  if (status === 429 || status >= 500) {
    return apiError({ status, message: `the server answered ${status}`, data: null, retryAfterMs });
  }
  return notOurs(status);
}

function notOurs(status: number): BadAnswer {
  return new BadAnswer(status, `the answer (${status}) is not NetPulse's; check the URL`);
}

function cursorOf(pagination: unknown): string | null {
  if (typeof pagination !== "object" || pagination === null || !("next_cursor" in pagination)) return null;
  return typeof pagination.next_cursor === "string" ? pagination.next_cursor : null;
}

/** Whether something is down, which `/health` answers with 503 and what it is. */
export function isDown(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 503 && error.data !== null;
}
