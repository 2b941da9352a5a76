import { invalidFields } from "./http-error.ts";

/** Where a listing goes on: bound to what was listed, so that it cannot continue another one. */
interface CursorContent {
  /** Version. */
  v: 1;
  /** Hash of the listing: its kind, filters and order. */
  l: string;
  after: string | number;
}

/** Opaque base64url. `listing` is everything that must stay the same from page to page. */
export function encodeCursor(listing: unknown, after: string | number): string {
  const content: CursorContent = { v: 1, l: hash(listing), after };
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}

/** Throws `RequestError` when it is no cursor, or one of another listing. */
export function decodeCursor<T extends "string" | "number">(
  text: string,
  listing: unknown,
  type: T,
): T extends "string" ? string : number;
export function decodeCursor(text: string, listing: unknown, type: "string" | "number"): string | number {
  const content = parse(text);
  const after = content?.v === 1 && content.l === hash(listing) ? content.after : undefined;
  if (type === "string" && typeof after === "string") return after;
  if (type === "number" && typeof after === "number" && Number.isSafeInteger(after)) return after;
  const msg = "is not of this listing: filters and order must stay the same; leave it out to start again";
  throw invalidFields([{ loc: ["query", "cursor"], msg }]);
}

/**
 * A `Link` to the next page: a reference relative to this server, so that it is right behind any proxy.
 * `query` must not hold the API key.
 */
export function nextLink(path: string, query: object, cursor: string): string {
  const pairs = Object.entries({ ...query, cursor }).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return `<${path}?${new URLSearchParams(pairs)}>; rel="next"`;
}

function parse(text: string): Partial<CursorContent> | null {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return null; // not one of ours
  }
}

function hash(listing: unknown): string {
  return Bun.hash(JSON.stringify(listing)).toString(36);
}
