import { timingSafeEqual } from "node:crypto";
import { FULL_ACCESS } from "../core/access.ts";
import { DEFAULT_KEY_NAME, idOfKey } from "../core/api-key.ts";
import type { Clock } from "../core/clock.ts";
import type { Caller } from "../engine/engine.ts";
import type { Clients } from "./clients.ts";
import { fewerScopes } from "./fewer-scopes.ts";
import { HttpError } from "./http-error.ts";
import { KeyRing, type KeyRingDeps, type KnownKey } from "./key-ring.ts";
import { RateLimit } from "./rate-limit.ts";

/** Lets a request in, and knows afterwards whose it is. */
export interface Authenticator {
  /**
   * Whose request it is, at once where the key is known. Throws or rejects with `HttpError`: 401 without the right key,
   * 403 for a cookie that another site made a browser send, 429 for too many requests.
   */
  admit(request: Request): Caller | Promise<Caller>;
  /** Whose request it is, once it was admitted. */
  callerOf(request: Request): Caller;
  /** The key that came with it. */
  keyOf(request: Request): string;
}

export interface AuthDeps extends KeyRingDeps {
  /** The key of the configuration. */
  apiKey: string;
  clients: Pick<Clients, "of">;
  /** Requests a minute of a key that has no limit of its own; 0: any number. */
  perMinute: number;
}

const QUERY_KEY = /[?&]x-api-key=([^&#]*)/i;
const COOKIE_KEY = /(?:^|;\s*)x-api-key=([^;]*)/i;
const BEARER = /^bearer\s+(\S+)\s*$/i;

const DEFAULT_CALLER: Caller = { key: DEFAULT_KEY_NAME, access: FULL_ACCESS };

export function authenticator({ apiKey, perMinute, clients, ...deps }: AuthDeps): Authenticator {
  const ring = new KeyRing(deps);
  const rate = new RateLimit(deps.clock);
  const callers = new WeakMap<Request, Caller>();
  const configured: KnownKey = {
    caller: DEFAULT_CALLER,
    digest: digestInto(new Uint8Array(DIGEST_BYTES), apiKey),
    expiresAt: null,
    perMinute: null,
  };

  function enter(request: Request, { key, inCookie }: Presented, known: KnownKey | null): Caller {
    const { caller: whole, perMinute: own } = opened(key, known, deps.clock);
    const caller = fewerScopes(whole, request.headers);
    if (inCookie) refuseOtherSites(request, clients.of(request).host);
    const limit = own ?? perMinute;
    const wait = limit === 0 ? 0 : rate.take(caller.key, limit);
    if (wait > 0) throw tooMany(limit, wait);
    callers.set(request, caller);
    return caller;
  }

  return {
    admit(request) {
      const presented = presentedKey(request);
      const id = idOfKey(presented.key);
      if (id === null || matches(presented.key, configured)) return enter(request, presented, configured);
      const found = ring.find(id);
      if (!(found instanceof Promise)) return enter(request, presented, found);
      return found.then((known) => enter(request, presented, known));
    },
    callerOf(request) {
      const caller = callers.get(request);
      if (caller === undefined) throw new Error("a request that was not admitted has no caller");
      return caller;
    },
    keyOf: (request) => presentedKey(request).key,
  };
}

/** The key itself, once it is sure that the caller knows it. */
function opened(presented: string, key: KnownKey | null, clock: Clock): KnownKey {
  if (key === null || !matches(presented, key)) throw unauthorized("wrong API key");
  if (key.expiresAt !== null && clock.now() >= key.expiresAt) throw unauthorized("the API key has expired");
  return key;
}

const DIGEST_BYTES = 32;
const scratch = new Uint8Array(DIGEST_BYTES);

/** Digests have one length, so the comparison tells nothing, not even that of the key. */
function matches(presented: string, { digest }: KnownKey): boolean {
  return timingSafeEqual(digestInto(scratch, presented), digest);
}

function digestInto(into: Uint8Array<ArrayBuffer>, text: string): Uint8Array<ArrayBuffer> {
  Bun.SHA256.hash(text, into);
  return into;
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, message, { headers: { "www-authenticate": 'Bearer realm="netpulse"' } });
}

function tooMany(perMinute: number, seconds: number): HttpError {
  return new HttpError(429, `the key may make ${perMinute} requests a minute; ask again in ${seconds} s`, {
    headers: { "retry-after": String(seconds) },
  });
}

interface Presented {
  key: string;
  /** A browser put it there, whoever made it ask. */
  inCookie: boolean;
}

function presentedKey(request: Request): Presented {
  const explicit = explicitKey(request);
  const key = explicit ?? cookieKey(request.headers);
  if (key === null) throw unauthorized("no API key; send it in the header X-API-KEY");
  return { key, inCookie: explicit === null };
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
function refuseOtherSites({ headers }: Request, host: string | null): void {
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const foreignSite = site !== null && site !== "same-origin" && site !== "none";
  const foreignOrigin = origin !== null && hostOf(origin) !== host?.toLowerCase();
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
