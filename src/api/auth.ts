import { timingSafeEqual } from "node:crypto";
import type { Caller } from "../engine/engine.ts";
import { HttpError } from "./http-error.ts";

/** Lets a request in, and knows afterwards whose it is. */
export interface Authenticator {
  /** Throws `HttpError`: 401 without the right key, 403 for a cookie that another site made a browser send. */
  admit(request: Request): void;
  /** Whose request it is, once it was admitted. */
  callerOf(request: Request): Caller;
}

const QUERY_KEY = /[?&]x-api-key=([^&#]*)/i;
const COOKIE_KEY = /(?:^|;\s*)x-api-key=([^;]*)/i;
const BEARER = /^bearer\s+(\S+)\s*$/i;

/** The name of the one key there is. */
const DEFAULT_CALLER: Caller = { key: "default" };

export function authenticator(apiKey: string): Authenticator {
  const expected = digestInto(new Uint8Array(DIGEST_BYTES), apiKey);
  const presented = new Uint8Array(DIGEST_BYTES);

  function check(key: string | null): void {
    // Digests have one length, so the comparison tells nothing, not even that of the key.
    if (key !== null && timingSafeEqual(digestInto(presented, key), expected)) return;
    throw new HttpError(401, key === null ? "no API key; send it in the header X-API-KEY" : "wrong API key", {
      headers: { "www-authenticate": 'Bearer realm="netpulse"' },
    });
  }

  return {
    admit(request) {
      const key = explicitKey(request);
      if (key !== null || !request.headers.has("cookie")) return check(key);
      check(cookieKey(request.headers));
      refuseOtherSites(request);
    },
    callerOf: () => DEFAULT_CALLER,
  };
}

const DIGEST_BYTES = 32;

function digestInto(into: Uint8Array<ArrayBuffer>, text: string): Uint8Array<ArrayBuffer> {
  Bun.SHA256.hash(text, into);
  return into;
}

/** A key that the caller put there on purpose; the first place that has one decides. */
function explicitKey({ headers, url }: Request): string | null {
  const header = headers.get("x-api-key") ?? BEARER.exec(headers.get("authorization") ?? "")?.[1];
  if (header !== undefined) return header;
  const query = QUERY_KEY.exec(url)?.[1];
  return query === undefined ? null : decode(query);
}

function cookieKey(headers: Headers): string | null {
  const value = COOKIE_KEY.exec(headers.get("cookie") ?? "")?.[1];
  return value === undefined ? null : decode(value);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded: taken as it is
  }
}

/**
 * A browser sends the cookie along whoever made it ask. It also says who did, in `Sec-Fetch-Site` and
 * `Origin`, which no page can change; other clients send neither.
 */
function refuseOtherSites({ headers }: Request): void {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const foreignSite = site !== null && site !== "same-origin" && site !== "none";
  const foreignOrigin = origin !== null && hostOf(origin) !== headers.get("host")?.toLowerCase();
  if (!foreignSite && !foreignOrigin) return;
  throw new HttpError(403, "another site may not use your session; send the key in the header X-API-KEY");
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
