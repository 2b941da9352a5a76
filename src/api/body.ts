import type { Clock } from "../core/clock.ts";
import { HttpError } from "./http-error.ts";

export interface BodyLimits {
  /** Bytes. */
  max: number;
  /** How long the client may take to send it, ms. */
  timeoutMs: number;
}

/** Reads a request's JSON body within limits. Throws `HttpError`: 400, 408, 413, 415. */
export type JsonReader = (request: Request) => Promise<unknown>;

/** After this the connection is of no more use: part of the body may still be on its way. */
const CLOSE = { connection: "close" };

/**
 * How much more than allowed is still taken off the connection before it is closed. A client that is
 * cut off while it sends reports a broken connection instead of our answer.
 */
const LINGER_FACTOR = 8;

const MAX_DEPTH = 64;
const decoder = new TextDecoder("utf-8", { fatal: true });

export function jsonReader(limits: BodyLimits, clock: Clock): JsonReader {
  return async (request) => {
    checkType(request.headers);
    const bytes = await inTime(clock, limits.timeoutMs, (signal) => readBytes(request, limits.max, signal));
    return parseJson(bytes);
  };
}

function checkType(headers: Headers): void {
  const [type = "", ...parameters] = (headers.get("content-type") ?? "application/json")
    .toLowerCase()
    .split(";");
  const encoding = headers.get("content-encoding") ?? "identity";
  const charset = parameters.find((parameter) => parameter.trim().startsWith("charset="));
  if (!/^application\/([\w.+-]+\+)?json$/.test(type.trim())) {
    throw new HttpError(415, "send JSON, with the header Content-Type: application/json", { headers: CLOSE });
  }
  if (encoding !== "identity" || (charset && !/charset="?utf-?8"?$/.test(charset.trim()))) {
    throw new HttpError(415, "send the JSON as plain UTF-8, without Content-Encoding", { headers: CLOSE });
  }
}

async function readBytes(request: Request, max: number, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readWithin(request, max, signal);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "the body broke off", { headers: CLOSE, cause: error });
  }
}

async function readWithin(request: Request, max: number, signal: AbortSignal): Promise<Uint8Array> {
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (length <= max) return new Uint8Array(await request.arrayBuffer());
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  return await readChunks(reader, max);
}

/** For a body of unknown or excessive length: keeps at most `max`, and takes a bounded rest to throw away. */
async function readChunks(
  reader: { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<void> },
  max: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= max * LINGER_FACTOR) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value?.length ?? 0;
    if (size > max) chunks.length = 0;
    else if (value) chunks.push(value);
  }
  if (size <= max) return Buffer.concat(chunks);
  await reader.cancel().catch(() => {});
  throw new HttpError(413, `the body is larger than ${max} bytes; send less, or raise server.max_body`, {
    headers: CLOSE,
  });
}

/** The promise, unless it takes longer; `giveUp` is told then. */
function inTime<T>(clock: Clock, ms: number, start: (giveUp: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new AbortController();
    const timer = clock.after(ms, () => {
      reject(new HttpError(408, `the body did not arrive within ${ms / 1000} s`, { headers: CLOSE }));
      late.abort();
    });
    const done = () => timer.cancel();
    start(late.signal).then(resolve, reject).finally(done);
  });
}

/** Throws `HttpError` (400) that quotes nothing. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new HttpError(400, "the body is empty; send a JSON object");
  if (isTooDeep(bytes)) throw new HttpError(400, `the JSON is nested deeper than ${MAX_DEPTH} levels`);
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    // The parser's own message may quote the body.
    throw new HttpError(400, "the body is not valid JSON in UTF-8", { cause: error });
  }
}

/** Millions of open brackets take the parser a quarter of a second and break whoever walks the result. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}
