import type { HttpError } from "./http-error.ts";

/** On every answer: an API's answers are data, never a page, a script or something to keep. */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

export const JSON_HEADERS = { ...SECURITY_HEADERS, "content-type": "application/json" } as const;

export interface ReplyOptions {
  status?: number;
  headers?: Record<string, string>;
  /** Stands beside `data` in the envelope. */
  beside?: Record<string, unknown>;
}

/** The envelope of a success. */
export function reply(data: unknown, options: ReplyOptions = {}): Response {
  const body = JSON.stringify({ code: 200, message: "success", data, ...options.beside });
  return new Response(body, { status: options.status ?? 200, headers: headersWith(options.headers) });
}

/** The envelope of a success around data that is JSON already. */
export function replyJson(data: string): Response {
  return new Response(`{"code":200,"message":"success","data":${data}}`, { headers: headersWith(undefined) });
}

/** An answer without an envelope. */
export function replyBare(body: string | ReadableStream<Uint8Array>, headers?: Record<string, string>) {
  return new Response(body, { headers: headersWith(headers) });
}

/** The envelope of a failure, and what stands beside it. */
export function replyError(error: HttpError, beside: object = {}): Response {
  const body = JSON.stringify({ code: -1, message: error.message, data: error.data, ...beside });
  return new Response(body, { status: error.status, headers: headersWith(error.headers) });
}

export function headersWith(extra: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return extra ? { ...JSON_HEADERS, ...extra } : JSON_HEADERS;
}
