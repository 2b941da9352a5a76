import type { Clock } from "../core/clock.ts";
import type { RandomBytes } from "../core/ids.ts";
import { type Answer, readAnswer, readHead, readText } from "./answer.ts";
import { backoffMs, mayRepeat, wishOf } from "./backoff.ts";
import { NetpulseError, NetworkError } from "./errors.ts";
import { type Deadline, deadline, pause, randomKey } from "./timing.ts";
import type { Page, Paging } from "./types.ts";

/** As the global one; a test's, or one that goes through a proxy. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What every call goes through. */
export interface HttpDeps {
  url: string;
  apiKey: string | null;
  /** With commas between them; null: all that the key has. */
  scopes: string | null;
  fetch: Fetch;
  clock: Clock;
  random: RandomBytes;
  /** For one try of a call. */
  timeoutMs: number;
  /** For all tries of a call, from the first failure on. */
  retryForMs: number;
}

/** How one call is made. */
export interface CallOptions {
  /** Ends the call, with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long one try may take, ms. */
  timeoutMs?: number | undefined;
  /** For how long it is tried again, ms; 0: never. */
  retryForMs?: number | undefined;
}

/** Of what is submitted. */
export interface SubmitOptions extends CallOptions {
  /** One of your own, for repeats that outlive this program; else each call makes one. */
  idempotencyKey?: string | undefined;
}

interface Call {
  method: "GET" | "POST" | "DELETE";
  path: string;
  query?: object;
  /** JSON, or what is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Whether it does no harm when it is done twice. */
  repeatable: boolean;
}

/** Requests with their retries, and answers out of their envelopes. */
export class Http {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly #deps: HttpDeps;

  constructor(deps: HttpDeps) {
    this.#deps = deps;
    this.clock = deps.clock;
    this.random = deps.random;
  }

  async get<T>(path: string, query: object = {}, options: CallOptions = {}): Promise<T> {
    const call = { method: "GET", path, query, repeatable: true } as const;
    return (await this.#answer(call, options)).data as T;
  }

  async page<T>(path: string, query: Paging, options: CallOptions = {}): Promise<Page<T>> {
    const call = { method: "GET", path, query, repeatable: true } as const;
    const { data, nextCursor } = await this.#answer(call, options);
    return { items: data as T[], nextCursor };
  }

  /** With what stands beside the data. */
  async getWhole<T>(path: string, query: object, options: CallOptions = {}): Promise<[T, string | null]> {
    const { data, nextCursor } = await this.#answer(
      { method: "GET", path, query, repeatable: true },
      options,
    );
    return [data as T, nextCursor];
  }

  async getText(path: string, options: CallOptions = {}): Promise<string> {
    return await this.#send({ method: "GET", path, repeatable: true }, options, readText);
  }

  /** Once: nobody knows after a lost answer whether it was done. */
  async delete<T>(
    path: string,
    query: object,
    options: CallOptions = {},
  ): Promise<{ data: T; details: unknown }> {
    const { data, details } = await this.#answer(
      { method: "DELETE", path, query, repeatable: false },
      options,
    );
    return { data: data as T, details };
  }

  async post<T>(call: Omit<Call, "method">, options: CallOptions = {}): Promise<T> {
    return (await this.#answer({ ...call, method: "POST" }, options)).data as T;
  }

  /** Repeats carry the key of the first, so that the API tells them from new ones. */
  async submit<T>(path: string, body: unknown, options: SubmitOptions = {}): Promise<T> {
    const { idempotencyKey = randomKey(this.random) } = options;
    const headers = { "Idempotency-Key": idempotencyKey };
    return await this.post({ path, body, headers, repeatable: true }, options);
  }

  /** An answer that is no JSON: its body is the caller's to read, for as long as that takes. */
  async download(
    path: string,
    headers: Record<string, string>,
    options: CallOptions = {},
  ): Promise<Response> {
    return await this.#send({ method: "GET", path, headers, repeatable: true }, options, readHead);
  }

  /** An answer to be read while it comes, however long; the deadline is for its next sign of life. */
  async open(path: string, headers: Record<string, string>, silence: Deadline): Promise<Response> {
    return await this.#fetch({ method: "GET", path, headers, repeatable: true }, silence.signal);
  }

  #answer(call: Call, options: CallOptions): Promise<Answer> {
    return this.#send(call, options, readAnswer);
  }

  async #send<T>(call: Call, options: CallOptions, read: Reader<T>): Promise<T> {
    const { clock, random, retryForMs } = this.#deps;
    const until = clock.monotonic() + (options.retryForMs ?? retryForMs);
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(call, options, read);
      } catch (error) {
        if (!mayRepeat(error, call.repeatable)) throw error;
        // Spread over the time after what the server asked for, never earlier.
        const wait = wishOf(error) + backoffMs(attempt, random);
        if (clock.monotonic() + wait > until) throw error;
        await pause(clock, wait, options.signal);
      }
    }
  }

  async #once<T>(call: Call, options: CallOptions, read: Reader<T>): Promise<T> {
    const { clock, timeoutMs } = this.#deps;
    const ms = options.timeoutMs ?? timeoutMs;
    options.signal?.throwIfAborted();
    const end = deadline(clock, ms, options.signal);
    try {
      return await read(await this.#fetch(call, end.signal), clock.now());
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof NetpulseError) throw error;
      throw lost(end.passed ? `no answer within ${ms / 1000} s` : null, error);
    } finally {
      end.end();
    }
  }

  #fetch({ method, path, query = {}, body, headers }: Call, signal: AbortSignal): Promise<Response> {
    const { url, apiKey, scopes, fetch } = this.#deps;
    return fetch(`${url}${path}${encodeQuery(query)}`, {
      method,
      signal,
      redirect: "manual",
      headers: {
        accept: "application/json",
        ...(apiKey !== null && { "x-api-key": apiKey }),
        ...(scopes !== null && { "x-netpulse-scopes": scopes }),
        ...(body !== undefined && !isRaw(body) && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
    });
  }
}

/** Sent as it is: a file, or a form with one. */
function isRaw(body: unknown): body is FormData | Blob {
  return body instanceof FormData || body instanceof Blob;
}

type Reader<T> = (response: Response, now: number) => Promise<T>;

/** `path` with its parameters, each as one segment. */
export function at(strings: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: strings }, ...values.map(encodeURIComponent));
}

/** Every entry of a listing, page by page as they are wanted. */
export async function* entries<T>(readPage: (paging: Paging) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await readPage(cursor === null ? {} : { cursor });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** `unsent` as far as the runtime says it: browsers do not. */
export function lost(what: string | null, cause: unknown): NetworkError {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  const unsent = what === null && UNSENT.has(code || causeCode(cause));
  const why =
    what ?? (unsent ? "nobody listens at this address" : "the connection broke before the answer was whole");
  return new NetworkError(why, { cause, unsent });
}

/** Of Bun, and of Node under the error that its fetch throws. */
const UNSENT = new Set([
  "ConnectionRefused",
  "ECONNREFUSED",
  "ENOTFOUND",
  "FailedToOpenSocket",
  "DNSLookupFailed",
]);

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
}

function encodeQuery(query: object): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, string] => [
      name,
      value instanceof Date ? value.toISOString() : String(value),
    ]);
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
}
