import { SECURITY_HEADERS } from "./reply.ts";

/** Which pages of other sites may use the API from a browser. */
export interface Cors {
  /** The answer to a browser that asks beforehand whether a page may, to be opened too; null: no such question, or it may not. */
  preflight(request: Request): Response | null;
  /** Lets the page that asked read the answer. */
  open(request: Request, response: Response): void;
}

/** What stands for every origin. */
const ANY = "*";

const PERMISSION = {
  "access-control-allow-methods": "GET, HEAD, POST, DELETE",
  "access-control-allow-headers":
    "X-API-KEY, Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Mcp-Session-Id, MCP-Protocol-Version, X-NetPulse-Scopes",
  "access-control-max-age": "600",
};
const EXPOSED = "Allow, Idempotency-Replayed, Link, Mcp-Session-Id, Retry-After, WWW-Authenticate";

/**
 * `origins` with commas between them, or `*`; null: none. A page must send the key itself: cookies are never allowed, as they
 * would let it act with the key of whoever looks at it.
 */
export function corsFor(origins: string | null): Cors {
  const allowed = new Set(origins?.split(",").map((origin) => origin.trim()));

  function headersFor({ headers }: Request): Record<string, string> | null {
    const origin = headers.get("origin");
    if (origin === null || !(allowed.has(ANY) || allowed.has(origin))) return null;
    return { "access-control-allow-origin": allowed.has(ANY) ? ANY : origin };
  }

  return {
    preflight(request) {
      if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method")) return null;
      if (headersFor(request) === null) return null;
      return new Response(null, { status: 204, headers: { ...SECURITY_HEADERS, ...PERMISSION } });
    },
    open(request, response) {
      if (allowed.size === 0) return;
      response.headers.append("vary", "Origin");
      const headers = headersFor(request);
      if (headers === null) return;
      response.headers.set("access-control-expose-headers", EXPOSED);
      for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    },
  };
}
